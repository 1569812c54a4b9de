/** Bounds of the waiting time between connection attempts. */
export interface BackoffOptions {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  /** 0 = for ever. */
  readonly maxAttempts: number;
}

/**
 * Exponential backoff with jitter: each ceiling doubles from `minDelayMs` to `maxDelayMs` and the wait is drawn from its
 * upper half, so that clients cut off together do not come back together.
 */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #random: () => number;
  #attempts = 0;
  /** All of them, counted towards the last one or not. */
  #waits = 0;

  constructor(options: BackoffOptions, random: () => number = Math.random) {
    this.#options = options;
    this.#random = random;
  }

  /** Attempts counted since the last {@link reset}. */
  get attempts(): number {
    return this.#attempts;
  }

  /**
   * Milliseconds to wait before the next attempt, or -1 when there have been `maxAttempts`. One that is not `counted` is
   * always granted.
   */
  next(counted = true): number {
    const { minDelayMs, maxDelayMs, maxAttempts } = this.#options;
    if (counted) {
      if (maxAttempts > 0 && this.#attempts >= maxAttempts) return -1;
      this.#attempts++;
    }
    const ceiling = Math.min(maxDelayMs, minDelayMs * 2 ** Math.min(this.#waits, 30));
    this.#waits++;
    return Math.round(ceiling * (0.5 + this.#random() / 2));
  }

  /** The connection works again. */
  reset(): void {
    this.#attempts = 0;
    this.#waits = 0;
  }
}
