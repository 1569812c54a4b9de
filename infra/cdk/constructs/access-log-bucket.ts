import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

export interface AccessLogBucketProps {
  readonly bucketName: string;
  readonly keepDays: number;
}

/**
 * Who read or wrote the archive. S3 delivers access logs neither into a bucket that locks by default nor under a key of
 * ours, so it is encrypted by S3 and versioned instead.
 */
export class AccessLogBucket extends Construct {
  readonly bucket: s3.Bucket;

  constructor(scope: Construct, id: string, { bucketName, keepDays }: AccessLogBucketProps) {
    super(scope, id);
    this.bucket = new s3.Bucket(this, 'Bucket', {
      bucketName,
      versioned: true,
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        {
          id: 'retention',
          expiration: Duration.days(keepDays),
          noncurrentVersionExpiration: Duration.days(keepDays),
          abortIncompleteMultipartUploadAfter: Duration.days(7),
        },
      ],
    });
    const key = 'S3 delivers access logs into a bucket only under its own encryption key or none.';
    const copy =
      'What is copied to the second Region are the records; who read them here is also an object event of the audit trail.';
    Validations.of(this.bucket).acknowledge(
      { id: 'CloudFormation-Validate::TW-S3-05', reason: key },
      { id: 'NIST.800.53.R5-S3DefaultEncryptionKMS', reason: key },
      { id: 'PCI.DSS.321-S3DefaultEncryptionKMS', reason: key },
      { id: 'NIST.800.53.R5-S3BucketReplicationEnabled', reason: copy },
      { id: 'PCI.DSS.321-S3BucketReplicationEnabled', reason: copy },
    );
  }
}
