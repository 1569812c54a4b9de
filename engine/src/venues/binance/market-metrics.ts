import { BookFault } from '../../domain/index.js';
import type { Counter, Gauge, Histogram, MetricRegistry } from '../../telemetry/index.js';
import { FrameKind } from './decode-codes.js';

const MESSAGES = 'tradewind_market_messages_total';
const VENUE = { venue: 'binance' } as const;

/** What the market data half counts. All are single slots: a bump on the line costs nanoseconds. */
export class MarketMetrics {
  /** By {@link FrameKind}. */
  readonly messages: readonly Counter[];
  /** By {@link BookFault}. */
  readonly faults: readonly Counter[];
  readonly bytes: Counter;
  readonly droppedDeltas: Counter;
  readonly repeatedDeltas: Counter;
  readonly duplicateTrades: Counter;
  readonly connects: Counter;
  readonly disconnects: Counter;
  readonly up: Gauge;
  readonly snapshots: Counter;
  readonly snapshotFailures: Counter;
  readonly snapshotTime: Histogram;

  constructor(metrics: MetricRegistry) {
    this.messages = Object.keys(FrameKind).map((name) =>
      metrics.counter(MESSAGES, 'Market data messages, by what they were', {
        ...VENUE,
        kind: name.toLowerCase(),
      }),
    );
    this.faults = Object.keys(BookFault).map((name) =>
      metrics.counter('tradewind_market_book_faults_total', 'Books that lost their trust, by fault', {
        ...VENUE,
        fault: name.toLowerCase(),
      }),
    );
    this.bytes = metrics.counter('tradewind_market_bytes_total', 'Bytes of market data messages', VENUE);
    this.droppedDeltas = metrics.counter(
      'tradewind_market_dropped_deltas_total',
      'Depth events not used: already in the book or in the snapshot',
      VENUE,
    );
    this.repeatedDeltas = metrics.counter(
      'tradewind_market_repeated_deltas_total',
      'Depth events the stream had told before',
      VENUE,
    );
    this.duplicateTrades = metrics.counter(
      'tradewind_market_duplicate_trades_total',
      'Trades received twice',
      VENUE,
    );
    this.connects = metrics.counter(
      'tradewind_market_connects_total',
      'Market data connections attempted',
      VENUE,
    );
    this.disconnects = metrics.counter(
      'tradewind_market_disconnects_total',
      'Market data connections lost',
      VENUE,
    );
    this.up = metrics.gauge('tradewind_market_connection_up', 'Whether market data is connected', VENUE);
    this.snapshots = metrics.counter('tradewind_market_snapshots_total', 'Book snapshots fetched', VENUE);
    this.snapshotFailures = metrics.counter(
      'tradewind_market_snapshot_failures_total',
      'Book snapshots that could not be fetched or decoded',
      VENUE,
    );
    this.snapshotTime = metrics.histogram(
      'tradewind_market_snapshot_seconds',
      'Time from asking for a book snapshot to its answer',
      VENUE,
      { scale: 1e-9 },
    );
  }
}
