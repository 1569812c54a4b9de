/**
 * Rate budgets as venues count them: fixed windows aligned to the venue's clock, each with a limit. Our own count runs
 * ahead of the venue's (requests not answered yet are pending) and is corrected by what its answers say.
 */

/** One fixed window, e.g. 50 orders each 10 seconds. Times are the venue's, milliseconds since 1970. */
export class RateWindow {
  readonly intervalMs: number;
  limit: number;
  #window = 0;
  #confirmed = 0;
  #pending = 0;

  constructor(limit: number, intervalMs: number) {
    this.limit = limit;
    this.intervalMs = intervalMs;
  }

  /** What may still be spent in the window `nowMs` falls into; never negative. */
  left(nowMs: number): number {
    this.#roll(nowMs);
    return Math.max(0, this.limit - this.#confirmed - this.#pending);
  }

  /** Books `amount` as pending; {@link settle} or {@link refund} ends that. */
  book(amount: number, nowMs: number): void {
    this.#roll(nowMs);
    this.#pending += amount;
  }

  /** The request that booked `amount` is over: it cost that much, unless {@link confirm} says otherwise. */
  settle(amount: number, nowMs: number): void {
    this.#roll(nowMs);
    this.#pending = Math.max(0, this.#pending - amount);
    this.#confirmed += amount;
  }

  /** The venue's own count of what this window has cost so far. */
  confirm(count: number, nowMs: number): void {
    this.#roll(nowMs);
    this.#confirmed = count;
  }

  /** The request that booked `amount` was never sent. */
  refund(amount: number): void {
    this.#pending = Math.max(0, this.#pending - amount);
  }

  /** The clock times are told by was set by `byMs`: what was counted belongs to the same stretch of real time. */
  shift(byMs: number): void {
    this.#window = Math.floor((this.#window * this.intervalMs + byMs) / this.intervalMs);
  }

  /** Milliseconds until the window ends. */
  resetIn(nowMs: number): number {
    return this.intervalMs - (nowMs % this.intervalMs);
  }

  #roll(nowMs: number): void {
    const window = Math.floor(nowMs / this.intervalMs);
    if (window > this.#window) {
      this.#window = window;
      this.#confirmed = 0;
    }
  }
}

/** What one scope (an address, an account, an order class) may do: all its windows, and any block the venue imposed. */
export class RateBudget {
  readonly name: string;
  #windows: RateWindow[] = [];
  #blockedUntil = 0;

  constructor(name: string, windows: readonly RateWindow[] = []) {
    this.name = name;
    this.#windows = [...windows];
  }

  get windows(): readonly RateWindow[] {
    return this.#windows;
  }

  /** Takes the venue's own limits; usage of a window that stays is kept. */
  configure(limits: readonly { readonly limit: number; readonly intervalMs: number }[]): void {
    this.#windows = limits.map(({ limit, intervalMs }) => {
      const window = this.window(intervalMs) ?? new RateWindow(limit, intervalMs);
      window.limit = limit;
      return window;
    });
  }

  window(intervalMs: number): RateWindow | undefined {
    for (const window of this.#windows) if (window.intervalMs === intervalMs) return window;
    return undefined;
  }

  /** Nothing passes until `untilMs`; an earlier block is never shortened. */
  block(untilMs: number): void {
    if (untilMs > this.#blockedUntil) this.#blockedUntil = untilMs;
  }

  /** The clock times are told by was set by `byMs`: a block still ends when it would have. */
  shift(byMs: number): void {
    this.#blockedUntil += byMs;
    for (const window of this.#windows) window.shift(byMs);
  }

  blocked(nowMs: number): boolean {
    return nowMs < this.#blockedUntil;
  }

  /** Whether `amount` may be spent now, leaving `reserve` (a fraction of each limit) for more important requests. */
  has(amount: number, nowMs: number, reserve = 0): boolean {
    if (nowMs < this.#blockedUntil) return false;
    for (let i = 0; i < this.#windows.length; i++) {
      const window = this.#windows[i]!;
      if (window.left(nowMs) - amount < window.limit * reserve) return false;
    }
    return true;
  }

  book(amount: number, nowMs: number): void {
    for (let i = 0; i < this.#windows.length; i++) this.#windows[i]!.book(amount, nowMs);
  }

  /** {@link has} and {@link book} in one. */
  take(amount: number, nowMs: number, reserve = 0): boolean {
    if (!this.has(amount, nowMs, reserve)) return false;
    this.book(amount, nowMs);
    return true;
  }

  settle(amount: number, nowMs: number): void {
    for (let i = 0; i < this.#windows.length; i++) this.#windows[i]!.settle(amount, nowMs);
  }

  refund(amount: number): void {
    for (let i = 0; i < this.#windows.length; i++) this.#windows[i]!.refund(amount);
  }

  /** Smallest remaining budget over the windows; 0 while blocked, Infinity without windows. */
  left(nowMs: number): number {
    if (nowMs < this.#blockedUntil) return 0;
    let left = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#windows.length; i++) left = Math.min(left, this.#windows[i]!.left(nowMs));
    return left;
  }

  /** Milliseconds until `amount` could pass; 0 = now. */
  waitMs(amount: number, nowMs: number, reserve = 0): number {
    let wait = Math.max(0, this.#blockedUntil - nowMs);
    for (const window of this.#windows) {
      if (window.left(nowMs) - amount < window.limit * reserve) wait = Math.max(wait, window.resetIn(nowMs));
    }
    return wait;
  }
}
