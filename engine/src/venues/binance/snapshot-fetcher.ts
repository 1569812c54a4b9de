import { nameOf } from '../../domain/index.js';
import type { Clock, Logger } from '../../telemetry/index.js';
import { DecodeError } from './decode-codes.js';
import type { MarketMetrics } from './market-metrics.js';
import type { RestPort } from './rest-port.js';
import { SnapshotDecoder } from './snapshot-decoder.js';
import type { SymbolFeed } from './symbol-feed.js';

/** Snapshots on their way at once: enough to fill the wait, few enough not to burst the request weight. */
const MAX_IN_FLIGHT = 2;

/** Request weight of a depth snapshot (rest-api.md, "Order book"). */
export function depthWeight(limit: number): number {
  if (limit <= 100) return 5;
  if (limit <= 500) return 25;
  return limit <= 1000 ? 50 : 250;
}

/** Asks for the snapshots that synchronizers want when they want them, a few at a time. */
export class SnapshotFetcher {
  readonly #rest: RestPort;
  readonly #limit: number;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #metrics: MarketMetrics;
  readonly #decoder = new SnapshotDecoder();
  readonly #feeds: readonly SymbolFeed[];
  #inFlight = 0;
  #timer: NodeJS.Timeout | undefined;
  #running = true;

  constructor(
    feeds: readonly SymbolFeed[],
    rest: RestPort,
    limit: number,
    clock: Clock,
    logger: Logger,
    metrics: MarketMetrics,
  ) {
    this.#feeds = feeds;
    this.#rest = rest;
    this.#limit = limit;
    this.#clock = clock;
    this.#logger = logger;
    this.#metrics = metrics;
  }

  /** Starts what is due and comes back by itself for what is not. Call whenever a book may have come to want one. */
  pump(): void {
    clearTimeout(this.#timer);
    if (!this.#running) return;
    const now = this.#clock.nowUs();
    let next = Number.POSITIVE_INFINITY;
    for (const feed of this.#feeds) {
      const due = feed.sync.snapshotDueUs;
      if (due > now) next = Math.min(next, due);
      else if (this.#inFlight < MAX_IN_FLIGHT) void this.#fetch(feed);
    }
    if (next < Number.POSITIVE_INFINITY) {
      this.#timer = setTimeout(() => this.pump(), Math.ceil((next - now) / 1000));
    }
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
  }

  async #fetch(feed: SymbolFeed): Promise<void> {
    const ticket = feed.sync.takeRequest();
    const { symbol } = feed.instrument;
    const started = this.#clock.nanos();
    this.#inFlight++;
    try {
      const query = `symbol=${encodeURIComponent(symbol)}&limit=${this.#limit}`;
      const { status, body } = await this.#rest.getJson('/api/v3/depth', query, depthWeight(this.#limit));
      this.#metrics.snapshotTime.record(Math.round(this.#clock.nanos() - started));
      if (!this.#running) return;
      const error = status === 200 ? this.#decoder.decode(body, feed.instrument) : DecodeError.NONE;
      if (status !== 200 || error !== DecodeError.NONE) {
        const why = status === 200 ? nameOf(DecodeError, error) : `status ${status}`;
        this.#fail(feed, ticket, why);
        return;
      }
      this.#metrics.snapshots.add(1);
      feed.sync.onSnapshot(ticket, this.#decoder.snapshot, this.#clock.nowUs());
    } catch (error) {
      if (this.#running) this.#fail(feed, ticket, (error as Error).message);
    } finally {
      this.#inFlight--;
      this.pump();
    }
  }

  #fail(feed: SymbolFeed, ticket: number, why: string): void {
    this.#metrics.snapshotFailures.add(1);
    this.#logger.warn('no book snapshot', { symbol: feed.instrument.symbol, why });
    feed.sync.onSnapshotFailed(ticket, this.#clock.nowUs());
  }
}
