import type { Logger } from '../../telemetry/index.js';
import { Backoff } from '../backoff.js';
import type { BinanceLimits } from './limits.js';
import type { ReconnectOptions } from './options.js';
import { pause } from './pause.js';

export interface PatienceOptions {
  readonly reconnect: ReconnectOptions;
  readonly limits: Pick<BinanceLimits, 'blockedForMs'>;
  readonly logger: Logger;
}

/** Repeats what must succeed before anything else can, as often as reconnecting is allowed. */
export class Patience {
  readonly #options: PatienceOptions;
  #wait = new AbortController();

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /** Ends a wait between two attempts, unless the venue asked for it: somebody needs the answer now. */
  hurry(): void {
    if (this.#options.limits.blockedForMs > 0) return;
    const wait = this.#wait;
    this.#wait = new AbortController();
    wait.abort();
  }

  /** Rejects after the last attempt, or when `stop` is aborted. While nobody is `waiting` for it, no attempt is the last. */
  async persist<T>(attempt: () => Promise<T>, stop: AbortSignal, waiting: () => boolean): Promise<T> {
    const { reconnect, limits, logger } = this.#options;
    const backoff = new Backoff(reconnect);
    for (;;) {
      try {
        const result = await attempt();
        if (!stop.aborted) return result;
      } catch (error) {
        const delay = stop.aborted ? 0 : backoff.next(waiting());
        if (delay < 0) throw error;
        if (!stop.aborted) {
          logger.warn('the venue does not answer', { error: String(error), delayMs: delay });
          await pause(Math.max(delay, limits.blockedForMs), AbortSignal.any([stop, this.#wait.signal]));
        }
      }
      if (stop.aborted) throw stoppedEarly();
    }
  }
}

export function stoppedEarly(): Error {
  return new Error('binance: execution was stopped before it was up');
}
