import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { BackupPlanModel } from '../../model/index.js';

export interface LockedVaultProps {
  readonly vaultName: string;
  readonly key: IKey;
  /** Absent: recovery points can be deleted by whoever IAM allows to. */
  readonly lock: BackupPlanModel['lock'];
}

/** A vault whose recovery points leave it when their time is over and not before, by whomever. */
export class LockedVault extends Construct {
  readonly vault: backup.CfnBackupVault;

  constructor(scope: Construct, id: string, { vaultName, key, lock }: LockedVaultProps) {
    super(scope, id);
    this.vault = new backup.CfnBackupVault(this, 'Vault', {
      backupVaultName: vaultName,
      encryptionKeyArn: key.keyArn,
      ...(lock
        ? {
            lockConfiguration: {
              minRetentionDays: lock.minDays,
              maxRetentionDays: lock.maxDays,
              ...(lock.changeableForDays === undefined ? {} : { changeableForDays: lock.changeableForDays }),
            },
            accessPolicy: this.deletesNothing(),
          }
        : {}),
    });
    this.vault.applyRemovalPolicy(RemovalPolicy.RETAIN, { applyToUpdateReplacePolicy: true });
  }

  /** The lock says how long; this says that no person and no role ends it earlier. AWS Backup's own role does in time. */
  private deletesNothing(): iam.PolicyDocument {
    const { account, partition } = Stack.of(this);
    return new iam.PolicyDocument({
      statements: [
        new iam.PolicyStatement({
          sid: 'NobodyDeletes',
          effect: iam.Effect.DENY,
          principals: [new iam.AnyPrincipal()],
          actions: [
            'backup:DeleteBackupVault',
            'backup:DeleteRecoveryPoint',
            'backup:UpdateRecoveryPointLifecycle',
          ],
          resources: ['*'],
          conditions: {
            ArnNotLike: {
              'aws:PrincipalArn': `arn:${partition}:iam::${account}:role/aws-service-role/backup.amazonaws.com/*`,
            },
          },
        }),
      ],
    });
  }
}
