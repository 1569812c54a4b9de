import type { EnvironmentConfig } from '../schema.js';
import { wholeDays } from '../units.js';

/** Days CloudWatch Logs accepts, from the API reference of PutRetentionPolicy. */
export const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** What each store keeps, after overrides and after rounding up to what the service accepts. */
export interface RetentionPlan {
  readonly archiveDays: number;
  readonly backupDays: number;
  readonly auditLogDays: number;
  readonly operationalLogDays: number;
  readonly metricsDays: number;
  readonly kafkaHours: number;
}

export function planRetention({ retention }: Pick<EnvironmentConfig, 'retention'>): RetentionPlan {
  const { records, operational, overrides } = retention;
  return {
    archiveDays: wholeDays(overrides.archive ?? records),
    backupDays: wholeDays(overrides.backups ?? records),
    auditLogDays: logDays(wholeDays(overrides.auditLogs ?? records)),
    operationalLogDays: logDays(wholeDays(overrides.operationalLogs ?? operational)),
    metricsDays: wholeDays(overrides.metrics ?? operational),
    kafkaHours: Math.ceil((overrides.kafka ?? 7 * 86_400_000) / 3_600_000),
  };
}

/** The shortest accepted log retention that keeps at least so many days; the longest one beyond ten years. */
export function logDays(days: number): number {
  return LOG_RETENTION_DAYS.find((accepted) => accepted >= days) ?? (LOG_RETENTION_DAYS.at(-1) as number);
}
