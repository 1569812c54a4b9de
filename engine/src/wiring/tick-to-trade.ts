import { EventKind, type KernelEvent } from '../domain/index.js';
import type { Histogram, MetricRegistry } from '../telemetry/index.js';
import type { CommandTimer } from './engine.js';

/**
 * Tick-to-trade, engine side: from the moment a market data frame was read to the moment the bytes of an order it
 * caused were handed to the socket, or of a cancel: pulling a quote is what a tick most often
 * asks of a market maker. What an order waits for before it may be sent is in it. Requests caused by a timer or by a venue's answer have no tick and are not counted.
 */
export class TickToTrade implements CommandTimer {
  /** Nanoseconds. */
  readonly histogram: Histogram;
  #frameNs = 0;
  /** 0 while what is being handled, or sent, was not caused by a frame. */
  causeNs = 0;

  constructor(registry: MetricRegistry) {
    this.histogram = registry.histogram(
      'tradewind_tick_to_trade_seconds',
      'Time from reading a market data frame to writing an order or cancel it caused',
      {},
      { scale: 1e-9 },
    );
  }

  /** For the market data session: a frame was read at `ns`. */
  readonly onFrame = (ns: number): void => {
    this.#frameNs = ns;
  };

  /** For the order session: a request was written at `ns`. */
  readonly onSend = (ns: number): void => {
    if (this.causeNs > 0) this.histogram.record(Math.max(0, Math.round(ns - this.causeNs)));
  };

  onEvent(event: KernelEvent): void {
    // A frame is one tick. A snapshot comes from REST, and what was buffered meanwhile is no longer news.
    const fromFrame =
      event.kind === EventKind.BookDelta || event.kind === EventKind.Quote || event.kind === EventKind.Trade;
    this.causeNs = fromFrame ? this.#frameNs : 0;
    if (fromFrame || event.kind === EventKind.BookSnapshot) this.#frameNs = 0;
  }
}
