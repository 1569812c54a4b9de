import { Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

export interface ArchiveReplicationProps {
  readonly source: s3.Bucket;
  readonly sourceName: string;
  readonly sourceKey: IKey;
  readonly target: {
    readonly region: string;
    readonly bucket: string;
    /** Alias of the key there; S3 takes alias ARNs. */
    readonly keyAlias: string;
  };
}

/**
 * Copies every object, with its lock, into the locked bucket of the second Region, which has to stand before. Delete
 * markers stay behind: hiding a record here hides no copy.
 */
export class ArchiveReplication extends Construct {
  constructor(scope: Construct, id: string, props: ArchiveReplicationProps) {
    super(scope, id);
    const { source, sourceKey, target } = props;
    const { account, partition, region } = Stack.of(this);
    const targetBucket = `arn:${partition}:s3:::${target.bucket}`;
    const sourceObjects = `arn:${partition}:s3:::${props.sourceName}/*`;
    const targetObjects = `${targetBucket}/*`;
    const keysThere = `arn:${partition}:kms:${target.region}:${account}:key/*`;
    const role = new iam.Role(this, 'Role', {
      // As documented: S3 promises no source account here, and only this account can lend the role.
      assumedBy: new iam.ServicePrincipal('s3.amazonaws.com'),
      description: `Copies the audit archive to ${target.region}`,
    });
    const policy = new iam.ManagedPolicy(this, 'Policy', {
      description: `Copies the audit archive to ${target.region}`,
      roles: [role],
      statements: [
        new iam.PolicyStatement({
          sid: 'ReadSource',
          actions: ['s3:GetReplicationConfiguration', 's3:ListBucket'],
          resources: [source.bucketArn],
        }),
        new iam.PolicyStatement({
          sid: 'ReadVersionsAndLocks',
          actions: [
            's3:GetObjectLegalHold',
            's3:GetObjectRetention',
            's3:GetObjectVersionAcl',
            's3:GetObjectVersionForReplication',
            's3:GetObjectVersionTagging',
          ],
          resources: [sourceObjects],
        }),
        new iam.PolicyStatement({
          sid: 'WriteCopies',
          actions: ['s3:ReplicateObject', 's3:ReplicateTags'],
          resources: [targetObjects],
        }),
        new iam.PolicyStatement({
          sid: 'DecryptSource',
          actions: ['kms:Decrypt'],
          resources: [sourceKey.keyArn],
          conditions: { StringEquals: { 'kms:ViaService': `s3.${region}.amazonaws.com` } },
        }),
        new iam.PolicyStatement({
          sid: 'EncryptCopies',
          actions: ['kms:Encrypt', 'kms:GenerateDataKey'],
          resources: [keysThere],
          conditions: {
            StringEquals: { 'kms:ViaService': `s3.${target.region}.amazonaws.com` },
            'ForAnyValue:StringEquals': { 'kms:ResourceAliases': target.keyAlias },
          },
        }),
      ],
    });
    const every = 'Replication reads and writes every object of the two buckets it stands between.';
    Validations.of(policy).acknowledge(
      { id: `AwsSolutions-IAM5[Resource::${sourceObjects}]`, reason: every },
      { id: `AwsSolutions-IAM5[Resource::${targetObjects}]`, reason: every },
      {
        id: `AwsSolutions-IAM5[Resource::${keysThere}]`,
        reason:
          'The id of the key in the second Region is not known here: a condition holds the statement to the key with the alias of the environment, used through S3.',
      },
    );
    const bucket = source.node.defaultChild as s3.CfnBucket;
    bucket.replicationConfiguration = {
      role: role.roleArn,
      rules: [
        {
          id: 'second-region',
          status: 'Enabled',
          priority: 1,
          filter: { prefix: '' },
          deleteMarkerReplication: { status: 'Disabled' },
          sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: 'Enabled' } },
          destination: {
            bucket: targetBucket,
            encryptionConfiguration: {
              replicaKmsKeyId: `arn:${partition}:kms:${target.region}:${account}:${target.keyAlias}`,
            },
            metrics: { status: 'Enabled' },
          },
        },
      ],
    };
  }
}
