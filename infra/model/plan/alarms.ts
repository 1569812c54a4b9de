import type { EnvironmentConfig } from '../schema.js';
import type { HostRole } from './hosts.js';

/** Metrics the host agent sends; see `infra/agent`. */
export const METRIC_NAMESPACE = 'Tradewind';

/** The function whose errors are part of its work. */
const ROTATES = 'rotate-secret';

export interface AlarmPlan {
  /** Also the name of its runbook: `runbooks/<id>.md`. */
  readonly id: string;
  readonly severity: 'critical' | 'warning';
  /** What is wrong when it fires, a full sentence. */
  readonly meaning: string;
  readonly source: AlarmSource;
  readonly statistic: 'Maximum' | 'Minimum' | 'Sum' | 'Average';
  readonly comparison: 'GreaterThanThreshold' | 'LessThanThreshold';
  readonly threshold: number;
  /** Seconds; 10 needs metrics stored every second. */
  readonly period: 10 | 60 | 300 | 3_600 | 86_400;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly missing: 'breaching' | 'notBreaching' | 'ignore';
}

export type AlarmSource =
  /** A metric of the agent, one alarm per host named. */
  | { readonly kind: 'agent'; readonly metric: string; readonly hosts: readonly HostRole[] }
  /** A sum of one agent metric over all hosts. */
  | { readonly kind: 'agent-sum'; readonly metric: string; readonly hosts: readonly HostRole[] }
  /** An EC2 metric of each host. */
  | { readonly kind: 'ec2'; readonly metric: string; readonly hosts: readonly HostRole[] }
  /** An EBS metric of each journal volume. */
  | { readonly kind: 'volume'; readonly metric: string; readonly hosts: readonly HostRole[] }
  /** A metric of one of our functions. */
  | { readonly kind: 'function'; readonly metric: string; readonly functions: readonly string[] }
  /** A metric our functions send under the `Tradewind` namespace with the dimension Environment. */
  | { readonly kind: 'environment'; readonly metric: string }
  /** Failed jobs of the backup vault. */
  | { readonly kind: 'backup'; readonly metric: string };

/** `hosts`: those that stand. A host that does not is not watched; its alarms come with it. */
export function planAlarms(
  config: EnvironmentConfig,
  functions: readonly string[],
  hosts: readonly HostRole[],
): AlarmPlan[] {
  const { ha, observability, archive, backup } = config;
  const fast = { period: 10, evaluationPeriods: 1, datapointsToAlarm: 1 } as const;
  const above = { statistic: 'Maximum', comparison: 'GreaterThanThreshold' } as const;
  const alarms: AlarmPlan[] = [
    {
      id: 'lease-age',
      severity: 'critical',
      meaning:
        'The leader lease was not renewed for longer than it lasts: nobody is known to be allowed to trade.',
      source: { kind: 'agent', metric: 'LeaseAge', hosts },
      ...above,
      threshold: ha.lease.expire,
      ...fast,
      missing: 'breaching',
    },
    {
      id: 'no-leader',
      severity: 'critical',
      meaning: 'No host holds the leader lease, so nothing trades and nothing cancels.',
      source: { kind: 'agent-sum', metric: 'IsLeader', hosts },
      statistic: 'Maximum',
      comparison: 'LessThanThreshold',
      threshold: 1,
      ...fast,
      evaluationPeriods: 2,
      datapointsToAlarm: 2,
      missing: 'breaching',
    },
    {
      id: 'heartbeat-gap',
      severity: 'critical',
      meaning:
        'The engine of a host that should run one has not answered its health check; its orders may rest unattended.',
      source: { kind: 'agent', metric: 'HeartbeatGap', hosts },
      ...above,
      threshold: 10_000,
      ...fast,
      missing: 'breaching',
    },
    {
      id: 'clock-error-bound',
      severity: 'warning',
      meaning:
        'The clock of a host may be wrong by more than its allowance, so time stamps in records can not be relied on.',
      source: { kind: 'agent', metric: 'ClockErrorBound', hosts },
      ...above,
      threshold: observability.clockErrorBound * 1_000,
      ...fast,
      evaluationPeriods: 3,
      datapointsToAlarm: 3,
      missing: 'breaching',
    },
    {
      id: 'host-drift',
      severity: 'warning',
      meaning: 'A setting of a host is not what its tuning profile says.',
      source: { kind: 'agent', metric: 'HostDrift', hosts },
      ...above,
      threshold: 0,
      period: 300,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      missing: 'ignore',
    },
    {
      id: 'host-status',
      severity: 'critical',
      meaning: 'EC2 reports a failed status check: the machine or what it stands on is broken.',
      source: { kind: 'ec2', metric: 'StatusCheckFailed', hosts },
      ...above,
      threshold: 0,
      period: 60,
      evaluationPeriods: 2,
      datapointsToAlarm: 2,
      missing: 'breaching',
    },
    {
      id: 'journal-volume-stalled',
      severity: 'critical',
      meaning:
        'The journal volume of a host completes no writes: a journal that must be durable blocks the engine.',
      source: { kind: 'volume', metric: 'VolumeStalledIOCheck', hosts },
      ...above,
      threshold: 0,
      period: 60,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      missing: 'notBreaching',
    },
    {
      id: 'automation-failed',
      severity: 'critical',
      meaning: 'A function of the environment failed: fencing, an address move or a check did not happen.',
      source: { kind: 'function', metric: 'Errors', functions: functions.filter((name) => name !== ROTATES) },
      statistic: 'Sum',
      comparison: 'GreaterThanThreshold',
      threshold: 0,
      period: 60,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      missing: 'notBreaching',
    },
  ];
  alarms.push({
    // Not critical: the old key stays valid, and Secrets Manager is told by an error that a rotation has to wait.
    id: 'rotation-failed',
    severity: 'warning',
    meaning:
      'The rotation of an exchange key does not go on: it waits for a person to register the new key, or a step of it failed.',
    source: { kind: 'function', metric: 'Errors', functions: functions.filter((name) => name === ROTATES) },
    statistic: 'Sum',
    comparison: 'GreaterThanThreshold',
    threshold: 0,
    period: 3_600,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    missing: 'notBreaching',
  });
  if (hosts.length > 1) {
    alarms.push({
      id: 'two-leaders',
      severity: 'critical',
      meaning: 'Two hosts say at once that they hold the lease: orders may be sent twice.',
      source: { kind: 'agent-sum', metric: 'IsLeader', hosts },
      statistic: 'Maximum',
      comparison: 'GreaterThanThreshold',
      threshold: 1,
      ...fast,
      evaluationPeriods: 2,
      datapointsToAlarm: 2,
      missing: 'notBreaching',
    });
  }
  if (archive.checkpoints) {
    alarms.push({
      id: 'archive-findings',
      severity: 'critical',
      meaning:
        'The daily checkpoint found archived records missing, changed or kept for less than the policy.',
      source: { kind: 'environment', metric: 'ArchiveFindings' },
      statistic: 'Sum',
      comparison: 'GreaterThanThreshold',
      threshold: 0,
      period: 3_600,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      missing: 'notBreaching',
    });
  }
  if (backup.restoreTest) {
    alarms.push({
      id: 'restore-test-failed',
      severity: 'warning',
      meaning: 'A backup was restored for a test and what came out is not usable.',
      source: { kind: 'environment', metric: 'RestoreTestFailures' },
      statistic: 'Sum',
      comparison: 'GreaterThanThreshold',
      threshold: 0,
      period: 3_600,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      missing: 'notBreaching',
    });
  }
  alarms.push({
    id: 'backup-failed',
    severity: 'warning',
    meaning:
      'A backup job failed, so the newest recovery point is older than the recovery point objective allows.',
    source: { kind: 'backup', metric: 'NumberOfBackupJobsFailed' },
    statistic: 'Sum',
    comparison: 'GreaterThanThreshold',
    threshold: 0,
    period: 3_600,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    missing: 'notBreaching',
  });
  return alarms.filter(({ source }) => {
    if (source.kind === 'function') return source.functions.length > 0;
    return hosts.length > 0 || !('hosts' in source);
  });
}
