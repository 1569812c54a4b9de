import type { Gauge } from './counters.js';
import type { MetricRegistry } from './metric-registry.js';
import type { ReadinessState } from './protocol.js';

/** Whether one part of the engine may trade: the gauge `tradewind_ready{component}` and, for people, the reason. */
export class ReadinessFlag {
  readonly component: string;
  readonly #gauge: Gauge;
  readonly #notify: (state: ReadinessState) => void;
  #reason = 'starting';

  /** Use `Telemetry.readiness`. */
  constructor(component: string, metrics: MetricRegistry, notify: (state: ReadinessState) => void) {
    this.component = component;
    this.#notify = notify;
    this.#gauge = metrics.gauge('tradewind_ready', 'Whether a component is ready to trade (1) or not (0).', {
      component,
    });
    this.#gauge.set(0);
    notify({ component, ready: false, reason: this.#reason });
  }

  get isReady(): boolean {
    return this.#gauge.value === 1;
  }

  /** It may trade. */
  ready(): void {
    this.#set(true, '');
  }

  /** It may not, and why. */
  notReady(reason: string): void {
    this.#set(false, reason);
  }

  #set(ready: boolean, reason: string): void {
    if (this.isReady === ready && this.#reason === reason) return;
    this.#gauge.set(ready ? 1 : 0);
    this.#reason = reason;
    this.#notify({ component: this.component, ready, reason });
  }
}
