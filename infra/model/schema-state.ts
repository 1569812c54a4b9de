import { z } from 'zod';
import { arn, gibibytes, region, zoneId } from './schema-leaves.js';
import { duration } from './units.js';

export const retention = z
  .strictObject({
    records: duration('30d', '20y')
      .prefault('7y')
      .describe(
        'What a regulator may ask for: the audit archive, backups of the journal, logs that carry orders.',
      ),
    operational: duration('1d', '3y')
      .prefault('400d')
      .describe('What an engineer looks back at: metrics, flow logs, host logs.'),
    overrides: z
      .strictObject({
        archive: duration('1d', '20y').optional().describe('Object Lock of the audit archive.'),
        backups: duration('1d', '20y').optional().describe('Longest kept recovery points.'),
        auditLogs: duration('1d', '20y').optional().describe('Log groups that carry orders or who did what.'),
        operationalLogs: duration('1d', '20y').optional().describe('All other log groups.'),
        metrics: duration('1d', '3y').optional().describe('Managed Prometheus.'),
        kafka: duration('1h', '20y').optional().describe('Topics; the archive holds what they drop.'),
      })
      .prefault({})
      .describe(
        'Exceptions; each is checked against the policy and refused where it keeps less than it must.',
      ),
  })
  .prefault({})
  .describe('One policy that every store of this environment is checked against.');

export const keys = z
  .strictObject({
    existing: z
      .strictObject({
        data: arn('kms', 'a KMS key').optional().describe('For volumes, tables, databases and backups.'),
        audit: arn('kms', 'a KMS key').optional().describe('For the audit archive and its logs.'),
        secrets: arn('kms', 'a KMS key').optional().describe('For exchange keys.'),
      })
      .prefault({})
      .describe('Keys you bring; those not named are created, rotated yearly and retained.'),
    deletionWindowDays: z
      .int()
      .min(7)
      .max(30)
      .default(30)
      .describe('Days between the request to delete a created key and its end.'),
  })
  .prefault({})
  .describe('KMS keys.');

export const archive = z
  .strictObject({
    mode: z
      .enum(['compliance', 'governance'])
      .default('compliance')
      .describe(
        'Object Lock mode. `compliance`: nobody, root included, can delete or shorten; `governance`: for trying out.',
      ),
    existingBucket: z
      .string()
      .optional()
      .describe('A bucket you bring; it must have Object Lock and versioning.'),
    replicate: z
      .boolean()
      .default(true)
      .describe('A locked copy in the second Region, where `dr` names one.'),
    checkpoints: z
      .boolean()
      .default(true)
      .describe('A signed manifest of every day, chained to the day before.'),
  })
  .prefault({})
  .describe('The audit archive: an S3 bucket with Object Lock.');

const postgres = z.strictObject({
  instanceClass: z
    .string()
    .regex(/^db\.[a-z0-9]+\.[a-z0-9]+$/, 'write a class such as db.m7g.large')
    .default('db.m7g.large')
    .describe('Class of the database.'),
  storageGiB: gibibytes(20, 65_536).default(100).describe('Size in GiB; grows by itself.'),
  multiAz: z.boolean().default(true).describe('A second copy in another zone; failover takes 60 to 120 s.'),
  backupDays: z.int().min(1).max(35).default(35).describe('Days of point-in-time recovery.'),
});

const redis = z.strictObject({
  nodeType: z
    .string()
    .regex(/^cache\.[a-z0-9]+\.[a-z0-9]+$/, 'write a type such as cache.m7g.large')
    .default('cache.m7g.large')
    .describe('Type of each node.'),
  nodes: z.int().min(1).max(6).default(2).describe('Two or more: automatic failover to another zone.'),
});

const kafka = z.strictObject({
  instanceType: z
    .string()
    .regex(/^(?:kafka|express)\.[a-z0-9]+\.[a-z0-9]+$/, 'write a type such as kafka.m7g.large')
    .default('kafka.m7g.large')
    .describe('Type of each broker; Express types stand in three zones.'),
  brokers: z.int().min(2).max(30).default(3).describe('A multiple of the zones brokers stand in.'),
  storageGiB: gibibytes(1, 16_384).default(500).describe('Per broker.'),
  version: z
    .string()
    .regex(/^\d+\.\d+\.(?:\d+|x)(?:\.kraft)?$/, 'write a version such as 3.9.x')
    .default('3.9.x')
    .describe('Version of Apache Kafka.'),
});

export const data = z
  .strictObject({
    postgres: postgres
      .optional()
      .describe('RDS for PostgreSQL: a projection of the journal for queries, never on the order path.'),
    redis: redis.optional().describe('ElastiCache: state for other processes.'),
    kafka: kafka.optional().describe('MSK: the event stream for other machines.'),
  })
  .prefault({})
  .describe('Services for queries and other machines, each optional; trading needs none of them.');

export const backup = z
  .strictObject({
    lock: z
      .enum(['compliance', 'governance', 'none'])
      .default('governance')
      .describe('Vault lock. `compliance` can never be undone once its cooling-off days are over.'),
    coolingOffDays: z
      .int()
      .min(3)
      .max(36_500)
      .default(3)
      .describe('Days in which a compliance lock can still be removed.'),
    hourly: duration('1d', '35d')
      .prefault('7d')
      .describe('How long hourly recovery points of the journal volumes and the lease table are kept.'),
    daily: duration('7d', '1y').prefault('35d').describe('How long daily recovery points are kept.'),
    monthly: z.boolean().default(true).describe('Monthly recovery points kept for `retention.records`.'),
    coldAfterDays: z
      .int()
      .min(1)
      .max(3_650)
      .default(90)
      .describe('Monthly points move to cold storage after these days.'),
    copy: z.boolean().default(true).describe('Copies in the second Region, where `dr` names one.'),
    restoreTest: z
      .boolean()
      .default(true)
      .describe('A weekly restore of the newest points, checked by a function and deleted again.'),
  })
  .prefault({})
  .describe('AWS Backup of journal volumes, lease table and database.');

export const dr = z
  .strictObject({
    region: region.describe('The second Region.'),
    mode: z
      .enum(['backup', 'pilot-light', 'warm'])
      .describe(
        '`backup`: copies only; `pilot-light`: network and addresses stand, hosts are started by hand; `warm`: one host runs.',
      ),
    cidr: z
      .cidrv4('write an IPv4 block such as 10.21.0.0/16')
      .describe('Block of the VPC there; must not overlap the first.'),
    zones: z.array(zoneId).min(1).max(3).describe('Zone ids there.'),
    instanceType: z.string().optional().describe('Default: the type of the first Region.'),
  })
  .optional()
  .describe('A second Region.');
