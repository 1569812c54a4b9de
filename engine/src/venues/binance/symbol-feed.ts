import type { Instrument } from '../../domain/index.js';
import { type DepthSink, DepthSynchronizer, type SyncLimits } from './depth-synchronizer.js';

/** What is remembered about one symbol's streams. */
export class SymbolFeed {
  readonly instrument: Instrument;
  readonly sync: DepthSynchronizer;
  /** Trades with this id or a smaller one have been passed on. */
  lastTradeId = -1;
  /** Newest update id a book ticker has shown. */
  quoteId = 0;
  /** When the last depth event came, monotonic nanoseconds. */
  depthNs = 0;
  /** When the book ticker went ahead of the depth events it now is ahead of, monotonic nanoseconds. */
  aheadNs = 0;

  constructor(instrument: Instrument, sink: DepthSink, limits: SyncLimits) {
    this.instrument = instrument;
    this.sync = new DepthSynchronizer(instrument.index, sink, limits);
  }

  /** A new connection: the venue may have started over. */
  reset(nowNs: number): void {
    this.lastTradeId = -1;
    this.quoteId = 0;
    this.depthNs = nowNs;
    this.aheadNs = nowNs;
  }
}
