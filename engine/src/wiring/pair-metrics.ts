import type { Gauge, MetricRegistry } from '../telemetry/index.js';
import type { PairStatus } from './status.js';
import { TAKEOVER_STAGES, type TakeoverStage, type TakeoverStages } from './takeover-stages.js';

const ROLES = ['leader', 'standby'] as const;

/** What a process is in its pair, as metrics. */
export class PairMetrics {
  readonly #roles: { readonly role: PairStatus['role']; readonly gauge: Gauge }[];
  readonly #epoch: Gauge;
  readonly #age: Gauge;
  readonly #failures: Gauge;
  readonly #lag: Gauge;
  readonly #stages: { readonly stage: TakeoverStage; readonly gauge: Gauge }[];

  constructor(registry: MetricRegistry) {
    this.#roles = ROLES.map((role) => ({
      role,
      gauge: registry.gauge('tradewind_ha_role', '1 for the role this process has', { role }),
    }));
    this.#epoch = registry.gauge('tradewind_ha_epoch', 'Fencing epoch of the lease as last seen');
    this.#age = registry.gauge(
      'tradewind_ha_lease_age_seconds',
      'Since the lease last changed, as seen here',
    );
    this.#failures = registry.gauge(
      'tradewind_ha_lease_store_failures',
      'Requests to the lease store that failed or were not answered in time',
    );
    this.#lag = registry.gauge(
      'tradewind_replication_lag_records',
      'Records this standby is behind its leader',
    );
    this.#stages = TAKEOVER_STAGES.map((stage) => ({
      stage,
      gauge: registry.gauge(
        'tradewind_ha_takeover_seconds',
        'What the last takeover of this process took from the claim of the lease, by stage; 0 before the first',
        { stage },
      ),
    }));
  }

  /** It trades. */
  tookOver(ms: TakeoverStages['ms']): void {
    for (const { stage, gauge } of this.#stages) gauge.set((ms[`${stage}Ms`] ?? 0) / 1000);
  }

  /** Off the line, a few times a second. */
  sample(status: PairStatus): void {
    for (const { role, gauge } of this.#roles) gauge.set(role === status.role ? 1 : 0);
    this.#epoch.set(status.epoch);
    this.#age.set(Number.isFinite(status.leaseAgeMs) ? status.leaseAgeMs / 1000 : 0);
    this.#failures.set(status.storeFailures);
    this.#lag.set(status.lag ?? 0);
  }
}
