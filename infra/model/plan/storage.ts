import { names } from '../names.js';
import type { EnvironmentConfig } from '../schema.js';
import { wholeDays } from '../units.js';
import { planRetention } from './retention.js';

export interface ArchiveTransition {
  readonly storageClass: 'GLACIER_IR' | 'DEEP_ARCHIVE';
  readonly afterDays: number;
}

export interface ArchivePlan {
  readonly bucket: string;
  readonly accessLogBucket: string;
  /** True: the bucket is brought by the user and not created. */
  readonly existing: boolean;
  readonly mode: 'COMPLIANCE' | 'GOVERNANCE';
  readonly lockDays: number;
  /** Colder classes records move to while they are locked. */
  readonly transitions: readonly ArchiveTransition[];
  /** The locked copy in the second Region. */
  readonly replica?: { readonly region: string; readonly bucket: string; readonly accessLogBucket: string };
  readonly checkpoints: boolean;
}

/** A regulator may want two years of records at once, the rest within a day. `leastDays`: what the class bills for at least. */
const COLD = [
  { storageClass: 'GLACIER_IR', afterDays: 90, leastDays: 90 },
  { storageClass: 'DEEP_ARCHIVE', afterDays: 731, leastDays: 180 },
] as const;

export function planArchive(config: EnvironmentConfig): ArchivePlan {
  const { archive, region, dr } = config;
  const name = names(config);
  const lockDays = planRetention(config).archiveDays;
  return {
    bucket: archive.existingBucket ?? name.bucket('archive', region),
    accessLogBucket: name.bucket('access-logs', region),
    existing: archive.existingBucket !== undefined,
    mode: archive.mode === 'compliance' ? 'COMPLIANCE' : 'GOVERNANCE',
    lockDays,
    transitions: COLD.filter(({ afterDays, leastDays }) => afterDays + leastDays <= lockDays).map(
      ({ storageClass, afterDays }) => ({ storageClass, afterDays }),
    ),
    // The replication of a bucket that is brought is its owner's to set.
    ...(archive.replicate && dr && !archive.existingBucket
      ? {
          replica: {
            region: dr.region,
            bucket: name.bucket('archive', dr.region),
            accessLogBucket: name.bucket('access-logs', dr.region),
          },
        }
      : {}),
    checkpoints: archive.checkpoints,
  };
}

export interface BackupRulePlan {
  readonly id: 'hourly' | 'daily' | 'monthly';
  /** Six fields, UTC: minute hour day-of-month month day-of-week year. */
  readonly schedule: string;
  /** A job begins within so many minutes of its schedule; AWS Backup takes no less than 60. */
  readonly startWithinMinutes: number;
  readonly keepDays: number;
  readonly coldAfterDays?: number;
  readonly copy: boolean;
}

export interface BackupPlanModel {
  readonly vault: string;
  readonly lock?: {
    readonly minDays: number;
    readonly maxDays: number;
    /** Present: compliance mode, irrevocable after these days. Absent: governance mode. */
    readonly changeableForDays?: number;
  };
  readonly rules: readonly BackupRulePlan[];
  readonly copyVault?: { readonly region: string; readonly vault: string };
  /** In a second Region: the vault here that takes in the copies of the first. */
  readonly receivingVault?: string;
  readonly restoreTest: boolean;
  /** When the newest recovery points are restored for trial, six fields, UTC. */
  readonly restoreTestSchedule: string;
}

const START_WITHIN_MINUTES = 60;

export function planBackup(
  config: Pick<EnvironmentConfig, 'name' | 'account' | 'retention' | 'backup' | 'dr'>,
): BackupPlanModel {
  const { backup, dr } = config;
  const name = names(config);
  const copy = backup.copy && dr !== undefined;
  const rules: BackupRulePlan[] = [
    {
      id: 'hourly',
      schedule: 'cron(5 * * * ? *)',
      startWithinMinutes: START_WITHIN_MINUTES,
      keepDays: wholeDays(backup.hourly),
      copy: false,
    },
    {
      id: 'daily',
      schedule: 'cron(15 0 * * ? *)',
      startWithinMinutes: START_WITHIN_MINUTES,
      keepDays: wholeDays(backup.daily),
      copy,
    },
  ];
  if (backup.monthly) {
    rules.push({
      id: 'monthly',
      schedule: 'cron(30 0 1 * ? *)',
      startWithinMinutes: START_WITHIN_MINUTES,
      keepDays: planRetention(config).backupDays,
      coldAfterDays: backup.coldAfterDays,
      copy,
    });
  }
  const kept = rules.map((rule) => rule.keepDays);
  return {
    vault: name.vault,
    ...(backup.lock === 'none'
      ? {}
      : {
          lock: {
            minDays: Math.min(...kept),
            maxDays: Math.max(...kept),
            ...(backup.lock === 'compliance' ? { changeableForDays: backup.coolingOffDays } : {}),
          },
        }),
    rules,
    ...(copy && dr ? { copyVault: { region: dr.region, vault: name.copyVault } } : {}),
    restoreTest: backup.restoreTest,
    restoreTestSchedule: 'cron(0 3 ? * SUN *)',
  };
}

export interface LogGroupPlan {
  readonly id: 'engine' | 'host' | 'audit' | 'flow' | 'dns' | 'functions';
  readonly name: string;
  /** `record`: carries orders or who did what, kept as long as records. */
  readonly class: 'record' | 'operational';
  readonly days: number;
}

export function planLogs(config: EnvironmentConfig): LogGroupPlan[] {
  const name = names(config);
  const { auditLogDays, operationalLogDays } = planRetention(config);
  const group = (id: LogGroupPlan['id'], kind: LogGroupPlan['class']): LogGroupPlan => ({
    id,
    name: name.logGroup(id),
    class: kind,
    days: kind === 'record' ? auditLogDays : operationalLogDays,
  });
  return [
    group('engine', 'record'),
    group('audit', 'record'),
    group('host', 'operational'),
    group('flow', 'operational'),
    ...(config.network.dnsFirewall ? [group('dns', 'operational')] : []),
    group('functions', 'record'),
  ];
}
