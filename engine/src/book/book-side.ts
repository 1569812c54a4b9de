import type { StateHash } from '../domain/index.js';

/** Most levels one side may hold; a venue that sends more is not to be trusted. */
export const MAX_LEVELS = 2 ** 17;

const FIRST_CAPACITY = 256;
/** Levels looked at one by one from the top before the binary search: most changes happen there. */
const NEAR_TOP = 8;
/** Up to this many elements a plain loop moves faster than a call of `copyWithin`. */
const SHORT_MOVE = 24;

/**
 * One side of a book: prices in a typed array, the best at the end, so that a change near the top moves little memory.
 *
 * Levels are kept under a key that grows towards the top: the price for bids, its negative for asks. One code path
 * serves both sides. Memory grows by doubling and is kept.
 */
export class BookSide {
  readonly sign: 1 | -1;
  count = 0;
  #keys = new Float64Array(FIRST_CAPACITY);
  #sizes = new Float64Array(FIRST_CAPACITY);

  /** `sign` is 1 for bids, -1 for asks. */
  constructor(sign: 1 | -1) {
    this.sign = sign;
  }

  clear(): void {
    this.count = 0;
  }

  /** Price of level `i`, 0 being the best; 0 where there is none. */
  price(i: number): number {
    return i >= 0 && i < this.count ? this.#keys[this.count - 1 - i]! * this.sign : 0;
  }

  /** Size of level `i`, 0 being the best; 0 where there is none. */
  size(i: number): number {
    return i >= 0 && i < this.count ? this.#sizes[this.count - 1 - i]! : 0;
  }

  /** Size at `price`; 0 where there is none. */
  sizeAt(price: number): number {
    const key = price * this.sign;
    const at = this.#lastAtMost(key);
    return at >= 0 && this.#keys[at] === key ? this.#sizes[at]! : 0;
  }

  /** Sets the size at `price`; 0 removes. False when a new level finds no room ({@link MAX_LEVELS}). */
  set(price: number, size: number): boolean {
    const key = price * this.sign;
    const at = this.#lastAtMost(key);
    if (at >= 0 && this.#keys[at] === key) {
      if (size > 0) this.#sizes[at] = size;
      else this.#remove(at);
      return true;
    }
    return size > 0 ? this.#insert(at + 1, key, size) : true;
  }

  hashInto(hash: StateHash): void {
    hash.int(this.count);
    for (let i = 0; i < this.count; i++) hash.int(this.#keys[i]!).int(this.#sizes[i]!);
  }

  /** Index of the last level whose key is not above `key`; -1 when all are. */
  #lastAtMost(key: number): number {
    const keys = this.#keys;
    let high = this.count - 1;
    const stop = high - NEAR_TOP;
    while (high >= 0 && high > stop && keys[high]! > key) high--;
    if (high < 0 || keys[high]! <= key) return high;
    // Invariant: keys[low] <= key (or low is -1) and keys[high] > key.
    let low = -1;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (keys[middle]! <= key) low = middle;
      else high = middle;
    }
    return low;
  }

  #insert(at: number, key: number, size: number): boolean {
    const count = this.count;
    if (count === this.#keys.length && !this.#grow()) return false;
    const keys = this.#keys;
    const sizes = this.#sizes;
    if (count - at <= SHORT_MOVE) {
      for (let i = count; i > at; i--) {
        keys[i] = keys[i - 1]!;
        sizes[i] = sizes[i - 1]!;
      }
    } else {
      keys.copyWithin(at + 1, at, count);
      sizes.copyWithin(at + 1, at, count);
    }
    keys[at] = key;
    sizes[at] = size;
    this.count = count + 1;
    return true;
  }

  #remove(at: number): void {
    const last = --this.count;
    const keys = this.#keys;
    const sizes = this.#sizes;
    if (last - at <= SHORT_MOVE) {
      for (let i = at; i < last; i++) {
        keys[i] = keys[i + 1]!;
        sizes[i] = sizes[i + 1]!;
      }
    } else {
      keys.copyWithin(at, at + 1, last + 1);
      sizes.copyWithin(at, at + 1, last + 1);
    }
  }

  #grow(): boolean {
    const capacity = this.#keys.length * 2;
    if (capacity > MAX_LEVELS) return false;
    const keys = new Float64Array(capacity);
    const sizes = new Float64Array(capacity);
    keys.set(this.#keys);
    sizes.set(this.#sizes);
    this.#keys = keys;
    this.#sizes = sizes;
    return true;
  }
}
