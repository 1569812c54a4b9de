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
