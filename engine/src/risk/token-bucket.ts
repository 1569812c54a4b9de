import type { BinaryReader, BinaryWriter, StateHash } from '../domain/index.js';

const TOKEN = 1_000_000;

/**
 * A rate limit on event time: `burst` tokens at most, refilled at `perSecond`. Counts in millionths of a token, so that a
 * refill per microsecond is an integer and two replays agree exactly. Time that goes back refills nothing.
 */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #capacity: number;
  /** A number from the first, as the last one is: a field that began undefined takes a new heap object for each double. */
  #level = 0;
  #last = 0;

  /** `perSecond` 0 is unlimited. Throws a RangeError unless both are integers and `burst` is at least 1. */
  constructor(perSecond: number, burst: number) {
    if (!Number.isSafeInteger(perSecond) || perSecond < 0) {
      throw new RangeError(`order rate: perSecond must be an integer, not negative, was ${perSecond}`);
    }
    if (perSecond > 0 && (!Number.isSafeInteger(burst) || burst < 1)) {
      throw new RangeError(`order rate: burst must be a positive integer, was ${burst}`);
    }
    this.#perSecond = perSecond;
    this.#capacity = burst * TOKEN;
    this.#level = this.#capacity;
  }

  /** Whether a token is there at `now` (microseconds), which it looks up itself: handed over it could be a heap object. */
  has({ now }: { readonly now: number }): boolean {
    if (this.#perSecond === 0) return true;
    if (now > this.#last) {
      this.#level = Math.min(this.#capacity, this.#level + (now - this.#last) * this.#perSecond);
      this.#last = now;
    }
    return this.#level >= TOKEN;
  }

  /** Takes the token that {@link has} has just seen. */
  take(): void {
    if (this.#perSecond !== 0) this.#level -= TOKEN;
  }

  hashInto(hash: StateHash): void {
    hash.int(this.#level).int(this.#last);
  }

  save(out: BinaryWriter): void {
    out.number(this.#level);
    out.number(this.#last);
  }

  /** Also of a bucket of another rate: a smaller one holds no more than it can. */
  load(input: BinaryReader): void {
    this.#level = Math.min(this.#capacity, input.finite('tokens'));
    this.#last = input.finite('time');
  }
}
