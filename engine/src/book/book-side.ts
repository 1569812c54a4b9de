import type { BinaryReader, BinaryWriter, StateHash } from '../domain/index.js';

/** Most levels one side may hold; a venue that sends more is not to be trusted. */
export const MAX_LEVELS = 2 ** 17;

const FIRST_CAPACITY = 256;
/** Up to this many levels a plain loop moves faster than a call of `copyWithin`. */
const SHORT_MOVE = 8;

/**
 * One side of a book: sorted levels in one typed array, the best at its end, with a gap at the last place that changed.
 *
 * ```
 *   worst ... levels below ... | gap | ... levels above ... best
 *   0                        #low   #high              #capacity
 * ```
 *
 * A level that comes or goes moves only the levels between it and the gap, and the search starts from the gap too.
 * Venues list the changes of a message from the top downwards, so that the gap sweeps the side once per message
 * instead of every change moving everything above it.
 *
 * A level is two cells: a key that grows towards the top (the price for bids, its negative for asks: one code path
 * serves both sides) and a size. Memory grows by doubling and is kept.
 */
export class BookSide {
  readonly #sign: 1 | -1;
  #cells = new Float64Array(FIRST_CAPACITY * 2);
  #capacity = FIRST_CAPACITY;
  #low = 0;
  #high = FIRST_CAPACITY;
  count = 0;

  /** `sign` is 1 for bids, -1 for asks. */
  constructor(sign: 1 | -1) {
    this.#sign = sign;
  }

  clear(): void {
    this.count = 0;
    this.#low = 0;
    this.#high = this.#capacity;
  }

  /** Price of level `i`, 0 being the best; 0 where there is none. */
  price(i: number): number {
    return i >= 0 && i < this.count ? this.#cells[this.#place(i) * 2]! * this.#sign : 0;
  }

  /** Size of level `i`, 0 being the best; 0 where there is none. */
  size(i: number): number {
    return i >= 0 && i < this.count ? this.#cells[this.#place(i) * 2 + 1]! : 0;
  }

  /** Size at `price`; 0 where there is none. */
  sizeAt(price: number): number {
    const key = price * this.#sign;
    const at = this.#lastAtMost(key);
    return at >= 0 && this.#cells[at * 2] === key ? this.#cells[at * 2 + 1]! : 0;
  }

  /** Sets the size at `price`; 0 removes. False when a new level finds no room ({@link MAX_LEVELS}). */
  set(price: number, size: number): boolean {
    const key = price * this.#sign;
    const at = this.#lastAtMost(key);
    if (at >= 0 && this.#cells[at * 2] === key) {
      if (size > 0) this.#cells[at * 2 + 1] = size;
      else this.#remove(at);
      return true;
    }
    return size > 0 ? this.#insertAbove(at, key, size) : true;
  }

  hashInto(hash: StateHash): void {
    hash.int(this.count);
    for (let i = 0; i < this.count; i++) hash.int(this.price(i)).int(this.size(i));
  }

  /** The levels from the worst to the best, each a key and a size. */
  save(out: BinaryWriter): void {
    out.u32(this.count);
    for (let i = this.count - 1; i >= 0; i--) {
      const at = this.#place(i) * 2;
      out.number(this.#cells[at]!);
      out.number(this.#cells[at + 1]!);
    }
  }

  /** Replaces everything. Throws a `JournalError` on levels no side can hold. */
  load(input: BinaryReader): void {
    const count = input.u32();
    if (count > MAX_LEVELS) throw input.malformed(`${count} levels on one side`);
    if (count * 16 > input.left) throw input.malformed(`${count} levels do not fit in ${input.left} bytes`);
    while (this.#capacity < count) {
      this.#capacity *= 2;
      this.#cells = new Float64Array(this.#capacity * 2);
    }
    input.numbersInto(this.#cells, count * 2);
    for (let i = 0; i < count; i++) {
      const price = this.#cells[i * 2]! * this.#sign;
      const size = this.#cells[i * 2 + 1]!;
      const sorted = i === 0 || this.#cells[i * 2]! > this.#cells[i * 2 - 2]!;
      if (!sorted || !Number.isSafeInteger(price) || price <= 0 || !Number.isSafeInteger(size) || size <= 0) {
        this.clear();
        throw input.malformed(`level ${i} of a book: ${size} at ${price}`);
      }
    }
    this.count = count;
    this.#low = count;
    this.#high = this.#capacity;
  }

  /** Where level `i` from the top lies. */
  #place(i: number): number {
    const at = this.#capacity - 1 - i;
    return at >= this.#high ? at : at - this.#high + this.#low;
  }

  /** Where the last level lies whose key is not above `key`; -1 when all are. Gallops away from the gap, then halves. */
  #lastAtMost(key: number): number {
    const cells = this.#cells;
    const capacity = this.#capacity;
    let low = this.#high;
    let high: number;
    let step = 1;
    if (low < capacity && cells[low * 2]! <= key) {
      high = low + 1;
      while (high < capacity && cells[high * 2]! <= key) {
        low = high;
        step *= 2;
        high = low + step;
      }
      if (high > capacity) high = capacity;
    } else {
      high = this.#low;
      low = high - 1;
      while (low >= 0 && cells[low * 2]! > key) {
        high = low;
        step *= 2;
        low = high - step;
      }
      if (low < 0) low = -1;
    }
    // cells[low] <= key (or low is -1), and cells[high] > key (or high is the end of its part).
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (cells[middle * 2]! <= key) low = middle;
      else high = middle;
    }
    return low;
  }

  #insertAbove(at: number, key: number, size: number): boolean {
    let below = at;
    if (this.#low === this.#high) {
      const above = at >= this.#high;
      const shift = this.#grow();
      if (shift === 0) return false;
      if (above) below += shift;
    }
    this.#openAbove(below);
    const place = --this.#high;
    this.#cells[place * 2] = key;
    this.#cells[place * 2 + 1] = size;
    this.count++;
    return true;
  }

  #remove(at: number): void {
    this.#openAbove(at);
    this.#low--;
    this.count--;
  }

  /** Moves the gap to right above the level at `at` (-1: below all). */
  #openAbove(at: number): void {
    const cells = this.#cells;
    if (at >= this.#high) {
      const levels = at + 1 - this.#high;
      const from = this.#high * 2;
      const to = this.#low * 2;
      if (levels > SHORT_MOVE) cells.copyWithin(to, from, from + levels * 2);
      else for (let i = 0; i < levels * 2; i++) cells[to + i] = cells[from + i]!;
      this.#low += levels;
      this.#high += levels;
    } else {
      const levels = this.#low - at - 1;
      const from = (at + 1) * 2;
      const to = (this.#high - levels) * 2;
      if (levels > SHORT_MOVE) cells.copyWithin(to, from, from + levels * 2);
      else for (let i = levels * 2 - 1; i >= 0; i--) cells[to + i] = cells[from + i]!;
      this.#low -= levels;
      this.#high -= levels;
    }
  }

  /** Doubles the room and returns by how much the levels above the gap moved; 0 when that is not allowed. */
  #grow(): number {
    const added = this.#capacity;
    if (added * 2 > MAX_LEVELS) return 0;
    const cells = new Float64Array(added * 4);
    cells.set(this.#cells.subarray(0, this.#low * 2));
    cells.set(this.#cells.subarray(this.#high * 2), (this.#high + added) * 2);
    this.#cells = cells;
    this.#capacity += added;
    this.#high += added;
    return added;
  }
}
