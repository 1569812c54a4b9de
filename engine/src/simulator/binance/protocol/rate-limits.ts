/**
 * Rate accounting as Binance does it: request weight and raw requests per IP, unfilled orders per account, all in
 * fixed windows aligned to the clock. Source: rest-api.md "LIMITS", faqs/order_count_decrement.md.
 */
import { errors } from './errors.js';

/** Limits of the simulated venue. `Infinity` disables one. */
export interface LimitOptions {
  /** Request weight per minute and IP. Default 6,000. */
  readonly weightPerMinute: number;
  /** Requests per 5 minutes and IP. Default 61,000. */
  readonly rawRequestsPer5Minutes: number;
  /** Unfilled orders per 10 seconds and account. Default 100. */
  readonly ordersPer10Seconds: number;
  /** Unfilled orders per day and account. Default 200,000. */
  readonly ordersPerDay: number;
  /** WebSocket connection attempts per 5 minutes and IP. Default 300. */
  readonly connectionsPer5Minutes: number;
  /** Requests after the first 429 of a window that turn it into a ban. Default 20. */
  readonly violationsToBan: number;
  /** First ban, milliseconds; doubles with each repetition up to 3 days. Default 120,000. */
  readonly firstBanMs: number;
}

export const DEFAULT_LIMITS: LimitOptions = {
  weightPerMinute: 6_000,
  rawRequestsPer5Minutes: 61_000,
  ordersPer10Seconds: 100,
  ordersPerDay: 200_000,
  connectionsPer5Minutes: 300,
  violationsToBan: 20,
  firstBanMs: 120_000,
};

/** For load tests: everything is counted, nothing is refused. */
export const NO_LIMITS: Partial<LimitOptions> = {
  weightPerMinute: Number.POSITIVE_INFINITY,
  rawRequestsPer5Minutes: Number.POSITIVE_INFINITY,
  ordersPer10Seconds: Number.POSITIVE_INFINITY,
  ordersPerDay: Number.POSITIVE_INFINITY,
  connectionsPer5Minutes: Number.POSITIVE_INFINITY,
};

const LONGEST_BAN_MS = 3 * 86_400_000;
const MINUTE = 60_000;
const DAY = 86_400_000;

/** A limit as `exchangeInfo`, `rateLimit/order` and WebSocket responses show it. */
export interface RateLimitView {
  readonly rateLimitType: 'REQUEST_WEIGHT' | 'ORDERS' | 'RAW_REQUESTS';
  readonly interval: 'SECOND' | 'MINUTE' | 'DAY';
  readonly intervalNum: number;
  readonly limit: number;
}
export type RateLimitCount = RateLimitView & { readonly count: number };

/** A count that starts again at zero when the clock enters the next window. */
class Window {
  readonly lengthMs: number;
  #start = 0;
  #count = 0;

  constructor(lengthMs: number) {
    this.lengthMs = lengthMs;
  }

  count(nowMs: number): number {
    const start = Math.floor(nowMs / this.lengthMs) * this.lengthMs;
    if (start !== this.#start) {
      this.#start = start;
      this.#count = 0;
    }
    return this.#count;
  }

  add(nowMs: number, n: number): number {
    this.#count = Math.max(0, this.count(nowMs) + n);
    return this.#count;
  }

  endsMs(nowMs: number): number {
    return Math.floor(nowMs / this.lengthMs) * this.lengthMs + this.lengthMs;
  }
}

const secondsUntil = (untilMs: number, nowMs: number) => Math.max(1, Math.ceil((untilMs - nowMs) / 1000));

/** JSON has no infinity: a disabled limit is shown as the largest 32-bit number. */
const shown = (limit: number) => (Number.isFinite(limit) ? limit : 2_147_483_647);

/** One IP's budget and bans. */
export class IpBudget {
  readonly #limits: LimitOptions;
  readonly #weight = new Window(MINUTE);
  readonly #raw = new Window(5 * MINUTE);
  readonly #connections = new Window(5 * MINUTE);
  readonly #violations = new Window(MINUTE);
  #bannedUntilMs = 0;
  #bans = 0;

  constructor(limits: LimitOptions) {
    this.#limits = limits;
  }

  /** Counts a request of `weight`. Throws 429 (-1003) past a limit, 418 (-1003) while banned. */
  charge(weight: number, nowMs: number): void {
    this.checkBan(nowMs);
    const used = this.#weight.add(nowMs, weight);
    const raw = this.#raw.add(nowMs, 1);
    if (used > this.#limits.weightPerMinute) {
      const until = this.#weight.endsMs(nowMs);
      this.#violate(nowMs);
      throw errors.tooMuchWeight(
        this.#limits.weightPerMinute,
        '1 MINUTE',
        secondsUntil(until, nowMs),
        retryData(nowMs, until),
      );
    }
    if (raw > this.#limits.rawRequestsPer5Minutes) {
      const until = this.#raw.endsMs(nowMs);
      this.#violate(nowMs);
      throw errors.tooManyRequests(
        this.#limits.rawRequestsPer5Minutes,
        '5 MINUTE',
        secondsUntil(until, nowMs),
        retryData(nowMs, until),
      );
    }
  }

  /** Counts a WebSocket connection attempt. Throws -1034 past the limit, 418 while banned. */
  connect(nowMs: number): void {
    this.checkBan(nowMs);
    if (this.#connections.add(nowMs, 1) > this.#limits.connectionsPer5Minutes) {
      throw errors.tooManyConnections(this.#limits.connectionsPer5Minutes, '5m');
    }
  }

  /** Throws 418 while this IP is banned. */
  checkBan(nowMs: number): void {
    if (nowMs >= this.#bannedUntilMs) return;
    const until = Math.ceil(this.#bannedUntilMs);
    throw errors.banned(until, secondsUntil(until, nowMs), retryData(nowMs, until));
  }

  /** Bans this IP from `nowMs` for `durationMs`. */
  ban(nowMs: number, durationMs: number): void {
    this.#bannedUntilMs = Math.max(this.#bannedUntilMs, nowMs + durationMs);
  }

  /** Lifts a ban and forgets violations. */
  pardon(): void {
    this.#bannedUntilMs = 0;
    this.#bans = 0;
  }

  usedWeight(nowMs: number): number {
    return this.#weight.count(nowMs);
  }

  view(nowMs: number): RateLimitCount {
    return { ...weightLimit(this.#limits), count: this.#weight.count(nowMs) };
  }

  #violate(nowMs: number): void {
    if (this.#violations.add(nowMs, 1) <= this.#limits.violationsToBan) return;
    this.ban(nowMs, Math.min(LONGEST_BAN_MS, this.#limits.firstBanMs * 2 ** this.#bans));
    this.#bans++;
    this.checkBan(nowMs);
  }
}

function retryData(nowMs: number, untilMs: number): object {
  return { serverTime: Math.floor(nowMs), retryAfter: Math.ceil(untilMs) };
}

/** One account's count of unfilled orders. */
export class OrderBudget {
  readonly #limits: LimitOptions;
  readonly #short = new Window(10_000);
  readonly #day = new Window(DAY);

  constructor(limits: LimitOptions) {
    this.#limits = limits;
  }

  /** Throws 429 (-1015) when no further order fits. */
  check(nowMs: number): void {
    this.#checkOne(this.#short, this.#limits.ordersPer10Seconds, '10 SECOND', nowMs);
    this.#checkOne(this.#day, this.#limits.ordersPerDay, '1 DAY', nowMs);
  }

  #checkOne(window: Window, limit: number, interval: string, nowMs: number): void {
    if (window.count(nowMs) < limit) return;
    const until = window.endsMs(nowMs);
    throw errors.tooManyOrders(limit, interval, secondsUntil(until, nowMs), retryData(nowMs, until));
  }

  /** Counts an order that was placed. */
  add(nowMs: number): void {
    this.#short.add(nowMs, 1);
    this.#day.add(nowMs, 1);
  }

  /** An order's first fill gives its count back: one as taker, five as maker. */
  credit(nowMs: number, maker: boolean): void {
    const n = maker ? -5 : -1;
    this.#short.add(nowMs, n);
    this.#day.add(nowMs, n);
  }

  counts(nowMs: number): { short: number; day: number } {
    return { short: this.#short.count(nowMs), day: this.#day.count(nowMs) };
  }

  views(nowMs: number): readonly RateLimitCount[] {
    const { short, day } = this.counts(nowMs);
    const [first, second] = orderLimits(this.#limits);
    return [
      { ...first, count: short },
      { ...second, count: day },
    ];
  }
}

function weightLimit(limits: LimitOptions): RateLimitView {
  return {
    rateLimitType: 'REQUEST_WEIGHT',
    interval: 'MINUTE',
    intervalNum: 1,
    limit: shown(limits.weightPerMinute),
  };
}

function orderLimits(limits: LimitOptions): [RateLimitView, RateLimitView] {
  return [
    { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: shown(limits.ordersPer10Seconds) },
    { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: shown(limits.ordersPerDay) },
  ];
}

/** `rateLimits` of exchangeInfo. */
export function allLimits(limits: LimitOptions): readonly RateLimitView[] {
  return [
    weightLimit(limits),
    ...orderLimits(limits),
    {
      rateLimitType: 'RAW_REQUESTS',
      interval: 'MINUTE',
      intervalNum: 5,
      limit: shown(limits.rawRequestsPer5Minutes),
    },
  ];
}
