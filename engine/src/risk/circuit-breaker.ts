import type { StateHash } from '../domain/index.js';

const BUCKETS = 16;

/**
 * Watches the middle of one book for a move of `limitBps` within `windowUs`. The window is kept as the extremes of
 * sixteen slices of it, so that a mark costs the same however many came before, and nothing is allocated. The oldest
 * slice leaves whole: a move is seen for between 15/16 of the window and all of it.
 */
export class CircuitBreaker {
  readonly #limitBps: number;
  readonly #sliceUs: number;
  readonly #low = new Float64Array(BUCKETS);
  readonly #high = new Float64Array(BUCKETS);
  #slice = -1;

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
  }

  hashInto(hash: StateHash): void {
    hash.int(this.#slice);
    for (let i = 0; i < BUCKETS; i++) {
      hash.int(this.#high[i]!);
      hash.int(Number.isFinite(this.#low[i]!) ? this.#low[i]! : -1);
    }
  }

  #advance(slice: number): void {
    const from = Math.max(this.#slice + 1, slice - BUCKETS + 1);
    for (let i = from; i <= slice; i++) {
      this.#low[i % BUCKETS] = Number.POSITIVE_INFINITY;
      this.#high[i % BUCKETS] = 0;
    }
    this.#slice = slice;
  }
}
