import { type Json, type Mutation, on } from './mutation.js';

const BUCKET = 'AWS::S3::Bucket';
const VAULT = 'AWS::Backup::BackupVault';
const PLAN = 'AWS::Backup::BackupPlan';

function lockedBucket(change: (bucket: Json) => void): Mutation['make'] {
  return on((bucket) => {
    bucket.ObjectLockEnabled = true;
    bucket.ObjectLockConfiguration = {
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 2557 } },
    };
    bucket.VersioningConfiguration = { Status: 'Enabled' };
    change(bucket);
  });
}

function rule(change: (rule: Json) => void): Mutation['make'] {
  return on((plan) => change(plan.BackupPlan.BackupPlanRule[0]));
}

/** Mistakes on the archive, on backups and on schedules. */
export const RECORD_MUTATIONS: readonly Mutation[] = [
  {
    mistake: 'Object Lock without versioning',
    type: BUCKET,
    make: lockedBucket((bucket) => {
      delete bucket.VersioningConfiguration;
    }),
    rule: 'TW-S3-01',
    says: /versioning is absent/,
    measured: true,
  },
  {
    mistake: 'a lock configuration on a bucket without Object Lock',
    type: BUCKET,
    make: lockedBucket((bucket) => {
      delete bucket.ObjectLockEnabled;
    }),
    rule: 'TW-S3-01',
    says: /ObjectLockConfiguration without ObjectLockEnabled/,
  },
  {
    mistake: 'retention in days and in years',
    type: BUCKET,
    make: lockedBucket((bucket) => {
      bucket.ObjectLockConfiguration.Rule.DefaultRetention.Years = 7;
    }),
    rule: 'TW-S3-02',
    says: /Days 2557 and Years 7 together/,
    measured: true,
  },
  {
    mistake: 'a lock mode in lower case',
    type: BUCKET,
    make: lockedBucket((bucket) => {
      bucket.ObjectLockConfiguration.Rule.DefaultRetention.Mode = 'compliance';
    }),
    rule: 'built-in',
    says: /compliance/,
    measured: true,
  },
  {
    mistake: 'one public access block forgotten',
    type: BUCKET,
    make: on((bucket) => {
      delete bucket.PublicAccessBlockConfiguration.BlockPublicPolicy;
    }),
    rule: 'TW-S3-03',
    says: /BlockPublicPolicy is absent/,
  },
  {
    mistake: 'a public-read bucket',
    type: BUCKET,
    make: on((bucket) => {
      bucket.AccessControl = 'PublicRead';
    }),
    rule: 'TW-S3-03',
    says: /canned ACL PublicRead/,
  },
  {
    mistake: 'a bucket policy without the TLS denial',
    type: 'AWS::S3::BucketPolicy',
    make: on((policy) => {
      policy.PolicyDocument.Statement = [
        {
          Effect: 'Allow',
          Principal: { Service: 'logging.s3.amazonaws.com' },
          Action: 's3:PutObject',
          Resource: 'arn:aws:s3:::tradewind-x/*',
          Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
        },
      ];
    }),
    rule: 'TW-S3-04',
    says: /no bucket policy denies plain HTTP/,
  },
  {
    mistake: 'a bucket under the default encryption',
    type: BUCKET,
    make: on((bucket) => {
      bucket.BucketEncryption = {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      };
    }),
    rule: 'TW-S3-05',
    says: /default encryption is AES256/,
  },
  {
    mistake: 'a vault lock with minimum above maximum',
    type: VAULT,
    make: on((vault) => {
      vault.LockConfiguration = { MinRetentionDays: 365, MaxRetentionDays: 30 };
    }),
    rule: 'TW-BAK-01',
    says: /minimum 365 days, maximum 30 days/,
    measured: true,
  },
  {
    mistake: 'one day to change a compliance lock',
    type: VAULT,
    make: on((vault) => {
      vault.LockConfiguration = { MinRetentionDays: 7, MaxRetentionDays: 2557, ChangeableForDays: 1 };
    }),
    rule: 'TW-BAK-02',
    says: /1 days, fewer than 3/,
    measured: true,
  },
  {
    mistake: 'a vault lock without minimum',
    type: VAULT,
    make: on((vault) => {
      vault.LockConfiguration = { MaxRetentionDays: 365 };
    }),
    rule: 'built-in',
    says: /MinRetentionDays/,
    measured: true,
  },
  {
    mistake: 'cold storage for less than 90 days',
    type: PLAN,
    make: rule((one) => {
      one.Lifecycle = { MoveToColdStorageAfterDays: 30, DeleteAfterDays: 35 };
    }),
    rule: 'TW-BAK-03',
    says: /cold after 30 days, deleted after 35, before 120/,
    measured: true,
  },
  {
    mistake: 'backups kept for less than the vault is locked',
    type: PLAN,
    make: (resource, template) => {
      const [logicalId, vault] = Object.entries(template.Resources).find(([, one]) => one.Type === VAULT)!;
      vault.Properties.LockConfiguration = { MinRetentionDays: 30, MaxRetentionDays: 2557 };
      const first = (resource.Properties.BackupPlan as Json).BackupPlanRule[0];
      first.TargetBackupVault = { Ref: logicalId };
      first.Lifecycle = { DeleteAfterDays: 7 };
    },
    rule: 'TW-BAK-04',
    says: /7 days, but vault \w+ is locked to 30 to 2557/,
  },
  {
    mistake: 'backups without end',
    type: PLAN,
    make: rule((one) => {
      delete one.Lifecycle;
    }),
    rule: 'TW-BAK-04',
    says: /kept for ever/,
  },
  {
    mistake: 'a vault under the default key',
    type: VAULT,
    make: on((vault) => {
      delete vault.EncryptionKeyArn;
    }),
    rule: 'TW-BAK-05',
    says: /no EncryptionKeyArn/,
  },
  {
    mistake: 'a five-field cron in a backup rule',
    type: PLAN,
    make: rule((one) => {
      one.ScheduleExpression = 'cron(0 5 * * *)';
    }),
    rule: 'TW-TIME-01',
    says: /"cron\(0 5 \* \* \*\)" has 5 fields, not 6/,
    measured: true,
  },
  {
    mistake: 'a five-field cron in a rule of EventBridge',
    type: 'AWS::Events::Rule',
    make: on((one) => {
      delete one.EventPattern;
      one.ScheduleExpression = 'cron(*/5 * * * *)';
    }),
    rule: 'TW-TIME-01',
    says: /has 5 fields, not 6/,
  },
  {
    mistake: 'a day of month and a day of week together',
    type: PLAN,
    make: rule((one) => {
      one.ScheduleExpression = 'cron(0 5 1 * MON *)';
    }),
    rule: 'TW-TIME-01',
    says: /needs \? as day of month or as day of week/,
  },
];
