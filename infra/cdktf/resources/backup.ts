import { awsResource } from './aws-resource.js';

export const BackupVault = awsResource<
  { readonly name: string; readonly kmsKeyArn: string },
  'id' | 'arn' | 'name'
>('aws_backup_vault');

export const BackupVaultLock = awsResource<{
  readonly backupVaultName: string;
  readonly minRetentionDays: number;
  readonly maxRetentionDays: number;
  /** Present: compliance mode. */
  readonly changeableForDays?: number;
}>('aws_backup_vault_lock_configuration');

export const BackupVaultPolicy = awsResource<{ readonly backupVaultName: string; readonly policy: string }>(
  'aws_backup_vault_policy',
);

export interface BackupLifecycle {
  readonly deleteAfter: number;
  readonly coldStorageAfter?: number;
  readonly optInToArchiveForSupportedResources?: boolean;
}

export const BackupPlan = awsResource<{
  readonly name: string;
  readonly rule: readonly {
    readonly ruleName: string;
    readonly targetVaultName: string;
    readonly schedule: string;
    readonly startWindow: number;
    readonly completionWindow: number;
    readonly lifecycle: readonly BackupLifecycle[];
    readonly copyAction?: readonly {
      readonly destinationVaultArn: string;
      readonly lifecycle: readonly BackupLifecycle[];
    }[];
  }[];
}>('aws_backup_plan');

export const BackupSelection = awsResource<{
  readonly name: string;
  readonly planId: string;
  readonly iamRoleArn: string;
  readonly resources: readonly string[];
  readonly condition?: readonly {
    readonly stringEquals: readonly { readonly key: string; readonly value: string }[];
  }[];
}>('aws_backup_selection');

export const RestoreTestingPlan = awsResource<
  {
    readonly name: string;
    readonly scheduleExpression: string;
    readonly startWindowHours: number;
    readonly recoveryPointSelection: readonly {
      readonly algorithm: 'LATEST_WITHIN_WINDOW';
      readonly includeVaults: readonly string[];
      readonly recoveryPointTypes: readonly 'SNAPSHOT'[];
      readonly selectionWindowDays: number;
    }[];
  },
  'name'
>('aws_backup_restore_testing_plan');

export interface RestoreTestingSelectionArguments {
  readonly name: string;
  readonly restoreTestingPlanName: string;
  readonly iamRoleArn: string;
  readonly validationWindowHours: number;
  readonly protectedResourceType: 'DynamoDB' | 'EBS' | 'RDS';
  /** These, or conditions. */
  readonly protectedResourceArns?: readonly string[];
  readonly protectedResourceConditions?: readonly {
    readonly stringEquals: readonly { readonly key: string; readonly value: string }[];
  }[];
  /** Names are AWS Backup's, not Terraform's. */
  readonly restoreMetadataOverrides?: Readonly<Record<string, string>>;
}

export const RestoreTestingSelection = awsResource<RestoreTestingSelectionArguments>(
  'aws_backup_restore_testing_selection',
);
