import {
  type BinaryReader,
  type BinaryWriter,
  BookFault,
  BookState,
  type BookUpdate,
  EventKind,
  type Quote,
  Side,
  type StateHash,
} from '../domain/index.js';
import type { BookView } from './book-view.js';
import { PriceLevelBook } from './price-level-book.js';

/**
 * The book of one instrument: its levels, whether they can be trusted, and the top.
 *
 * State   | left for Valid by                    | entered by
 * Syncing | a snapshot                           | start; `setStatus(NONE)`
 * Invalid | a snapshot                           | any fault, found here or told by `setStatus`
 * Stale   | the next delta or snapshot taken     | silence, from Valid alone: a broken book stays Invalid or Syncing
 *
 * While Syncing or Invalid, deltas and quotes are ignored and the top stays as it was last trusted.
 */
export class InstrumentBook implements BookView {
  readonly levels = new PriceLevelBook();
  state: BookState = BookState.Syncing;
  fault: BookFault = BookFault.NONE;
  bid = 0;
  bidSize = 0;
  ask = 0;
  askSize = 0;
  lastUpdateId = 0;
  tsLast = 0;
  tsLevels = 0;
  /** Update id of the quote that holds the top; 0 when the levels hold it. */
  #quoteId = 0;

  /** Takes a snapshot or delta. True when anything a reader can see changed, the state included. */
  apply(update: BookUpdate): boolean {
    return update.kind === EventKind.BookSnapshot ? this.#applySnapshot(update) : this.#applyDelta(update);
  }

  /**
   * Takes the venue's own top of book: moves the top, never the levels. At exactly the levels' update id it must agree
   * with them. Ignored when not newer, and when `updateId` is 0 (no common id space). True when anything changed.
   */
  applyQuote(quote: Quote): boolean {
    if (this.state !== BookState.Valid && this.state !== BookState.Stale) return false;
    const { updateId, bid, bidSize, ask, askSize } = quote;
    if (!isWhole(updateId) || !isQuoteSide(bid, bidSize) || !isQuoteSide(ask, askSize)) {
      return this.#invalidate(BookFault.MALFORMED);
    }
    if (updateId === 0 || updateId < this.lastUpdateId || updateId <= this.#quoteId) return false;
    if (bid > 0 && ask > 0 && bid >= ask) return this.#invalidate(BookFault.CROSSED);
    if (updateId === this.lastUpdateId) {
      // The levels hold the top here: a quote holding it would be newer than they are.
      return this.#levelsAgree(bid, bidSize, ask, askSize) ? false : this.#invalidate(BookFault.TOP_MISMATCH);
    }
    this.#quoteId = updateId;
    this.bid = bid;
    this.bidSize = bidSize;
    this.ask = ask;
    this.askSize = askSize;
    this.tsLast = quote.tsInit;
    return true;
  }

  /** The connector's word: NONE starts a sync, anything else makes the book Invalid. True when the state changed. */
  setStatus(fault: BookFault): boolean {
    if (fault !== BookFault.NONE) return this.#invalidate(fault);
    const changed = this.state !== BookState.Syncing;
    this.state = BookState.Syncing;
    this.fault = BookFault.NONE;
    return changed;
  }

  /** Makes a Valid book Stale when its levels have been silent for more than `limitUs`. True when it just did. */
  checkStale(now: number, limitUs: number): boolean {
    if (this.state !== BookState.Valid || now - this.tsLevels <= limitUs) return false;
    this.state = BookState.Stale;
    return true;
  }

  hashInto(hash: StateHash): void {
    hash.int(this.state).int(this.fault).int(this.lastUpdateId).int(this.tsLast);
    hash.int(this.bid).int(this.bidSize).int(this.ask).int(this.askSize);
    hash.int(this.#quoteId).int(this.tsLevels);
    this.levels.hashInto(hash);
  }

  save(out: BinaryWriter): void {
    out.u8(this.state);
    out.u8(this.fault);
    out.number(this.lastUpdateId);
    out.number(this.tsLast);
    out.number(this.bid);
    out.number(this.bidSize);
    out.number(this.ask);
    out.number(this.askSize);
    out.number(this.#quoteId);
    out.number(this.tsLevels);
    this.levels.save(out);
  }

  load(input: BinaryReader): void {
    this.state = input.member(BookState, 'book state');
    this.fault = input.member(BookFault, 'book fault');
    this.lastUpdateId = input.integer('update id', 0);
    this.tsLast = input.finite('time');
    this.bid = input.integer('bid', 0);
    this.bidSize = input.integer('bid size', 0);
    this.ask = input.integer('ask', 0);
    this.askSize = input.integer('ask size', 0);
    this.#quoteId = input.integer('update id', 0);
    this.tsLevels = input.finite('time');
    this.levels.load(input);
  }

  /** Replaces everything, the top and the update id included: ids may have restarted since. */
  #applySnapshot(update: BookUpdate): boolean {
    this.levels.clear();
    this.#quoteId = 0;
    if (!isShape(update)) return this.#invalidate(BookFault.MALFORMED);
    const fault =
      this.#load(Side.Buy, update.bidPrices, update.bidSizes, update.bidCount) ||
      this.#load(Side.Sell, update.askPrices, update.askSizes, update.askCount);
    return this.#settle(update, fault as BookFault);
  }

  #applyDelta(update: BookUpdate): boolean {
    if (this.state !== BookState.Valid && this.state !== BookState.Stale) return false;
    if (!isShape(update) || update.firstId > update.lastId) return this.#invalidate(BookFault.MALFORMED);
    if (update.lastId <= this.lastUpdateId) return false;
    if (update.firstId > this.lastUpdateId + 1) return this.#invalidate(BookFault.SEQUENCE_GAP);
    const fault =
      this.#change(Side.Buy, update.bidPrices, update.bidSizes, update.bidCount) ||
      this.#change(Side.Sell, update.askPrices, update.askSizes, update.askCount);
    return this.#settle(update, fault as BookFault);
  }

  /** Venues list the best level first: loading from the end appends. A price told twice is no snapshot. */
  #load(side: Side, prices: Float64Array, sizes: Float64Array, count: number): BookFault {
    const { levels } = this;
    let held = 0;
    for (let i = count - 1; i >= 0; i--) {
      const price = prices[i]!;
      const size = sizes[i]!;
      if (!isWhole(price) || price === 0 || !isWhole(size)) return BookFault.MALFORMED;
      if (size === 0) continue;
      if (!levels.setLevel(side, price, size)) return BookFault.OVERFLOW;
      if ((side === Side.Buy ? levels.bidCount : levels.askCount) !== ++held) return BookFault.MALFORMED;
    }
    return BookFault.NONE;
  }

  #change(side: Side, prices: Float64Array, sizes: Float64Array, count: number): BookFault {
    for (let i = 0; i < count; i++) {
      const price = prices[i]!;
      const size = sizes[i]!;
      if (!isWhole(price) || price === 0 || !isWhole(size)) return BookFault.MALFORMED;
      if (!this.levels.setLevel(side, price, size)) return BookFault.OVERFLOW;
    }
    return BookFault.NONE;
  }

  /** After the levels moved to `update.lastId`: believe them, or not. */
  #settle(update: BookUpdate, fault: BookFault): boolean {
    if (fault !== BookFault.NONE) return this.#invalidate(fault);
    const { levels } = this;
    if (levels.crossed) return this.#invalidate(BookFault.CROSSED);
    const { lastId } = update;
    if (lastId === this.#quoteId && !this.#levelsAgree(this.bid, this.bidSize, this.ask, this.askSize)) {
      return this.#invalidate(BookFault.TOP_MISMATCH);
    }
    this.lastUpdateId = lastId;
    this.tsLevels = update.tsInit;
    this.tsLast = update.tsInit;
    this.state = BookState.Valid;
    this.fault = BookFault.NONE;
    if (lastId >= this.#quoteId) {
      this.#quoteId = 0;
      this.bid = levels.bestBid;
      this.bidSize = levels.bestBidSize;
      this.ask = levels.bestAsk;
      this.askSize = levels.bestAskSize;
    }
    return true;
  }

  #levelsAgree(bid: number, bidSize: number, ask: number, askSize: number): boolean {
    const { levels } = this;
    return (
      levels.bestBid === bid &&
      levels.bestBidSize === bidSize &&
      levels.bestAsk === ask &&
      levels.bestAskSize === askSize
    );
  }

  #invalidate(fault: BookFault): boolean {
    const changed = this.state !== BookState.Invalid || this.fault !== fault;
    this.state = BookState.Invalid;
    this.fault = fault;
    this.#quoteId = 0;
    return changed;
  }
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** A price with a size, or neither. */
function isQuoteSide(price: number, size: number): boolean {
  return isWhole(price) && isWhole(size) && (price === 0) === (size === 0);
}

function isShape(update: BookUpdate): boolean {
  return (
    isWhole(update.firstId) &&
    isWhole(update.lastId) &&
    isWhole(update.bidCount) &&
    isWhole(update.askCount) &&
    update.bidCount <= update.bidPrices.length &&
    update.bidCount <= update.bidSizes.length &&
    update.askCount <= update.askPrices.length &&
    update.askCount <= update.askSizes.length
  );
}
