import {
  amountToNumber,
  EventKind,
  formatAmount,
  JournalState,
  type KernelEvent,
  nameOf,
} from '../domain/index.js';
import type { KernelView } from '../kernel/index.js';
import type { Counter, Gauge, Logger, MetricRegistry } from '../telemetry/index.js';
import type { EngineObserver } from './engine.js';

/**
 * Tells people what a session itself can not settle: money at a venue that our own fills, fees and transfers do not explain,
 * a journal that is behind, strategies that began afresh.
 */
export class AccountObserver implements EngineObserver {
  readonly #view: KernelView;
  readonly #registry: MetricRegistry;
  readonly #logger: Logger;
  readonly #comparisons: Counter;
  readonly #alarms: Counter;
  readonly #drifts = new Map<string, Gauge>();
  #seen: number;
  #restarts: number;

  constructor(registry: MetricRegistry, logger: Logger, view: KernelView) {
    this.#view = view;
    this.#registry = registry;
    this.#logger = logger.child({ component: 'account' });
    this.#comparisons = registry.counter(
      'tradewind_balance_comparisons_total',
      'Comparisons of balances with our own fills, fees and transfers',
    );
    this.#alarms = registry.counter(
      'tradewind_balance_drift_alarms_total',
      'Balances that nothing known here explains',
    );
    // A history that is gone on with has been told of.
    this.#seen = view.portfolio.drift.alarms;
    this.#restarts = view.counters.strategyRestarts;
  }

  onEvent(event: KernelEvent): void {
    switch (event.kind) {
      case EventKind.Reconciled:
        this.#onReconciled();
        break;
      case EventKind.JournalStatus:
        this.#onJournal(event.state);
        break;
      case EventKind.SessionStarted:
        if (this.#view.counters.strategyRestarts === this.#restarts) break;
        this.#restarts = this.#view.counters.strategyRestarts;
        this.#logger.warn('strategies that had ended begin afresh; their open orders are canceled', {
          strategies: this.#view.strategies.map(({ name }) => name),
        });
        break;
    }
  }

  #onReconciled(): void {
    const { drift } = this.#view.portfolio;
    this.#comparisons.add(1);
    for (const { asset, unexplained } of drift.assets) {
      if (unexplained !== 0n || this.#drifts.has(asset)) this.#gauge(asset).set(amountToNumber(unexplained));
    }
    if (drift.alarms === this.#seen) return;
    this.#alarms.add(drift.alarms - this.#seen);
    this.#seen = drift.alarms;
    for (const { asset, drift: amount, total } of drift.assets) {
      if (amount === 0n) continue;
      this.#logger.error('a balance is not what our fills, fees and transfers make of it', {
        asset,
        drift: formatAmount(amount),
        total: formatAmount(total),
        expected: formatAmount(total - amount),
      });
    }
  }

  #onJournal(state: JournalState): void {
    const fields = { state: nameOf(JournalState, state) };
    if (state === JournalState.Ok) this.#logger.info('the journal keeps up: new orders are allowed', fields);
    else this.#logger.error('the journal does not keep up: new orders are denied, cancels pass', fields);
  }

  #gauge(asset: string): Gauge {
    let gauge = this.#drifts.get(asset);
    if (gauge === undefined) {
      gauge = this.#registry.gauge(
        'tradewind_balance_drift',
        'Of an asset, what nothing known here explains',
        {
          asset,
        },
      );
      this.#drifts.set(asset, gauge);
    }
    return gauge;
  }
}
