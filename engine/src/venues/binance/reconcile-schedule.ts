import { ConnectionState } from '../../domain/index.js';
import type { Clock, Logger } from '../../telemetry/index.js';
import { Backoff } from '../backoff.js';
import { type Timers, waitFor } from '../timers.js';
import type { EventOutlet } from './event-outlet.js';
import type { ExecutionMetrics } from './execution-metrics.js';
import type { BinanceLimits } from './limits.js';
import type { ReconnectOptions } from './options.js';
import type { OrderRegistry } from './order-registry.js';
import type { Reconciler } from './reconciler.js';
import { BinanceApiError } from './rest-client.js';

/** Least time between two comparisons that something missed causes. */
const PACE_MS = 1_000;
/** What is missed is seldom one thing: the rest of it is waited for. */
const BURST_MS = 50;

export interface ScheduleOptions {
  readonly reconciler: Reconciler;
  readonly registry: OrderRegistry;
  readonly outlet: EventOutlet;
  readonly limits: Pick<BinanceLimits, 'blockedForMs'>;
  readonly clock: Pick<Clock, 'nowUs'>;
  readonly timers: Timers;
  readonly reconnect: ReconnectOptions;
  readonly metrics: ExecutionMetrics;
  readonly logger: Logger;
  /** The venue refused a timestamp. */
  readonly onClockSkew: () => void;
  /** Aborted when execution stops: nothing is compared any more. */
  readonly stop: AbortSignal;
  /** Between 0 and 1, spreads attempts; default Math.random. */
  readonly random?: () => number;
}

/**
 * When to compare with the venue. Trading is open after a comparison that nothing has outdated since; each reason for
 * another closes it at once. Failed ones are repeated until they succeed.
 */
export class ReconcileSchedule {
  readonly #options: ScheduleOptions;
  /** Grows with every reason to compare with the venue: an older run then tells nothing. */
  #run = 0;
  #running: Promise<void> = Promise.resolve();
  /** Takes back the comparison put off, and the next audit. */
  #recall: () => void = () => {};
  #noAudit: () => void = () => {};
  /** No subscription to user data: a comparison now would miss what comes after it, so none may open trading. */
  #blind = true;
  /** When the last comparison was begun, and the last one that something missed caused. */
  #lastUs = 0;
  #lastMissedUs = Number.NEGATIVE_INFINITY;
  /** When the first thing was missed that no comparison was begun for yet. */
  #missedUs: number | undefined;

  constructor(options: ScheduleOptions) {
    this.#options = options;
    options.stop.addEventListener('abort', () => {
      this.#outdate();
      this.#noAudit();
    });
  }

  /** Resolves when the comparisons asked for so far are over. */
  get settled(): Promise<void> {
    return this.#running;
  }

  /** User data is subscribed to. `seamless`: there was no time without. */
  subscribed(why: string, seamless = false): void {
    const blind = this.#blind;
    this.#blind = false;
    if (!seamless || blind) this.#reconcile(why);
  }

  /** Nobody tells what happens: neither a comparison under way nor one put off tells anything any more. */
  blind(): void {
    this.#blind = true;
    this.#outdate();
    this.#options.outlet.hold();
  }

  /** The subscription ended on a connection that is still up. */
  resubscribing(): void {
    this.blind();
    this.#close();
  }

  /**
   * Something was missed. Whatever was under way is outdated at once, and new orders are denied until a comparison is done.
   * The first follows at once, for a takeover often needs one: requests of the old leader may still be on their way when the
   * new one compares. A flood of reasons makes one run a second.
   */
  missed(why: string): void {
    // Without a subscription one follows it anyhow.
    if (this.#blind || this.#options.stop.aborted) return;
    this.#outdate();
    this.#close();
    const { clock, timers } = this.#options;
    const now = clock.nowUs();
    this.#missedUs ??= now;
    const dueUs = Math.max(this.#missedUs + BURST_MS * 1000, this.#lastMissedUs + PACE_MS * 1000);
    this.#recall = timers.after(Math.max(0, (dueUs - now) / 1000), () => {
      this.#lastMissedUs = clock.nowUs();
      this.#reconcile(why);
    });
  }

  /**
   * Compares each `intervalMs` what live events should have told; 0 = never. Trading goes on meanwhile, unless the two
   * differ or cannot be compared for all that moves: then a full comparison follows, and new orders are denied during it.
   */
  startAudits(intervalMs: number): void {
    const { stop, timers } = this.#options;
    if (intervalMs <= 0 || stop.aborted) return;
    this.#noAudit = timers.after(intervalMs, () => {
      this.#audit().finally(() => this.startAudits(intervalMs));
    });
  }

  #outdate(): void {
    this.#run++;
    this.#recall();
  }

  #close(): void {
    if (this.#options.stop.aborted) return;
    this.#options.outlet.hold();
    this.#options.outlet.channels(ConnectionState.Reconciling);
  }

  /** Starts a comparison with the venue; one already running is outdated by it and tells nothing. */
  #reconcile(why: string): void {
    const { clock, stop } = this.#options;
    if (stop.aborted) return;
    this.#outdate();
    const run = this.#run;
    this.#lastUs = clock.nowUs();
    this.#missedUs = undefined;
    this.#close();
    this.#running = this.#running.then(() => this.#untilDone(run, why));
  }

  async #untilDone(run: number, why: string): Promise<void> {
    const { reconciler, outlet, registry, limits, metrics, logger, reconnect, timers, stop, clock } =
      this.#options;
    const aborted = () => run !== this.#run || stop.aborted;
    const backoff = new Backoff({ ...reconnect, maxAttempts: 0 }, this.#options.random);
    while (!aborted()) {
      try {
        await reconciler.run(aborted);
        if (aborted()) return;
        outlet.release();
        outlet.channels(ConnectionState.Up);
        const ms = Math.round((clock.nowUs() - this.#lastUs) / 1000);
        logger.info('reconciled', { why, open: registry.openCount, ms });
        return;
      } catch (error) {
        if (stop.aborted) return;
        metrics.failedReconciles.add(1);
        logger.error('reconciliation failed', { why, error: String(error) });
        this.#afterFailure(error);
        await waitFor(timers, Math.max(backoff.next(), limits.blockedForMs), stop);
      }
    }
  }

  async #audit(): Promise<void> {
    const { reconciler, outlet, metrics, logger, stop } = this.#options;
    const run = this.#run;
    const aborted = () => run !== this.#run || stop.aborted || outlet.holding;
    if (aborted()) return;
    try {
      const agrees = await reconciler.audit(aborted);
      if (!agrees && !aborted()) this.#reconcile('audit');
    } catch (error) {
      if (stop.aborted) return;
      metrics.failedReconciles.add(1);
      logger.warn('audit failed', { error: String(error) });
      this.#afterFailure(error);
    }
  }

  #afterFailure(error: unknown): void {
    if (error instanceof BinanceApiError && error.venueCode === -1021) this.#options.onClockSkew();
  }
}
