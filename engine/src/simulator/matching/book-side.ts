import { Side } from '../../domain/index.js';
import { PriceLevel } from './price-level.js';

/** One side's price levels, sorted with the best at the end, where levels come and go most and cost least. */
export class BookSide {
  readonly side: Side;
  readonly #levels: PriceLevel[] = [];
  readonly #byPrice = new Map<number, PriceLevel>();
  /** 1 when a higher price is better (bids), else -1. */
  readonly #sign: number;

  constructor(side: Side) {
    this.side = side;
    this.#sign = side === Side.Buy ? 1 : -1;
  }

  get count(): number {
    return this.#levels.length;
  }

  get best(): PriceLevel | null {
    const count = this.#levels.length;
    return count === 0 ? null : this.#levels[count - 1]!;
  }

  /** The level `index` steps from the best. */
  at(index: number): PriceLevel | undefined {
    return this.#levels[this.#levels.length - 1 - index];
  }

  find(price: number): PriceLevel | undefined {
    return this.#byPrice.get(price);
  }

  /** The level at `price`, made when there is none. */
  obtain(price: number): PriceLevel {
    let level = this.#byPrice.get(price);
    if (level !== undefined) return level;
    level = new PriceLevel(price);
    this.#byPrice.set(price, level);
    const at = this.#position(price);
    if (at === this.#levels.length) this.#levels.push(level);
    else this.#levels.splice(at, 0, level);
    return level;
  }

  /** Drops an empty level. */
  drop(level: PriceLevel): void {
    this.#byPrice.delete(level.price);
    const at = this.#position(level.price);
    if (at === this.#levels.length - 1) this.#levels.pop();
    else this.#levels.splice(at, 1);
  }

  /** Whether an order of the other side with this limit price would trade with `level`. 0 = any price. */
  crosses(level: PriceLevel, limit: number): boolean {
    return limit === 0 || (limit - level.price) * this.#sign <= 0;
  }

  /** Where a level of this price is, or belongs. */
  #position(price: number): number {
    const levels = this.#levels;
    const key = price * this.#sign;
    let low = 0;
    let high = levels.length;
    // Most changes are near the best price: gallop from the end before halving.
    for (let step = 1; high > 0; step *= 2) {
      const probe = levels.length - step;
      if (probe < 0) break;
      if (levels[probe]!.price * this.#sign < key) {
        low = probe + 1;
        break;
      }
      high = probe;
    }
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (levels[middle]!.price * this.#sign < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
