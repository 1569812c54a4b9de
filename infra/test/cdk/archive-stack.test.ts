import { describe, expect, test } from '@jest/globals';
import type { EnvironmentPlan } from '../../model/index.js';
import {
  bySid,
  planOf,
  REGIONS,
  type Resource,
  resources,
  templateOf,
  theOnly,
} from '../support/foundation.js';

function archiveOf(plan: EnvironmentPlan): {
  bucket: Resource;
  log: Resource;
  denials: Record<string, Statement>;
} {
  const template = templateOf(plan, 'Archive');
  const buckets = Object.entries(resources(template, 'AWS::S3::Bucket'));
  const named = (name: string) => {
    const found = buckets.find(([, { Properties }]) => Properties.BucketName === name);
    if (!found) throw new Error(`no bucket ${name}`);
    return found;
  };
  const [id, bucket] = named(plan.archive.bucket);
  const [, log] = named(plan.archive.accessLogBucket);
  const policy = Object.values(resources(template, 'AWS::S3::BucketPolicy')).find(
    ({ Properties }) => Properties.Bucket.Ref === id,
  );
  return { bucket, log, denials: bySid(policy?.Properties.PolicyDocument) };
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  // biome-ignore lint/suspicious/noExplicitAny: the conditions of a template are what a test asserts
  readonly Condition: any;
}

describe.each(REGIONS)('the archive of %s', (_, plan) => {
  const { bucket, log, denials } = archiveOf(plan);

  test('locks every object as long as the plan says', () => {
    expect(bucket.Properties.ObjectLockEnabled).toBe(true);
    expect(bucket.Properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
    expect(bucket.Properties.ObjectLockConfiguration).toEqual({
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: plan.archive.mode, Days: plan.archive.lockDays } },
    });
  });

  test('lets nobody lock for less', () => {
    const { NoShorterLock } = denials;
    expect(NoShorterLock?.Effect).toBe('Deny');
    expect(NoShorterLock?.Condition.NumericLessThan).toEqual({
      's3:object-lock-remaining-retention-days': String(plan.archive.lockDays),
    });
  });

  test('lets nobody lift a lock but the break-glass role, and nobody but a deployment change the bucket', () => {
    const { account } = plan.config;
    expect(denials.NoLiftedLock?.Condition.ArnNotEquals).toEqual({
      'aws:PrincipalArn': `arn:aws:iam::${account}:role/${plan.names.role('break-glass')}`,
    });
    expect(denials.OnlyDeploymentsChangeTheBucket?.Condition.ArnNotLike).toEqual({
      'aws:PrincipalArn': `arn:aws:iam::${account}:role/cdk-*-cfn-exec-role-*`,
    });
    expect(denials.OnlyDeploymentsChangeTheBucket?.Action).toEqual(
      expect.arrayContaining([
        's3:DeleteBucketPolicy',
        's3:PutBucketObjectLockConfiguration',
        's3:PutBucketPolicy',
      ]),
    );
  });

  test('is encrypted with the audit key and takes no other', () => {
    const [rule] = bucket.Properties.BucketEncryption.ServerSideEncryptionConfiguration;
    expect(rule.BucketKeyEnabled).toBe(true);
    expect(rule.ServerSideEncryptionByDefault.SSEAlgorithm).toBe('aws:kms');
    expect(
      denials.NoForeignKey?.Condition.StringNotEquals['s3:x-amz-server-side-encryption-aws-kms-key-id'],
    ).toEqual(rule.ServerSideEncryptionByDefault.KMSMasterKeyID);
    // A write that names no key gets ours by default, and must not be denied for it.
    expect(denials.NoForeignKey?.Condition.Null).toEqual({
      's3:x-amz-server-side-encryption-aws-kms-key-id': 'false',
    });
  });

  test('never expires, and only cools down', () => {
    for (const rule of bucket.Properties.LifecycleConfiguration.Rules) {
      expect(Object.keys(rule).filter((key) => /Expiration/.test(key))).toEqual([]);
      for (const { StorageClass, TransitionInDays } of rule.Transitions ?? []) {
        expect(['GLACIER_IR', 'DEEP_ARCHIVE']).toContain(StorageClass);
        expect(TransitionInDays).toBeLessThan(plan.archive.lockDays);
      }
    }
  });

  test('logs its access into a bucket that keeps it as long as records', () => {
    expect(bucket.Properties.LoggingConfiguration.LogFilePrefix).toBe('archive/');
    expect(log.Properties.ObjectLockConfiguration).toBeUndefined();
    expect(log.Properties.LifecycleConfiguration.Rules[0].ExpirationInDays).toBe(plan.retention.auditLogDays);
  });
});

describe('the copy in the second Region', () => {
  const plan = planOf('prod-tokyo');
  const template = templateOf(plan, 'Archive');

  test('is written with its lock, under the key there, and without delete markers', () => {
    const { ReplicationConfiguration } = archiveOf(plan).bucket.Properties;
    expect(ReplicationConfiguration.Rules).toEqual([
      expect.objectContaining({
        Status: 'Enabled',
        DeleteMarkerReplication: { Status: 'Disabled' },
        SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: 'Enabled' } },
        Destination: {
          Bucket: 'arn:aws:s3:::tradewind-prod-tokyo-archive-111122223333-ap-northeast-3',
          EncryptionConfiguration: {
            ReplicaKmsKeyID: 'arn:aws:kms:ap-northeast-3:111122223333:alias/tradewind-prod-tokyo-audit',
          },
          Metrics: { Status: 'Enabled' },
        },
      }),
    ]);
  });

  test('goes into the bucket and under the alias that stand there', () => {
    if (!plan.dr) throw new Error('prod-tokyo has a second Region');
    expect(plan.archive.replica?.bucket).toBe(archiveOf(plan.dr).bucket.Properties.BucketName);
    const aliases = Object.values(resources(templateOf(plan.dr, 'Keys'), 'AWS::KMS::Alias'));
    expect(aliases.map(({ Properties }) => Properties.AliasName)).toContain(
      'alias/tradewind-prod-tokyo-audit',
    );
  });

  test('is made by a role that reads here, writes there and deletes nowhere', () => {
    const statements = bySid(theOnly(template, 'AWS::IAM::ManagedPolicy').Properties.PolicyDocument);
    expect(statements.WriteCopies.Action).toEqual(['s3:ReplicateObject', 's3:ReplicateTags']);
    expect(statements.EncryptCopies.Condition['ForAnyValue:StringEquals']).toEqual({
      'kms:ResourceAliases': 'alias/tradewind-prod-tokyo-audit',
    });
    expect(JSON.stringify(statements)).not.toContain('Delete');
  });

  test('is not asked for where there is no second Region', () => {
    expect(archiveOf(planOf('dev-single')).bucket.Properties.ReplicationConfiguration).toBeUndefined();
  });
});
