import { LOG_RETENTION_DAYS, planRetention } from '../plan/retention.js';
import type { EnvironmentProblem } from '../problems.js';
import type { EnvironmentConfig } from '../schema.js';
import { formatDuration, wholeDays } from '../units.js';
import { check, isWritten } from './check.js';

/** Amazon Managed Service for Prometheus quotas: three years of 365 days. */
const LONGEST_METRICS_DAYS = 1_095;
/** AWS Backup Developer Guide: what is moved to cold storage stays there so long. */
const SHORTEST_COLD_DAYS = 90;

type Retention = EnvironmentConfig['retention'];
type Override = keyof Retention['overrides'];

/** One policy: no store keeps less than it says, and nothing is locked for good that is only tried out. */
export const retentionChecks = [
  check(
    ['retention', 'backup', 'data', 'observability'],
    ({ retention, backup, data, observability }, context) => {
      const { overrides, records, operational } = retention;
      const plan = planRetention({ retention });
      const longestLogs = LOG_RETENTION_DAYS.at(-1) as number;
      const problems: EnvironmentProblem[] = [
        ...shorter(overrides, 'archive', records, 'retention.records'),
        ...shorter(overrides, 'backups', records, 'retention.records'),
        ...shorter(overrides, 'auditLogs', records, 'retention.records'),
        ...shorter(overrides, 'operationalLogs', operational, 'retention.operational'),
        ...shorter(overrides, 'metrics', operational, 'retention.operational'),
      ];
      for (const name of ['auditLogs', 'operationalLogs'] as const) {
        const days = wholeDays(overrides[name] ?? (name === 'auditLogs' ? records : operational));
        if (days <= longestLogs) continue;
        problems.push({
          ...settingOf(overrides, name, retention),
          message: `is longer than CloudWatch Logs keeps anything, ${longestLogs} days`,
          fix: 'give at most 10y',
        });
      }
      if (observability.prometheus && plan.metricsDays > LONGEST_METRICS_DAYS) {
        problems.push({
          ...settingOf(overrides, 'metrics', retention),
          message: `is longer than Managed Prometheus keeps anything, ${LONGEST_METRICS_DAYS} days`,
          fix: `give at most ${LONGEST_METRICS_DAYS}d`,
        });
      }
      if (overrides.kafka !== undefined && overrides.kafka > records) {
        problems.push({
          ...settingOf(overrides, 'kafka', retention),
          message: `is longer than retention.records ${formatDuration(records)}, after which the archive may let go of the same records`,
          fix: `give at most ${formatDuration(records)}`,
        });
      }
      const unused: readonly (readonly [Override, boolean, string])[] = [
        ['kafka', data.kafka === undefined, 'data.kafka is not there'],
        ['backups', !backup.monthly, 'backup.monthly is off'],
        ['metrics', !observability.prometheus, 'observability.prometheus is off'],
      ];
      for (const [name, idle, why] of unused) {
        if (!idle || !isWritten(context, 'retention', 'overrides', name)) continue;
        problems.push({
          ...settingOf(overrides, name, retention),
          message: `keeps nothing: ${why}`,
          fix: 'remove it, or switch that on',
        });
      }
      return problems;
    },
  ),
  check(['stage', 'archive', 'backup'], ({ stage, archive, backup }) => {
    const problems: EnvironmentProblem[] = [];
    if (stage === 'prod' && archive.mode !== 'compliance') {
      problems.push({
        path: 'archive.mode',
        value: archive.mode,
        message: 'lets whoever has the permission delete production records',
        fix: 'set it to compliance',
      });
    }
    if (stage === 'prod' && backup.lock === 'none') {
      problems.push({
        path: 'backup.lock',
        value: backup.lock,
        message: 'lets recovery points of production be deleted',
        fix: 'set it to compliance, or governance',
      });
    }
    if (stage === 'prod' && !backup.monthly) {
      problems.push({
        path: 'backup.monthly',
        value: 'false',
        message: 'leaves no recovery point of production that is kept for retention.records',
        fix: 'set it to true',
      });
    }
    for (const [path, value] of [
      ['archive.mode', archive.mode],
      ['backup.lock', backup.lock],
    ] as const) {
      if (stage !== 'dev' || value !== 'compliance') continue;
      problems.push({
        path,
        value,
        message: 'can never be undone, and a dev environment is there to be deleted',
        fix: `set it to governance${path === 'backup.lock' ? ' or none' : ''}`,
      });
    }
    return problems;
  }),
  check(['backup', 'retention'], ({ backup, retention }, context) => {
    const problems: EnvironmentProblem[] = [];
    const { backupDays } = planRetention({ retention });
    if (backup.monthly && backupDays < backup.coldAfterDays + SHORTEST_COLD_DAYS) {
      problems.push({
        path: 'backup.coldAfterDays',
        value: String(backup.coldAfterDays),
        message: `leaves less than the ${SHORTEST_COLD_DAYS} days that cold storage asks for, of ${backupDays} in all`,
        fix:
          backupDays > SHORTEST_COLD_DAYS
            ? `give at most ${backupDays - SHORTEST_COLD_DAYS}`
            : 'set backup.monthly: false, or keep records longer',
      });
    }
    if (backup.lock !== 'compliance' && isWritten(context, 'backup', 'coolingOffDays')) {
      problems.push({
        path: 'backup.coolingOffDays',
        value: String(backup.coolingOffDays),
        message: `is for a compliance lock, and backup.lock is ${backup.lock}`,
        fix: 'remove it, or set backup.lock: compliance',
      });
    }
    return problems;
  }),
  check(['archive', 'backup', 'dr'], ({ archive, backup, dr }, context) =>
    [
      { path: ['archive', 'replicate'], on: archive.replicate },
      { path: ['backup', 'copy'], on: backup.copy },
    ]
      .filter(({ path, on }) => on && !dr && isWritten(context, ...path))
      .map(({ path }) => ({
        path: path.join('.'),
        value: 'true',
        message: 'asks for a copy in a second Region, and dr names none',
        fix: 'add dr, or remove it',
      })),
  ),
];

function shorter(
  overrides: Retention['overrides'],
  name: Override,
  policy: number,
  policyName: string,
): EnvironmentProblem[] {
  const kept = overrides[name];
  if (kept === undefined || kept >= policy) return [];
  return [
    {
      path: `retention.overrides.${name}`,
      value: formatDuration(kept),
      message: `keeps less than ${policyName} ${formatDuration(policy)}`,
      fix: `give at least ${formatDuration(policy)}, or remove it`,
    },
  ];
}

/** The setting that decides how long a store keeps: the override where there is one, else the policy. */
function settingOf(overrides: Retention['overrides'], name: Override, retention: Retention) {
  const own = overrides[name];
  if (own !== undefined) return { path: `retention.overrides.${name}`, value: formatDuration(own) };
  const policy = name === 'auditLogs' ? 'records' : 'operational';
  return { path: `retention.${policy}`, value: formatDuration(retention[policy]) };
}
