import { Stack, Validations } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import type { EnvironmentPlan } from '../../model/index.js';
import { AccessLogBucket } from '../constructs/access-log-bucket.js';
import { ApiCall } from '../constructs/api-call.js';
import { ArchiveReplication } from '../constructs/archive-replication.js';
import { LockedBucket } from '../constructs/locked-bucket.js';
import type { KeyRefs, LogRefs } from '../refs.js';
import type { Provider } from './provider.js';

export interface ArchiveProviderProps {
  readonly plan: Pick<EnvironmentPlan, 'archive' | 'names' | 'retention'>;
  readonly keys: KeyRefs;
  readonly logs?: LogRefs | undefined;
}

/** The audit archive with its access log and its copy, or the bucket that is brought, once S3 has said that it locks. */
export function archiveProvider({ plan, keys, logs }: ArchiveProviderProps): Provider<s3.IBucket> {
  const { archive, names, retention } = plan;
  return {
    provide(scope) {
      if (archive.existing) {
        // The call fails, and the deployment with it, where the bucket has no Object Lock.
        new ApiCall(scope, 'LockOfExistingBucket', {
          call: {
            service: 'S3',
            action: 'getObjectLockConfiguration',
            parameters: { Bucket: archive.bucket },
            physicalResourceId: PhysicalResourceId.of(archive.bucket),
            outputPaths: ['ObjectLockConfiguration.ObjectLockEnabled'],
          },
          permissions: [
            {
              actions: ['s3:GetBucketObjectLockConfiguration'],
              resources: [`arn:${Stack.of(scope).partition}:s3:::${archive.bucket}`],
            },
          ],
          ...(logs?.functions ? { logGroup: logs.functions } : {}),
        });
        return s3.Bucket.fromBucketAttributes(scope, 'Existing', {
          bucketName: archive.bucket,
          encryptionKey: keys.audit,
        });
      }
      const accessLogs = new AccessLogBucket(scope, 'AccessLogs', {
        bucketName: archive.accessLogBucket,
        keepDays: retention.auditLogDays,
      });
      const { bucket } = new LockedBucket(scope, 'Archive', {
        archive,
        key: keys.audit,
        accessLogs: accessLogs.bucket,
        breakGlassRole: names.role('break-glass'),
      });
      if (archive.replica) {
        new ArchiveReplication(scope, 'Replication', {
          source: bucket,
          sourceName: archive.bucket,
          sourceKey: keys.audit,
          target: { ...archive.replica, keyAlias: names.keyAlias('audit') },
        });
      } else {
        const reason =
          'The bucket is itself the copy in a second Region, or the environment file asks for no copy; its objects are locked and versioned in three zones either way.';
        Validations.of(bucket).acknowledge(
          { id: 'NIST.800.53.R5-S3BucketReplicationEnabled', reason },
          { id: 'PCI.DSS.321-S3BucketReplicationEnabled', reason },
        );
      }
      return bucket as s3.IBucket;
    },
  };
}
