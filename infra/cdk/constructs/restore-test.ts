import * as backup from 'aws-cdk-lib/aws-backup';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { EnvironmentPlan } from '../../model/index.js';

export interface RestoreTestProps {
  readonly plan: EnvironmentPlan;
  readonly vaultArn: string;
  readonly roleArn: string;
  readonly leaseTableArn: string;
  /** Absent without a database. */
  readonly databaseSubnetGroup?: string;
  /** What a restored table is encrypted with. */
  readonly key: IKey;
}

/** Time the function has to look at what was restored before AWS Backup deletes it again. */
const VALIDATION_HOURS = 4;

/**
 * Restores the newest recovery point of each kind every week. A function looks at what came out and reports; AWS Backup
 * deletes it afterwards.
 */
export class RestoreTest extends Construct {
  constructor(scope: Construct, id: string, props: RestoreTestProps) {
    super(scope, id);
    const { names, backup: planned, config } = props.plan;
    const name = names.prefix.replaceAll('-', '_');
    const plan = new backup.CfnRestoreTestingPlan(this, 'Plan', {
      restoreTestingPlanName: name,
      scheduleExpression: planned.restoreTestSchedule,
      startWindowHours: 1,
      recoveryPointSelection: {
        algorithm: 'LATEST_WITHIN_WINDOW',
        includeVaults: [props.vaultArn],
        recoveryPointTypes: ['SNAPSHOT'],
        selectionWindowDays: 7,
      },
    });
    const select = (
      selectionId: 'Lease' | 'Journals' | 'Databases',
      selection: Pick<
        backup.CfnRestoreTestingSelectionProps,
        | 'protectedResourceType'
        | 'protectedResourceArns'
        | 'protectedResourceConditions'
        | 'restoreMetadataOverrides'
      >,
    ) => {
      const resource = new backup.CfnRestoreTestingSelection(this, selectionId, {
        restoreTestingPlanName: name,
        restoreTestingSelectionName: selectionId.toLowerCase(),
        iamRoleArn: props.roleArn,
        validationWindowHours: VALIDATION_HOURS,
        ...selection,
      });
      resource.addResourceDependency(plan);
    };
    const ofThisEnvironment = {
      protectedResourceArns: ['*'],
      protectedResourceConditions: {
        stringEquals: [{ key: 'aws:ResourceTag/tradewind:environment', value: config.name }],
      },
    };
    select('Lease', {
      protectedResourceType: 'DynamoDB',
      protectedResourceArns: [props.leaseTableArn],
      restoreMetadataOverrides: { encryptionType: 'KMS', kmsMasterKeyArn: props.key.keyArn },
    });
    select('Journals', { protectedResourceType: 'EBS', ...ofThisEnvironment });
    if (props.databaseSubnetGroup) {
      select('Databases', {
        protectedResourceType: 'RDS',
        ...ofThisEnvironment,
        // Not into the default VPC, which may not exist.
        restoreMetadataOverrides: { dbSubnetGroupName: props.databaseSubnetGroup },
      });
    }
  }
}
