import { awsResource } from './aws-resource.js';

export const Bucket = awsResource<
  {
    readonly bucket: string;
    /** Only at creation. */
    readonly objectLockEnabled?: boolean;
  },
  'id' | 'arn' | 'bucket'
>('aws_s3_bucket');

export const BucketVersioning = awsResource<{
  readonly bucket: string;
  readonly versioningConfiguration: readonly { readonly status: 'Enabled' }[];
}>('aws_s3_bucket_versioning');

export const BucketObjectLock = awsResource<{
  readonly bucket: string;
  readonly rule: readonly {
    readonly defaultRetention: readonly {
      readonly mode: 'COMPLIANCE' | 'GOVERNANCE';
      readonly days: number;
    }[];
  }[];
}>('aws_s3_bucket_object_lock_configuration');

export const BucketEncryption = awsResource<{
  readonly bucket: string;
  readonly rule: readonly {
    readonly bucketKeyEnabled: boolean;
    readonly applyServerSideEncryptionByDefault: readonly {
      readonly sseAlgorithm: 'aws:kms' | 'AES256';
      readonly kmsMasterKeyId?: string;
    }[];
  }[];
}>('aws_s3_bucket_server_side_encryption_configuration');

export const BucketPublicAccessBlock = awsResource<{
  readonly bucket: string;
  readonly blockPublicAcls: true;
  readonly blockPublicPolicy: true;
  readonly ignorePublicAcls: true;
  readonly restrictPublicBuckets: true;
}>('aws_s3_bucket_public_access_block');

export const BucketOwnership = awsResource<{
  readonly bucket: string;
  readonly rule: readonly { readonly objectOwnership: 'BucketOwnerEnforced' }[];
}>('aws_s3_bucket_ownership_controls');

export const BucketLogging = awsResource<{
  readonly bucket: string;
  readonly targetBucket: string;
  readonly targetPrefix: string;
}>('aws_s3_bucket_logging');

export const BucketPolicy = awsResource<{ readonly bucket: string; readonly policy: string }>(
  'aws_s3_bucket_policy',
);

export const BucketLifecycle = awsResource<{
  readonly bucket: string;
  readonly rule: readonly {
    readonly id: string;
    readonly status: 'Enabled';
    readonly filter: readonly { readonly prefix: string }[];
    readonly expiration?: readonly { readonly days: number }[];
    readonly transition?: readonly { readonly days: number; readonly storageClass: string }[];
    readonly noncurrentVersionExpiration?: readonly { readonly noncurrentDays: number }[];
    readonly abortIncompleteMultipartUpload?: readonly { readonly daysAfterInitiation: number }[];
  }[];
}>('aws_s3_bucket_lifecycle_configuration');

export const BucketReplication = awsResource<{
  readonly bucket: string;
  readonly role: string;
  readonly rule: readonly {
    readonly id: string;
    readonly status: 'Enabled';
    readonly priority: number;
    readonly filter: readonly { readonly prefix: string }[];
    readonly deleteMarkerReplication: readonly { readonly status: 'Enabled' | 'Disabled' }[];
    readonly sourceSelectionCriteria: readonly {
      readonly sseKmsEncryptedObjects: readonly { readonly status: 'Enabled' }[];
    }[];
    readonly destination: readonly {
      readonly bucket: string;
      readonly encryptionConfiguration: readonly { readonly replicaKmsKeyId: string }[];
      readonly metrics: readonly { readonly status: 'Enabled' }[];
    }[];
  }[];
}>('aws_s3_bucket_replication_configuration');

export const BucketObject = awsResource<{
  readonly bucket: string;
  readonly key: string;
  readonly source: string;
  readonly sourceHash: string;
}>('aws_s3_object');
