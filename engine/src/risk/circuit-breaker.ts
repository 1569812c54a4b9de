import type { BinaryReader, BinaryWriter, StateHash } from '../domain/index.js';

const BUCKETS = 16;

/**
 * Watches the middle of one book for a move of `limitBps` within `windowUs`. The window is kept as the extremes of
 * sixteen slices of it, so that a mark costs the same however many came before, and nothing is allocated. The oldest
 * slice leaves whole: a move is seen for between 15/16 of the window and all of it.
 *
 * A price stands until the next mark: one that stood still for longer than the window, or that nobody could see change
 * during an outage, is still what the next one is compared with.
 */
export class CircuitBreaker {
  readonly #limitBps: number;
  readonly #sliceUs: number;
  readonly #low = new Float64Array(BUCKETS);
  readonly #high = new Float64Array(BUCKETS);
  #slice = -1;
  /** The last mark; 0 before the first. */
  #last = 0;

  constructor(limitBps: number, windowUs: number) {
    this.#limitBps = limitBps;
    this.#sliceUs = Math.max(1, Math.ceil(windowUs / BUCKETS));
    this.reset();
  }

  /**
   * Takes in twice the middle price (best bid + best ask) at `now`, microseconds. True when it lies `limitBps` or more
   * from any price within the window.
   */
  moved(now: number, twiceMid: number): boolean {
    const slice = Math.max(this.#slice, Math.floor(now / this.#sliceUs));
    if (slice !== this.#slice) this.#advance(slice);
    this.#last = twiceMid;
    const at = slice % BUCKETS;
    if (twiceMid < this.#low[at]!) this.#low[at] = twiceMid;
    if (twiceMid > this.#high[at]!) this.#high[at] = twiceMid;
    let low = twiceMid;
    let high = twiceMid;
    for (let i = 0; i < BUCKETS; i++) {
      if (this.#low[i]! < low) low = this.#low[i]!;
      if (this.#high[i]! > high) high = this.#high[i]!;
    }
    return (
      (twiceMid - low) * 10_000 >= this.#limitBps * low || (high - twiceMid) * 10_000 >= this.#limitBps * high
    );
  }

  /** Forgets the window: a person has re-armed trading at today's price. */
  reset(): void {
    this.#low.fill(Number.POSITIVE_INFINITY);
    this.#high.fill(0);
    this.#last = 0;
  }

  hashInto(hash: StateHash): void {
    hash.int(this.#slice).int(this.#last);
    for (let i = 0; i < BUCKETS; i++) {
      hash.int(this.#high[i]!);
      hash.int(Number.isFinite(this.#low[i]!) ? this.#low[i]! : -1);
    }
  }

  save(out: BinaryWriter): void {
    out.number(this.#sliceUs);
    out.number(this.#slice);
    out.number(this.#last);
    out.numbers(this.#low, BUCKETS);
    out.numbers(this.#high, BUCKETS);
  }

  /** Of a window of another length only the last price is of use: it stands from the beginning of the new one. */
  load(input: BinaryReader): void {
    const isSame = input.number() === this.#sliceUs;
    const slice = input.integer('slice', -1);
    this.#last = input.integer('mark', 0);
    const low = input.numbers(BUCKETS);
    const high = input.numbers(BUCKETS);
    if (!isSame) return;
    this.#slice = slice;
    this.#low.set(low);
    this.#high.set(high);
  }

  /** Begins new slices with the price that stood through them. */
  #advance(slice: number): void {
    const from = Math.max(this.#slice + 1, slice - BUCKETS + 1);
    const low = this.#last === 0 ? Number.POSITIVE_INFINITY : this.#last;
    for (let i = from; i <= slice; i++) {
      this.#low[i % BUCKETS] = low;
      this.#high[i % BUCKETS] = this.#last;
    }
    this.#slice = slice;
  }
}
