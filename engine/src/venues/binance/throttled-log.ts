import type { Clock, LogFields, Logger } from '../../telemetry/index.js';

/** At most one line per interval; the next one says how many were left out. */
export class ThrottledLog {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #intervalNs: number;
  #lastNs = Number.NEGATIVE_INFINITY;
  #suppressed = 0;

  constructor(logger: Logger, clock: Clock, intervalMs: number) {
    this.#logger = logger;
    this.#clock = clock;
    this.#intervalNs = intervalMs * 1e6;
  }

  /** `fields` is called only when the line is written. */
  warn(message: string, fields: () => LogFields): void {
    const now = this.#clock.nanos();
    if (now - this.#lastNs < this.#intervalNs) {
      this.#suppressed++;
      return;
    }
    this.#lastNs = now;
    this.#logger.warn(message, { ...fields(), suppressed: this.#suppressed });
    this.#suppressed = 0;
  }
}
