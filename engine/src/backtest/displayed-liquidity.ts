import type { BookView } from '../book/index.js';
import { Side, type StateHash } from '../domain/index.js';

/** What we took from one price level, and the size it displayed when we last looked. */
interface Consumed {
  price: number;
  taken: number;
  displayed: number;
}

/**
 * The displayed quantity of one instrument that is still there to be taken, level by level.
 *
 * Two facts are combined. The *levels* may be older than the *top* (a best bid and ask told on their own), so levels
 * better than the top are gone and the top's own size counts at its price. And what we took stays displayed, because the
 * recorded market never felt our order: it is remembered per price and subtracted, so that nothing is taken twice. The
 * rule of release is conservative: an increase of the displayed size is new liquidity, a decrease is first of all the part
 * we had not taken, and a level that disappears is forgotten. Over a level's life we can thus take its first size and
 * its increases, never more.
 */
export class DisplayedLiquidity {
  readonly #book: BookView;
  readonly #remember: boolean;
  /** Indexed by the side of the resting quantity. */
  readonly #consumed: readonly [Consumed[], Consumed[]] = [[], []];

  /** `remember` false: the same displayed quantity may be taken again and again (not realistic; for comparison only). */
  constructor(book: BookView, remember: boolean) {
    this.#book = book;
    this.#remember = remember;
  }

  /** Best price resting on `side`; 0 when there is none. */
  best(side: Side): number {
    return side === Side.Buy ? this.#book.bid : this.#book.ask;
  }

  /** Displayed size resting on `side` at `price`. */
  sizeAt(side: Side, price: number): number {
    const top = this.best(side);
    if (top === 0 || better(side, price, top)) return 0;
    if (price === top) return side === Side.Buy ? this.#book.bidSize : this.#book.askSize;
    return this.#book.levels.sizeAt(side, price);
  }

  /** True when `price` lies beyond the last level known on `side`: what is displayed there is unknown, not nothing. */
  beyondDepth(side: Side, price: number): boolean {
    const { levels } = this.#book;
    const count = side === Side.Buy ? levels.bidCount : levels.askCount;
    if (count === 0) return true;
    return better(side, this.#levelPrice(side, count - 1), price);
  }

  /**
   * Quantity resting on `side` that can still be taken, best price first, no worse for the taker than `limit` (see
   * {@link NO_LIMIT}), up to `quantity`. Calls `take` for each level and remembers it unless `dryRun`; returns the sum.
   */
  walk(
    side: Side,
    quantity: number,
    limit: number,
    dryRun: boolean,
    take: (price: number, quantity: number) => void,
  ): number {
    let left = quantity;
    const visit = (price: number, size: number): boolean => {
      if (left === 0 || better(side, limit, price)) return false;
      const taken = Math.min(left, Math.max(0, size - this.#takenAt(side, price)));
      if (taken > 0) {
        left -= taken;
        if (!dryRun) this.#consume(side, price, taken, size);
        take(price, taken);
      }
      return left > 0;
    };
    this.#visitLevels(side, visit);
    return quantity - left;
  }

  /** Brings what we took in line with the book; to be called after each change of it. */
  refresh(): void {
    this.#refreshSide(Side.Buy);
    this.#refreshSide(Side.Sell);
  }

  hashInto(hash: StateHash): void {
    for (const side of this.#consumed) {
      hash.int(side.length);
      for (const { price, taken, displayed } of side) hash.int(price).int(taken).int(displayed);
    }
  }

  #visitLevels(side: Side, visit: (price: number, size: number) => boolean): void {
    const top = this.best(side);
    if (top === 0 || !visit(top, this.sizeAt(side, top))) return;
    const { levels } = this.#book;
    const count = side === Side.Buy ? levels.bidCount : levels.askCount;
    for (let i = 0; i < count; i++) {
      const price = this.#levelPrice(side, i);
      if (!better(side, top, price)) continue;
      if (!visit(price, side === Side.Buy ? levels.bidSize(i) : levels.askSize(i))) return;
    }
  }

  #levelPrice(side: Side, index: number): number {
    const { levels } = this.#book;
    return side === Side.Buy ? levels.bidPrice(index) : levels.askPrice(index);
  }

  #takenAt(side: Side, price: number): number {
    return this.#consumed[side].find((entry) => entry.price === price)?.taken ?? 0;
  }

  #consume(side: Side, price: number, taken: number, displayed: number): void {
    if (!this.#remember) return;
    const entry = this.#consumed[side].find((known) => known.price === price);
    if (entry === undefined) this.#consumed[side].push({ price, taken, displayed });
    else entry.taken += taken;
  }

  #refreshSide(side: Side): void {
    const entries = this.#consumed[side];
    for (let i = entries.length - 1; i >= 0; i--) {
      const entry = entries[i]!;
      const displayed = this.sizeAt(side, entry.price);
      if (displayed === 0) {
        entries.splice(i, 1);
        continue;
      }
      if (displayed < entry.displayed) entry.taken = Math.min(entry.taken, displayed);
      entry.displayed = displayed;
    }
  }
}

/** The taker's limit that every resting price satisfies, by the side it rests on: bids from 0 up, asks up to infinity. */
export const NO_LIMIT: readonly [buy: number, sell: number] = [0, Number.POSITIVE_INFINITY];

/** True when `a` is the better price to rest at on `side`: a higher bid, a lower ask. */
export function better(side: Side, a: number, b: number): boolean {
  return side === Side.Buy ? a > b : a < b;
}
