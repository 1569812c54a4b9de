import { Construct } from 'constructs';
import type { BackupPlanModel, BackupRulePlan, EnvironmentPlan } from '../../model/index.js';
import { KEPT } from '../resources/aws-resource.js';
import {
  type BackupLifecycle,
  BackupPlan,
  BackupSelection,
  BackupVault,
  BackupVaultLock,
  BackupVaultPolicy,
} from '../resources/backup.js';
import { IamRole, IamRolePolicyAttachment } from '../resources/identity.js';
import type { DataServices } from './data-services.js';
import type { KeyArns } from './keys.js';
import { placeOf } from './place.js';
import { policyDocument, trustOf } from './policy.js';
import { RestoreTest } from './restore-test.js';
import { BACKUP_TAG } from './state.js';

/** A vault whose recovery points leave it when their time is over and not before, by whomever. */
export class LockedVault extends Construct {
  readonly vaultName: string;
  readonly vaultArn: string;

  constructor(
    scope: Construct,
    id: string,
    plan: EnvironmentPlan,
    {
      name,
      lock,
      keys,
    }: { readonly name: string; readonly lock: BackupPlanModel['lock']; readonly keys: KeyArns },
  ) {
    super(scope, id);
    const vault = new BackupVault(this, 'vault', { name, kmsKeyArn: keys.data }, KEPT);
    this.vaultName = vault.ref('name');
    this.vaultArn = vault.ref('arn');
    if (!lock) return;
    const { partition, account } = placeOf(plan);
    new BackupVaultLock(
      this,
      'lock',
      {
        backupVaultName: this.vaultName,
        minRetentionDays: lock.minDays,
        maxRetentionDays: lock.maxDays,
        ...(lock.changeableForDays === undefined ? {} : { changeableForDays: lock.changeableForDays }),
      },
      KEPT,
    );
    new BackupVaultPolicy(this, 'policy', {
      backupVaultName: this.vaultName,
      policy: policyDocument({
        Sid: 'NobodyDeletes',
        Effect: 'Deny',
        Principal: '*',
        Action: [
          'backup:DeleteBackupVault',
          'backup:DeleteRecoveryPoint',
          'backup:UpdateRecoveryPointLifecycle',
        ],
        Resource: '*',
        // AWS Backup's own role ends them in time.
        Condition: {
          ArnNotLike: {
            'aws:PrincipalArn': `arn:${partition}:iam::${account}:role/aws-service-role/backup.amazonaws.com/*`,
          },
        },
      }),
    });
  }
}

export interface BackupProps {
  readonly keys: KeyArns;
  readonly leaseTableArn: string;
  readonly data: DataServices;
}

/** When what is backed up: the lease table by its ARN, volumes and databases by tag. */
export class Backup extends Construct {
  constructor(
    scope: Construct,
    private readonly plan: EnvironmentPlan,
    { keys, leaseTableArn, data }: BackupProps,
  ) {
    super(scope, 'backup');
    const { backup, names, config } = plan;
    const { arn, partition, region } = placeOf(plan);
    const { vaultName, vaultArn } = new LockedVault(this, 'main', plan, {
      name: backup.vault,
      lock: backup.lock,
      keys,
    });
    const role = new IamRole(this, 'role', {
      name: names.role(`backup-${region}`),
      description: 'Takes and restores backups',
      assumeRolePolicy: trustOf('backup.amazonaws.com'),
    });
    for (const purpose of ['Backup', 'Restores']) {
      new IamRolePolicyAttachment(this, `role-${purpose.toLowerCase()}`, {
        role: role.ref('name'),
        policyArn: `arn:${partition}:iam::aws:policy/service-role/AWSBackupServiceRolePolicyFor${purpose}`,
      });
    }
    const schedule = new BackupPlan(this, 'plan', {
      name: names.prefix,
      rule: backup.rules.map((rule) => this.rule(rule, vaultName)),
    });
    const select = (name: string, resources: string, tag?: string) =>
      new BackupSelection(this, name, {
        name,
        planId: schedule.ref('id'),
        iamRoleArn: role.ref('arn'),
        resources: [resources],
        ...(tag
          ? {
              condition: [
                {
                  stringEquals: [
                    { key: `aws:ResourceTag/${BACKUP_TAG}`, value: tag },
                    { key: 'aws:ResourceTag/tradewind:environment', value: config.name },
                  ],
                },
              ],
            }
          : {}),
      });
    select('lease', leaseTableArn);
    select('journals', arn('ec2', 'volume/*'), 'journal');
    if (data.databaseSubnetGroup) select('databases', arn('rds', 'db:*'), 'database');
    if (!backup.restoreTest) return;
    new RestoreTest(this, plan, {
      vaultArn,
      roleArn: role.ref('arn'),
      leaseTableArn,
      keyArn: keys.data,
      ...(data.databaseSubnetGroup ? { databaseSubnetGroup: data.databaseSubnetGroup } : {}),
    });
  }

  private rule(rule: BackupRulePlan, targetVaultName: string) {
    const { backup } = this.plan;
    const { partition, account } = placeOf(this.plan);
    const lifecycle: readonly BackupLifecycle[] = [
      {
        deleteAfter: rule.keepDays,
        ...(rule.coldAfterDays === undefined
          ? {}
          : { coldStorageAfter: rule.coldAfterDays, optInToArchiveForSupportedResources: true }),
      },
    ];
    return {
      ruleName: rule.id,
      targetVaultName,
      schedule: rule.schedule,
      startWindow: 60,
      completionWindow: rule.id === 'hourly' ? 120 : 480,
      lifecycle,
      ...(rule.copy && backup.copyVault
        ? {
            copyAction: [
              {
                destinationVaultArn: `arn:${partition}:backup:${backup.copyVault.region}:${account}:backup-vault:${backup.copyVault.vault}`,
                lifecycle,
              },
            ],
          }
        : {}),
    };
  }
}
