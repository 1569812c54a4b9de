import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { ArchivePlan } from '../../model/index.js';

export interface LockedBucketProps {
  readonly archive: Pick<ArchivePlan, 'bucket' | 'mode' | 'lockDays' | 'transitions'>;
  readonly key: IKey;
  readonly accessLogs: s3.Bucket;
  /** The one role that may lift a governance lock. Nobody creates it; whoever must, does so for the day. */
  readonly breakGlassRole: string;
}

/**
 * The audit archive: each object is locked from the moment it is written, for as long as records are kept. In compliance
 * mode nobody shortens that, root included; the bucket policy keeps the rest from being talked around: shorter locks on new
 * objects, a lifted governance lock, foreign keys that could be deleted, a changed default.
 */
export class LockedBucket extends Construct {
  readonly bucket: s3.Bucket;

  constructor(scope: Construct, id: string, props: LockedBucketProps) {
    super(scope, id);
    const { bucket: bucketName, mode, lockDays, transitions } = props.archive;
    const retention = Duration.days(lockDays);
    this.bucket = new s3.Bucket(this, 'Bucket', {
      bucketName,
      objectLockEnabled: true,
      objectLockDefaultRetention:
        mode === 'COMPLIANCE'
          ? s3.ObjectLockRetention.compliance(retention)
          : s3.ObjectLockRetention.governance(retention),
      versioned: true,
      encryption: s3.BucketEncryption.KMS,
      encryptionKey: props.key,
      bucketKeyEnabled: true,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      serverAccessLogsBucket: props.accessLogs as s3.IBucket,
      serverAccessLogsPrefix: 'archive/',
      removalPolicy: RemovalPolicy.RETAIN,
      // Nothing here expires: that an object may be deleted is decided by a person, after its lock is over.
      lifecycleRules: [
        { id: 'uploads', abortIncompleteMultipartUploadAfter: Duration.days(7) },
        {
          id: 'cold',
          transitions: transitions.map(({ storageClass, afterDays }) => ({
            storageClass: new s3.StorageClass(storageClass),
            transitionAfter: Duration.days(afterDays),
          })),
        },
      ].filter((rule) => rule.transitions === undefined || rule.transitions.length > 0),
    });
    for (const statement of this.denials(props)) this.bucket.addToResourcePolicy(statement);
  }

  private denials({ archive, key, breakGlassRole }: LockedBucketProps): iam.PolicyStatement[] {
    const { account, partition } = Stack.of(this);
    const objects = this.bucket.arnForObjects('*');
    const role = (name: string) => `arn:${partition}:iam::${account}:role/${name}`;
    const deny = (
      sid: string,
      actions: readonly string[],
      resource: string,
      conditions: Record<string, Record<string, unknown>>,
    ) =>
      new iam.PolicyStatement({
        sid,
        effect: iam.Effect.DENY,
        principals: [new iam.AnyPrincipal()],
        actions: [...actions],
        resources: [resource],
        conditions,
      });
    return [
      // Writing with a date of one's own is this action too, so that no new object is locked for less than the default.
      deny('NoShorterLock', ['s3:PutObjectRetention'], objects, {
        NumericLessThan: { 's3:object-lock-remaining-retention-days': String(archive.lockDays) },
      }),
      deny('NoLiftedLock', ['s3:BypassGovernanceRetention'], objects, {
        ArnNotEquals: { 'aws:PrincipalArn': role(breakGlassRole) },
      }),
      // An object under another key is gone on the day somebody deletes that key.
      deny('NoForeignKey', ['s3:PutObject'], objects, {
        StringNotEquals: { 's3:x-amz-server-side-encryption-aws-kms-key-id': key.keyArn },
        Null: { 's3:x-amz-server-side-encryption-aws-kms-key-id': 'false' },
      }),
      // Only a deployment changes the bucket. The root user still can: AWS lets no policy lock it out.
      deny(
        'OnlyDeploymentsChangeTheBucket',
        [
          's3:DeleteBucket',
          's3:DeleteBucketPolicy',
          's3:PutBucketObjectLockConfiguration',
          's3:PutBucketPolicy',
          's3:PutBucketVersioning',
          's3:PutEncryptionConfiguration',
          's3:PutLifecycleConfiguration',
          's3:PutReplicationConfiguration',
        ],
        this.bucket.bucketArn,
        { ArnNotLike: { 'aws:PrincipalArn': role('cdk-*-cfn-exec-role-*') } },
      ),
    ];
  }
}
