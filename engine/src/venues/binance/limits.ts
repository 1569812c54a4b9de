import type { Counter, Gauge, Logger, MetricRegistry } from '../../telemetry/index.js';
import { RateBudget } from '../rate-budget.js';

/** One entry of `rateLimits`, as exchangeInfo and WebSocket API answers carry it. */
export interface RateLimitEntry {
  readonly rateLimitType: string;
  readonly interval: string;
  readonly intervalNum: number;
  readonly limit: number;
  readonly count?: number | undefined;
}

const INTERVAL_MS: Readonly<Record<string, number>> = {
  SECOND: 1_000,
  MINUTE: 60_000,
  HOUR: 3_600_000,
  DAY: 86_400_000,
  S: 1_000,
  M: 60_000,
  H: 3_600_000,
  D: 86_400_000,
};

/** Which budget a count belongs to. */
export const LimitType = { REQUEST_WEIGHT: 0, ORDERS: 1, RAW_REQUESTS: 2 } as const;
export type LimitType = (typeof LimitType)[keyof typeof LimitType];

/** Share of the weight budget only cancels, queries and other urgent requests may use. */
const URGENT_RESERVE = 0.2;
/** When a 429 or 418 does not say how long. */
const DEFAULT_RETRY_MS = { 429: 60_000, 418: 120_000 } as const;
/** No ban of the venue's lasts longer; and beyond 24 days a timer would go off at once. */
const LONGEST_RETRY_MS = 3 * 86_400_000;

/**
 * All of Binance's request limits in one place, counted in the venue's own fixed windows: REQUEST_WEIGHT and RAW_REQUESTS
 * per address, ORDERS (unfilled orders) per account. Until exchangeInfo has been read the published defaults hold.
 * Source: web-socket-api.md "Rate limits", rest-api.md "LIMITS".
 */
export class BinanceLimits {
  readonly #budgets: readonly [weight: RateBudget, orders: RateBudget, raw: RateBudget] = [
    new RateBudget('weight'),
    new RateBudget('orders'),
    new RateBudget('requests'),
  ];
  readonly #gauges: readonly Gauge[];
  readonly #penalties: Readonly<Record<429 | 418, Counter>>;
  readonly #nowMs: () => number;
  readonly #logger: Logger;
  #bannedUntil = 0;

  /** `nowMs` is the venue's time in milliseconds. */
  constructor(nowMs: () => number, metrics: MetricRegistry, logger: Logger) {
    this.#nowMs = nowMs;
    this.#logger = logger;
    this.#gauges = this.#budgets.map(({ name }) =>
      metrics.gauge('tradewind_venue_rate_budget_left', 'What is left of a venue rate limit in its window', {
        venue: 'binance',
        scope: name,
      }),
    );
    const penalty = (status: string) =>
      metrics.counter(
        'tradewind_venue_rate_penalties_total',
        'Times the venue refused us for rate, or banned us',
        {
          venue: 'binance',
          status,
        },
      );
    this.#penalties = { 429: penalty('429'), 418: penalty('418') };
    this.configure([
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6_000 },
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 50 },
      { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 160_000 },
      { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 61_000 },
    ]);
  }

  /** Takes the live limits of exchangeInfo; types it does not name keep what they had. */
  configure(entries: readonly RateLimitEntry[]): void {
    for (const [name, type] of Object.entries(LimitType)) {
      const limits = entries
        .filter((entry) => entry.rateLimitType === name && INTERVAL_MS[entry.interval] !== undefined)
        .map((entry) => ({
          limit: entry.limit,
          intervalMs: INTERVAL_MS[entry.interval]! * entry.intervalNum,
        }));
      if (limits.length > 0) this.#budgets[type]!.configure(limits);
    }
    this.#publish();
  }

  /** Books one new order, or says no: it must then not be sent. */
  tryOrder(): boolean {
    const now = this.#nowMs();
    const [weight, orders, raw] = this.#budgets;
    if (!weight.has(1, now, URGENT_RESERVE) || !orders.has(1, now) || !raw.has(1, now)) return false;
    weight.book(1, now);
    orders.book(1, now);
    raw.book(1, now);
    return true;
  }

  /** Books one request of `weight`; urgent ones (cancels, queries about orders) may use the reserve. */
  tryRequest(weight: number, urgent: boolean): boolean {
    const now = this.#nowMs();
    const [weights, , raw] = this.#budgets;
    if (!weights.has(weight, now, urgent ? 0 : URGENT_RESERVE) || !raw.has(1, now)) return false;
    weights.book(weight, now);
    raw.book(1, now);
    return true;
  }

  /** Milliseconds until a request of `weight` could pass; 0 = now. */
  waitMs(weight: number, urgent: boolean): number {
    const now = this.#nowMs();
    const [weights, , raw] = this.#budgets;
    return Math.max(weights.waitMs(weight, now, urgent ? 0 : URGENT_RESERVE), raw.waitMs(1, now));
  }

  /** A booked request was answered (or given up). Counts that came with the answer follow through {@link confirm}. */
  settle(weight: number, order: boolean): void {
    const now = this.#nowMs();
    this.#budgets[LimitType.REQUEST_WEIGHT].settle(weight, now);
    this.#budgets[LimitType.RAW_REQUESTS].settle(1, now);
    if (order) this.#budgets[LimitType.ORDERS].settle(1, now);
    this.#publish();
  }

  /** A booked request never reached the wire. */
  refund(weight: number, order: boolean): void {
    this.#budgets[LimitType.REQUEST_WEIGHT].refund(weight);
    this.#budgets[LimitType.RAW_REQUESTS].refund(1);
    if (order) this.#budgets[LimitType.ORDERS].refund(1);
  }

  /** The venue's own count of a window. Windows it has not told us about are left out. */
  confirm(type: LimitType, intervalMs: number, count: number): void {
    this.#budgets[type]!.window(intervalMs)?.confirm(count, this.#nowMs());
  }

  /** Reads `x-mbx-used-weight-1m` and `x-mbx-order-count-10s`-like headers. Names in lower case. */
  confirmHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): void {
    for (const name in headers) {
      if (!name.startsWith('x-mbx-')) continue;
      const match = /^x-mbx-(used-weight|order-count)-(\d+)([smhd])$/.exec(name);
      const count = Number(headers[name]);
      if (match === null || !Number.isSafeInteger(count) || count < 0) continue;
      const type = match[1] === 'used-weight' ? LimitType.REQUEST_WEIGHT : LimitType.ORDERS;
      this.confirm(type, Number(match[2]) * INTERVAL_MS[match[3]!.toUpperCase()]!, count);
    }
    this.#publish();
  }

  /**
   * The venue refused for rate: 429 closes the scope it names (-1015 is the account's orders, anything else the address)
   * until `retryAfterMs` from now; 418 is a ban of the address and closes everything. -1 = it did not say how long.
   */
  penalize(status: number, code: number, retryAfterMs: number): void {
    if (status !== 429 && status !== 418) return;
    this.#penalties[status].add(1);
    const wait = Math.min(LONGEST_RETRY_MS, retryAfterMs >= 0 ? retryAfterMs : DEFAULT_RETRY_MS[status]);
    const until = this.#nowMs() + wait;
    const ordersOnly = status === 429 && code === -1015;
    if (status === 418) this.#bannedUntil = Math.max(this.#bannedUntil, until);
    this.#budgets[ordersOnly ? LimitType.ORDERS : LimitType.REQUEST_WEIGHT].block(until);
    this.#publish();
    this.#logger.warn(status === 418 ? 'banned by the venue' : 'rate limited by the venue', {
      status,
      code,
      scope: ordersOnly ? 'orders' : 'address',
      retryAfterMs: wait,
    });
  }

  /** Our idea of the venue's time was corrected by `byMs`: what the venue asked us to wait stays as long as it was. */
  shift(byMs: number): void {
    this.#bannedUntil += byMs;
    for (const budget of this.#budgets) budget.shift(byMs);
  }

  /** Whether the venue has banned this address: no request of any kind may go out. */
  get banned(): boolean {
    return this.#nowMs() < this.#bannedUntil;
  }

  /** Milliseconds until anything at all may be sent; 0 = now. */
  get blockedForMs(): number {
    return this.#budgets[LimitType.REQUEST_WEIGHT].waitMs(0, this.#nowMs());
  }

  #publish(): void {
    const now = this.#nowMs();
    for (let i = 0; i < this.#gauges.length; i++) this.#gauges[i]!.set(this.#budgets[i]!.left(now));
  }
}

/** Milliseconds in an interval's name and number; 0 for one we do not know. */
export function intervalMs(interval: string, intervalNum: number): number {
  return (INTERVAL_MS[interval] ?? 0) * intervalNum;
}
