import { Construct } from 'constructs';
import type { EnvironmentPlan } from '../../model/index.js';
import { BucketLifecycle, BucketObjectLock, BucketReplication } from '../resources/archive.js';
import { IamPolicy, IamRole, IamRolePolicyAttachment } from '../resources/identity.js';
import { PrivateBucket } from './bucket.js';
import type { KeyArns } from './keys.js';
import { type Place, placeOf } from './place.js';
import { policyDocument, type Statement, trustOf } from './policy.js';

/** The write-once archive, its access log and its copy in the second Region; nothing of it where a bucket is brought. */
export class Archive extends Construct {
  constructor(
    scope: Construct,
    private readonly plan: EnvironmentPlan,
    private readonly keys: KeyArns,
  ) {
    super(scope, 'archive');
    const { archive } = plan;
    const place = placeOf(plan);
    if (archive.existing) return;
    const records = new PrivateBucket(this, 'records', {
      name: archive.bucket,
      kmsKeyArn: keys.audit,
      objectLock: true,
      accessLog: { to: this.accessLogs(place), prefix: 'archive/' },
      statements: (arn) => this.denials(arn, place),
    });
    const { bucketName: bucket, versioning } = records;
    new BucketObjectLock(
      this,
      'lock',
      { bucket, rule: [{ defaultRetention: [{ mode: archive.mode, days: archive.lockDays }] }] },
      { dependsOn: [versioning] },
    );
    const all = { status: 'Enabled', filter: [{ prefix: '' }] } as const;
    new BucketLifecycle(
      this,
      'lifecycle',
      {
        bucket,
        // Nothing expires: that a record may be deleted is decided by a person, after its lock is over.
        rule: [
          { id: 'uploads', ...all, abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }] },
          ...(archive.transitions.length > 0
            ? [
                {
                  id: 'cold',
                  ...all,
                  transition: archive.transitions.map(({ storageClass, afterDays }) => ({
                    days: afterDays,
                    storageClass,
                  })),
                },
              ]
            : []),
        ],
      },
      { dependsOn: [versioning] },
    );
    if (archive.replica) this.replicate(records, archive.replica, place);
  }

  /** S3 delivers access logs neither into a bucket that locks by default nor under a key of ours. */
  private accessLogs({ partition, account }: Place): PrivateBucket {
    const { archive, retention } = this.plan;
    const logs = new PrivateBucket(this, 'access-logs', {
      name: archive.accessLogBucket,
      statements: (bucketArn) => [
        {
          Sid: 'S3DeliversAccessLogs',
          Effect: 'Allow',
          Principal: { Service: 'logging.s3.amazonaws.com' },
          Action: 's3:PutObject',
          Resource: `${bucketArn}/archive/*`,
          Condition: {
            StringEquals: { 'aws:SourceAccount': account },
            ArnLike: { 'aws:SourceArn': `arn:${partition}:s3:::${archive.bucket}` },
          },
        },
      ],
    });
    new BucketLifecycle(
      this,
      'access-logs-lifecycle',
      {
        bucket: logs.bucketName,
        rule: [
          {
            id: 'retention',
            status: 'Enabled',
            filter: [{ prefix: '' }],
            expiration: [{ days: retention.auditLogDays }],
            noncurrentVersionExpiration: [{ noncurrentDays: retention.auditLogDays }],
            abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
          },
        ],
      },
      { dependsOn: [logs.versioning] },
    );
    return logs;
  }

  /** What keeps a lock from being talked around: shorter ones on new objects, a lifted one, a key that may be deleted. */
  private denials(arn: string, { partition, account }: Place): Statement[] {
    const { archive, names } = this.plan;
    const deny = (
      Sid: string,
      Action: string,
      Condition: NonNullable<Statement['Condition']>,
    ): Statement => ({
      Sid,
      Effect: 'Deny',
      Principal: '*',
      Action,
      Resource: `${arn}/*`,
      Condition,
    });
    const keyHeader = 's3:x-amz-server-side-encryption-aws-kms-key-id';
    return [
      deny('NoShorterLock', 's3:PutObjectRetention', {
        NumericLessThan: { 's3:object-lock-remaining-retention-days': String(archive.lockDays) },
      }),
      deny('NoLiftedLock', 's3:BypassGovernanceRetention', {
        ArnNotEquals: {
          'aws:PrincipalArn': `arn:${partition}:iam::${account}:role/${names.role('break-glass')}`,
        },
      }),
      deny('NoForeignKey', 's3:PutObject', {
        StringNotEquals: { [keyHeader]: this.keys.audit },
        Null: { [keyHeader]: 'false' },
      }),
    ];
  }

  /** Every object with its lock, into the bucket of the second Region, which is applied first. Delete markers stay behind. */
  private replicate(
    source: PrivateBucket,
    target: NonNullable<EnvironmentPlan['archive']['replica']>,
    { partition, region, account }: Place,
  ): void {
    const { names } = this.plan;
    const description = `Copies the audit archive to ${target.region}`;
    const keysThere = `arn:${partition}:kms:${target.region}:${account}`;
    const targetArn = `arn:${partition}:s3:::${target.bucket}`;
    const via = (where: string) => ({ 'kms:ViaService': `s3.${where}.amazonaws.com` });
    const role = new IamRole(this, 'replication', {
      name: names.role(`replication-${region}`),
      description,
      assumeRolePolicy: trustOf('s3.amazonaws.com'),
    });
    const allow = (
      Sid: string,
      Action: readonly string[],
      Resource: string,
      Condition?: Statement['Condition'],
    ): Statement => ({ Sid, Effect: 'Allow', Action, Resource, ...(Condition ? { Condition } : {}) });
    const policy = new IamPolicy(this, 'replication-policy', {
      name: names.role(`replication-${region}`),
      description,
      policy: policyDocument(
        allow('ReadSource', ['s3:GetReplicationConfiguration', 's3:ListBucket'], source.arn),
        allow(
          'ReadVersionsAndLocks',
          [
            's3:GetObjectLegalHold',
            's3:GetObjectRetention',
            's3:GetObjectVersionAcl',
            's3:GetObjectVersionForReplication',
            's3:GetObjectVersionTagging',
          ],
          `${source.arn}/*`,
        ),
        allow('WriteCopies', ['s3:ReplicateObject', 's3:ReplicateTags'], `${targetArn}/*`),
        allow('DecryptSource', ['kms:Decrypt'], this.keys.audit, { StringEquals: via(region) }),
        allow('EncryptCopies', ['kms:Encrypt', 'kms:GenerateDataKey'], `${keysThere}:key/*`, {
          StringEquals: via(target.region),
          'ForAnyValue:StringEquals': { 'kms:ResourceAliases': names.keyAlias('audit') },
        }),
      ),
    });
    const attached = new IamRolePolicyAttachment(this, 'replication-policy-in-use', {
      role: role.ref('name'),
      policyArn: policy.ref('arn'),
    });
    new BucketReplication(
      this,
      'replication-rule',
      {
        bucket: source.bucketName,
        role: role.ref('arn'),
        rule: [
          {
            id: 'second-region',
            status: 'Enabled',
            priority: 1,
            filter: [{ prefix: '' }],
            deleteMarkerReplication: [{ status: 'Disabled' }],
            sourceSelectionCriteria: [{ sseKmsEncryptedObjects: [{ status: 'Enabled' }] }],
            destination: [
              {
                bucket: targetArn,
                encryptionConfiguration: [{ replicaKmsKeyId: `${keysThere}:${names.keyAlias('audit')}` }],
                metrics: [{ status: 'Enabled' }],
              },
            ],
          },
        ],
      },
      { dependsOn: [source.versioning, attached] },
    );
  }
}
