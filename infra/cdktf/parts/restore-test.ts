import { Construct } from 'constructs';
import type { EnvironmentPlan } from '../../model/index.js';
import {
  RestoreTestingPlan,
  RestoreTestingSelection,
  type RestoreTestingSelectionArguments,
} from '../resources/backup.js';

export interface RestoreTestProps {
  readonly vaultArn: string;
  readonly roleArn: string;
  readonly leaseTableArn: string;
  /** What a restored table is encrypted with. */
  readonly keyArn: string;
  /** Where a database is restored into; absent without one. */
  readonly databaseSubnetGroup?: string;
}

/** Time the function has to look at what was restored before AWS Backup deletes it again. */
const VALIDATION_HOURS = 4;

/** Restores the newest recovery point of each kind every week. */
export class RestoreTest extends Construct {
  constructor(scope: Construct, plan: EnvironmentPlan, props: RestoreTestProps) {
    super(scope, 'restore-test');
    const testing = new RestoreTestingPlan(this, 'plan', {
      name: plan.names.prefix.replaceAll('-', '_'),
      scheduleExpression: plan.backup.restoreTestSchedule,
      startWindowHours: 1,
      recoveryPointSelection: [
        {
          algorithm: 'LATEST_WITHIN_WINDOW',
          includeVaults: [props.vaultArn],
          recoveryPointTypes: ['SNAPSHOT'],
          selectionWindowDays: 7,
        },
      ],
    });
    const select = (
      name: string,
      what: Omit<
        RestoreTestingSelectionArguments,
        'name' | 'restoreTestingPlanName' | 'iamRoleArn' | 'validationWindowHours'
      >,
    ) =>
      new RestoreTestingSelection(this, name, {
        name,
        restoreTestingPlanName: testing.ref('name'),
        iamRoleArn: props.roleArn,
        validationWindowHours: VALIDATION_HOURS,
        ...what,
      });
    // The provider takes ARNs or conditions, not the `*` that AWS Backup takes beside them.
    const ofThisEnvironment = {
      protectedResourceConditions: [
        { stringEquals: [{ key: 'aws:ResourceTag/tradewind:environment', value: plan.config.name }] },
      ],
    };
    select('lease', {
      protectedResourceType: 'DynamoDB',
      protectedResourceArns: [props.leaseTableArn],
      restoreMetadataOverrides: { encryptionType: 'KMS', kmsMasterKeyArn: props.keyArn },
    });
    select('journals', { protectedResourceType: 'EBS', ...ofThisEnvironment });
    if (props.databaseSubnetGroup) {
      select('databases', {
        protectedResourceType: 'RDS',
        ...ofThisEnvironment,
        restoreMetadataOverrides: { dbSubnetGroupName: props.databaseSubnetGroup },
      });
    }
  }
}
