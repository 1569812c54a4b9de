import { type BinaryReader, type BinaryWriter, Side, type StateHash } from '../domain/index.js';
import { BookSide } from './book-side.js';
import type { DepthWalk } from './depth-walk.js';

/** The levels of a book, for reading. Prices in price units, sizes in size units; level 0 is the top. */
export interface LevelsView {
  readonly bidCount: number;
  readonly askCount: number;
  /** 0 when the side is empty, as for the three below. */
  readonly bestBid: number;
  readonly bestBidSize: number;
  readonly bestAsk: number;
  readonly bestAskSize: number;
  /** 0 where there is no such level, as for the three below. */
  bidPrice(i: number): number;
  bidSize(i: number): number;
  askPrice(i: number): number;
  askSize(i: number): number;
  /** Size resting at `price` (Buy: bids); 0 when none. */
  sizeAt(side: Side, price: number): number;
  /** What a taker on `side` would get for `quantity`: a buyer walks the asks. Returns `out`. */
  walk(side: Side, quantity: number, out: DepthWalk): DepthWalk;
}

/**
 * Aggregated price levels of both sides over typed arrays. Knows nothing of sequence numbers or trust: that is
 * `InstrumentBook`. Allocates only to grow.
 */
export class PriceLevelBook implements LevelsView {
  readonly #bids = new BookSide(1);
  readonly #asks = new BookSide(-1);

  get bidCount(): number {
    return this.#bids.count;
  }
  get askCount(): number {
    return this.#asks.count;
  }
  get bestBid(): number {
    return this.#bids.price(0);
  }
  get bestBidSize(): number {
    return this.#bids.size(0);
  }
  get bestAsk(): number {
    return this.#asks.price(0);
  }
  get bestAskSize(): number {
    return this.#asks.size(0);
  }
  /** Both sides have levels and the best bid is not below the best ask: impossible in one venue's order book. */
  get crossed(): boolean {
    return this.#bids.count > 0 && this.#asks.count > 0 && this.#bids.price(0) >= this.#asks.price(0);
  }

  bidPrice(i: number): number {
    return this.#bids.price(i);
  }
  bidSize(i: number): number {
    return this.#bids.size(i);
  }
  askPrice(i: number): number {
    return this.#asks.price(i);
  }
  askSize(i: number): number {
    return this.#asks.size(i);
  }

  sizeAt(side: Side, price: number): number {
    return side === Side.Buy ? this.#bids.sizeAt(price) : this.#asks.sizeAt(price);
  }

  /**
   * Sets the size of one level (Buy: bids); 0 removes it. `price` is a positive and `size` a non-negative safe integer:
   * the caller has checked. False when the side is full and the level was not added.
   */
  setLevel(side: Side, price: number, size: number): boolean {
    return side === Side.Buy ? this.#bids.set(price, size) : this.#asks.set(price, size);
  }

  clear(): void {
    this.#bids.clear();
    this.#asks.clear();
  }

  walk(side: Side, quantity: number, out: DepthWalk): DepthWalk {
    const levels = side === Side.Buy ? this.#asks : this.#bids;
    out.reset();
    let rest = quantity;
    for (let i = 0; rest > 0 && i < levels.count; i++) {
      const size = levels.size(i);
      const taken = Math.min(size, rest);
      out.take(levels.price(i), taken);
      rest -= taken;
    }
    return out;
  }

  hashInto(hash: StateHash): void {
    this.#bids.hashInto(hash);
    this.#asks.hashInto(hash);
  }

  save(out: BinaryWriter): void {
    this.#bids.save(out);
    this.#asks.save(out);
  }

  load(input: BinaryReader): void {
    this.#bids.load(input);
    this.#asks.load(input);
  }
}
