import { Stack, Validations } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { EnvironmentPlan } from '../../model/index.js';
import { BACKUP_TAG } from './journal-volume.js';

export interface BackupScheduleProps {
  readonly plan: EnvironmentPlan;
  readonly vaultName: string;
  readonly leaseTableArn: string;
}

/** Policies of AWS that AWS Backup works with; they name what each kind of resource needs, and follow its changes. */
const SERVICE_POLICIES = ['AWSBackupServiceRolePolicyForBackup', 'AWSBackupServiceRolePolicyForRestores'];

/**
 * When what is backed up. The lease table by its ARN; volumes and databases by tag, so that a new one is taken in by itself,
 * and only those of this environment. Tables and databases recover to a point in time by themselves: continuous backup here
 * would take that over and could no longer be set where they are made.
 */
export class BackupSchedule extends Construct {
  readonly role: iam.Role;

  constructor(scope: Construct, id: string, { plan, vaultName, leaseTableArn }: BackupScheduleProps) {
    super(scope, id);
    const { account, partition, region } = Stack.of(this);
    this.role = this.serviceRole();
    const schedule = new backup.CfnBackupPlan(this, 'Plan', {
      backupPlan: {
        backupPlanName: plan.names.prefix,
        backupPlanRule: plan.backup.rules.map((rule) => {
          const lifecycle = {
            deleteAfterDays: rule.keepDays,
            ...(rule.coldAfterDays === undefined
              ? {}
              : {
                  moveToColdStorageAfterDays: rule.coldAfterDays,
                  // Snapshots of volumes too, where the rule runs once a month or less.
                  optInToArchiveForSupportedResources: true,
                }),
          };
          return {
            ruleName: rule.id,
            targetBackupVault: vaultName,
            scheduleExpression: rule.schedule,
            startWindowMinutes: rule.startWithinMinutes,
            completionWindowMinutes: rule.id === 'hourly' ? 120 : 480,
            lifecycle,
            ...(rule.copy && plan.backup.copyVault
              ? {
                  copyActions: [
                    {
                      destinationBackupVaultArn: `arn:${partition}:backup:${plan.backup.copyVault.region}:${account}:backup-vault:${plan.backup.copyVault.vault}`,
                      lifecycle,
                    },
                  ],
                }
              : {}),
          };
        }),
      },
    });
    const select = (
      selectionId: string,
      selection: Omit<SelectionResource, 'iamRoleArn' | 'selectionName'>,
    ) =>
      new backup.CfnBackupSelection(this, selectionId, {
        backupPlanId: schedule.attrBackupPlanId,
        backupSelection: {
          selectionName: selectionId.toLowerCase(),
          iamRoleArn: this.role.roleArn,
          ...selection,
        },
      });
    select('Lease', { resources: [leaseTableArn] });
    select('Journals', tagged('journal', plan, `arn:${partition}:ec2:${region}:${account}:volume/*`));
    if (plan.config.data.postgres) {
      select('Databases', tagged('database', plan, `arn:${partition}:rds:${region}:${account}:db:*`));
    }
  }

  private serviceRole(): iam.Role {
    const role = new iam.Role(this, 'Role', {
      // As documented: AWS Backup promises no source account here, and only this account can lend the role.
      assumedBy: new iam.ServicePrincipal('backup.amazonaws.com'),
      description: 'Takes and restores backups',
      managedPolicies: SERVICE_POLICIES.map((name) =>
        iam.ManagedPolicy.fromAwsManagedPolicyName(`service-role/${name}`),
      ),
    });
    for (const name of SERVICE_POLICIES) {
      Validations.of(role).acknowledge({
        id: `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/${name}]`,
        reason:
          'AWS Backup documents this policy as what its jobs need, resource kind by resource kind, and extends it with them; only the service can take on the role.',
      });
    }
    return role;
  }
}

type SelectionResource = backup.CfnBackupSelection.BackupSelectionResourceTypeProperty;

/** Conditions are and-ed; the list of tags would be or-ed and take in the other environments of the account. */
function tagged(value: 'journal' | 'database', plan: EnvironmentPlan, resources: string) {
  return {
    resources: [resources],
    conditions: {
      StringEquals: [
        { ConditionKey: `aws:ResourceTag/${BACKUP_TAG}`, ConditionValue: value },
        { ConditionKey: 'aws:ResourceTag/tradewind:environment', ConditionValue: plan.config.name },
      ],
    },
  };
}
