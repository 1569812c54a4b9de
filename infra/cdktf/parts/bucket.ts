import { Construct } from 'constructs';
import {
  Bucket,
  BucketEncryption,
  BucketLogging,
  BucketOwnership,
  BucketPolicy,
  BucketPublicAccessBlock,
  BucketVersioning,
} from '../resources/archive.js';
import { KEPT } from '../resources/aws-resource.js';
import { policyDocument, type Statement } from './policy.js';

export interface PrivateBucketProps {
  readonly name: string;
  /** Absent: keys of S3, the only ones access logs can be delivered under. */
  readonly kmsKeyArn?: string;
  readonly objectLock?: boolean;
  /** Where its access log goes. */
  readonly accessLog?: { readonly to: PrivateBucket; readonly prefix: string };
  /** Beside the one that refuses plain HTTP. */
  readonly statements?: (arn: string) => readonly Statement[];
}

/** A bucket nobody outside the account sees: versioned, encrypted, TLS alone, without ACLs, kept. */
export class PrivateBucket extends Construct {
  readonly bucketName: string;
  readonly arn: string;
  /** What must stand before lock, lifecycle and replication can be set. */
  readonly versioning: InstanceType<typeof BucketVersioning>;
  readonly policy: InstanceType<typeof BucketPolicy>;

  constructor(scope: Construct, id: string, props: PrivateBucketProps) {
    super(scope, id);
    const resource = new Bucket(
      this,
      'bucket',
      { bucket: props.name, ...(props.objectLock ? { objectLockEnabled: true } : {}) },
      KEPT,
    );
    const bucket = resource.ref('id');
    const arn = resource.ref('arn');
    this.bucketName = bucket;
    this.arn = arn;
    this.versioning = new BucketVersioning(this, 'versioning', {
      bucket,
      versioningConfiguration: [{ status: 'Enabled' }],
    });
    new BucketEncryption(this, 'encryption', {
      bucket,
      rule: [
        {
          bucketKeyEnabled: props.kmsKeyArn !== undefined,
          applyServerSideEncryptionByDefault: [
            props.kmsKeyArn
              ? { sseAlgorithm: 'aws:kms', kmsMasterKeyId: props.kmsKeyArn }
              : { sseAlgorithm: 'AES256' },
          ],
        },
      ],
    });
    const closed = new BucketPublicAccessBlock(this, 'closed', {
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    new BucketOwnership(this, 'ownership', {
      bucket,
      rule: [{ objectOwnership: 'BucketOwnerEnforced' }],
    });
    if (props.accessLog) {
      const { to, prefix } = props.accessLog;
      new BucketLogging(
        this,
        'access-log',
        { bucket, targetBucket: to.bucketName, targetPrefix: prefix },
        // Whose policy lets S3 deliver.
        { dependsOn: [to.policy] },
      );
    }
    const tls: Statement = {
      Sid: 'TlsAlone',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: [arn, `${arn}/*`],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    };
    this.policy = new BucketPolicy(
      this,
      'policy',
      { bucket, policy: policyDocument(tls, ...(props.statements?.(arn) ?? [])) },
      { dependsOn: [closed] },
    );
  }
}
