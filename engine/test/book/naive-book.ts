import {
  BookFault,
  BookState,
  type BookUpdate,
  EventKind,
  type Quote,
  Side,
} from '../../src/domain/index.js';

export type Level = readonly [price: number, size: number];

/** The oracle of the price-level book: plain maps, sorted whenever somebody looks. */
export class NaiveLevels {
  readonly bids = new Map<number, number>();
  readonly asks = new Map<number, number>();

  set(side: Side, price: number, size: number): void {
    const levels = side === Side.Buy ? this.bids : this.asks;
    if (size === 0) levels.delete(price);
    else levels.set(price, size);
  }

  /** Best first. */
  sorted(side: Side): Level[] {
    return side === Side.Buy
      ? [...this.bids].sort((a, b) => b[0] - a[0])
      : [...this.asks].sort((a, b) => a[0] - b[0]);
  }

  best(side: Side): Level {
    return this.sorted(side)[0] ?? [0, 0];
  }

  walk(side: Side, quantity: number): { quantity: number; cost: bigint; worstPrice: number; levels: number } {
    const result = { quantity: 0, cost: 0n, worstPrice: 0, levels: 0 };
    for (const [price, size] of this.sorted(side === Side.Buy ? Side.Sell : Side.Buy)) {
      const rest = quantity - result.quantity;
      if (rest <= 0) break;
      const taken = size < rest ? size : rest;
      result.quantity += taken;
      result.cost += BigInt(price) * BigInt(taken);
      result.worstPrice = price;
      result.levels++;
    }
    return result;
  }
}

/** A book update in readable form. */
export interface PlainUpdate {
  readonly snapshot: boolean;
  readonly firstId: number;
  readonly lastId: number;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly tsInit?: number;
}

export function bookUpdate(plain: PlainUpdate): BookUpdate {
  const column = (levels: readonly Level[], i: 0 | 1) => Float64Array.from([...levels.map((l) => l[i]), 77]);
  return {
    kind: plain.snapshot ? EventKind.BookSnapshot : EventKind.BookDelta,
    tsEvent: 0,
    tsInit: plain.tsInit ?? 0,
    instrument: 0,
    firstId: plain.firstId,
    lastId: plain.lastId,
    bidCount: plain.bids.length,
    askCount: plain.asks.length,
    bidPrices: column(plain.bids, 0),
    bidSizes: column(plain.bids, 1),
    askPrices: column(plain.asks, 0),
    askSizes: column(plain.asks, 1),
  };
}

export function quoteOf(updateId: number, bid: Level, ask: Level, tsInit = 0): Quote {
  return {
    kind: EventKind.Quote,
    tsEvent: 0,
    tsInit,
    instrument: 0,
    updateId,
    bid: bid[0],
    bidSize: bid[1],
    ask: ask[0],
    askSize: ask[1],
  };
}

type Top = readonly [bid: number, bidSize: number, ask: number, askSize: number];

/** The oracle of the integrity rules, for well-formed updates: written to be read, not to be fast. */
export class NaiveInstrumentBook {
  levels = new NaiveLevels();
  state: BookState = BookState.Syncing;
  fault: BookFault = BookFault.NONE;
  top: Top = [0, 0, 0, 0];
  lastUpdateId = 0;
  levelsAt = 0;
  quote: { id: number; top: Top } | null = null;

  get trusted(): boolean {
    return this.state === BookState.Valid || this.state === BookState.Stale;
  }

  apply(update: PlainUpdate): void {
    if (update.snapshot) {
      this.levels = new NaiveLevels();
      this.quote = null;
    } else {
      if (!this.trusted || update.lastId <= this.lastUpdateId) return;
      if (update.firstId > this.lastUpdateId + 1) {
        this.fail(BookFault.SEQUENCE_GAP);
        return;
      }
    }
    for (const [price, size] of update.bids) this.levels.set(Side.Buy, price, size);
    for (const [price, size] of update.asks) this.levels.set(Side.Sell, price, size);
    const best = this.levelsTop();
    if (best[0] > 0 && best[2] > 0 && best[0] >= best[2]) {
      this.fail(BookFault.CROSSED);
      return;
    }
    if (this.quote?.id === update.lastId && String(this.quote.top) !== String(best)) {
      this.fail(BookFault.TOP_MISMATCH);
      return;
    }
    this.lastUpdateId = update.lastId;
    this.levelsAt = update.tsInit ?? 0;
    this.state = BookState.Valid;
    this.fault = BookFault.NONE;
    if (this.quote !== null && this.quote.id <= update.lastId) this.quote = null;
    this.top = this.quote?.top ?? best;
  }

  applyQuote(id: number, bid: Level, ask: Level): void {
    if (!this.trusted || id === 0 || id < this.lastUpdateId) return;
    if (this.quote !== null && id <= this.quote.id) return;
    if (bid[0] > 0 && ask[0] > 0 && bid[0] >= ask[0]) {
      this.fail(BookFault.CROSSED);
      return;
    }
    const top: Top = [...bid, ...ask];
    if (id === this.lastUpdateId) {
      if (String(top) !== String(this.levelsTop())) this.fail(BookFault.TOP_MISMATCH);
      return;
    }
    this.quote = { id, top };
    this.top = top;
  }

  setStatus(fault: BookFault): void {
    if (fault !== BookFault.NONE) {
      this.fail(fault);
      return;
    }
    this.state = BookState.Syncing;
    this.fault = fault;
  }

  checkStale(now: number, limit: number): void {
    if (this.state === BookState.Valid && now - this.levelsAt > limit) this.state = BookState.Stale;
  }

  private levelsTop(): Top {
    return [...this.levels.best(Side.Buy), ...this.levels.best(Side.Sell)];
  }

  private fail(fault: BookFault): void {
    this.state = BookState.Invalid;
    this.fault = fault;
    this.quote = null;
  }
}
