/** What happened in one symbol: aggregate trades, and candles of one second and one minute from which others are made. */
import { AMOUNT_SCALE, type Amount, Side } from '../../../domain/index.js';
import type { ExchangeTrade, SymbolSpec } from '../../matching/index.js';

/** Trades of one taker order at one price. Quantities and prices in the symbol's units. */
export interface AggregateTrade {
  readonly id: number;
  readonly price: number;
  quantity: number;
  readonly firstId: number;
  lastId: number;
  readonly timeUs: number;
  readonly buyerIsMaker: boolean;
}

export interface Candle {
  /** Milliseconds since 1970 (UTC). */
  startMs: number;
  endMs: number;
  open: number;
  high: number;
  low: number;
  close: number;
  quantity: bigint;
  quote: Amount;
  trades: number;
  takerBuyQuantity: bigint;
  takerBuyQuote: Amount;
  /** -1 when nothing traded. */
  firstId: number;
  lastId: number;
}

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/** Candle lengths; 0 for the calendar month. */
export const INTERVALS = {
  '1s': SECOND,
  '1m': MINUTE,
  '3m': 3 * MINUTE,
  '5m': 5 * MINUTE,
  '15m': 15 * MINUTE,
  '30m': 30 * MINUTE,
  '1h': HOUR,
  '2h': 2 * HOUR,
  '4h': 4 * HOUR,
  '6h': 6 * HOUR,
  '8h': 8 * HOUR,
  '12h': 12 * HOUR,
  '1d': DAY,
  '3d': 3 * DAY,
  '1w': 7 * DAY,
  '1M': 0,
} as const;
export type Interval = keyof typeof INTERVALS;
export const INTERVAL_NAMES = Object.keys(INTERVALS) as Interval[];

/** Weeks begin on Monday; 1970-01-05 was the first. */
const MONDAY = 4 * DAY;

/** Start of the interval holding `ms`, in a zone `offsetMs` east of UTC. */
export function intervalStart(ms: number, interval: Interval, offsetMs = 0): number {
  const local = ms + offsetMs;
  if (interval === '1M') {
    const date = new Date(local);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) - offsetMs;
  }
  const length = INTERVALS[interval];
  const phase = interval === '1w' ? MONDAY : 0;
  return Math.floor((local - phase) / length) * length + phase - offsetMs;
}

/** Start of the interval after the one that starts at `startMs`. */
export function intervalEnd(startMs: number, interval: Interval, offsetMs = 0): number {
  if (interval !== '1M') return startMs + INTERVALS[interval];
  const date = new Date(startMs + offsetMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) - offsetMs;
}

const KEPT_AGGREGATES = 5_000;
const KEPT_SECONDS = 3_600;
const KEPT_MINUTES = 7 * 1_440 + 60;

function emptyCandle(startMs: number, endMs: number, price: number): Candle {
  return {
    startMs,
    endMs,
    open: price,
    high: price,
    low: price,
    close: price,
    quantity: 0n,
    quote: 0n,
    trades: 0,
    takerBuyQuantity: 0n,
    takerBuyQuote: 0n,
    firstId: -1,
    lastId: -1,
  };
}

function merge(into: Candle, candle: Candle): void {
  if (candle.trades === 0) return;
  if (into.trades === 0) {
    into.open = candle.open;
    into.high = candle.high;
    into.low = candle.low;
    into.firstId = candle.firstId;
  } else {
    into.high = Math.max(into.high, candle.high);
    into.low = Math.min(into.low, candle.low);
  }
  into.close = candle.close;
  into.lastId = candle.lastId;
  into.quantity += candle.quantity;
  into.quote += candle.quote;
  into.trades += candle.trades;
  into.takerBuyQuantity += candle.takerBuyQuantity;
  into.takerBuyQuote += candle.takerBuyQuote;
}

export class MarketHistory {
  /** One price unit × one size unit as money. */
  readonly #quoteUnit: Amount;
  readonly #aggregates: AggregateTrade[] = [];
  readonly #seconds: Candle[] = [];
  readonly #minutes: Candle[] = [];
  #nextAggregateId = 1;
  #open: AggregateTrade | null = null;
  #openTaker = 0;

  constructor(spec: SymbolSpec) {
    this.#quoteUnit = 10n ** BigInt(AMOUNT_SCALE - spec.pricePrecision - spec.sizePrecision);
  }

  /** Adds a trade. Returns the aggregate trade it closed, if any. */
  onTrade(trade: ExchangeTrade): AggregateTrade | null {
    const buyerIsMaker = trade.aggressor === Side.Sell;
    const taker = buyerIsMaker ? trade.sellOrderId : trade.buyOrderId;
    let closed: AggregateTrade | null = null;
    if (
      this.#open !== null &&
      this.#openTaker === taker &&
      this.#open.price === trade.price &&
      this.#open.timeUs === trade.timeUs
    ) {
      this.#open.quantity += trade.quantity;
      this.#open.lastId = trade.tradeId;
    } else {
      closed = this.closeAggregate();
      this.#openTaker = taker;
      this.#open = {
        id: this.#nextAggregateId++,
        price: trade.price,
        quantity: trade.quantity,
        firstId: trade.tradeId,
        lastId: trade.tradeId,
        timeUs: trade.timeUs,
        buyerIsMaker,
      };
    }
    const quote = BigInt(trade.price) * BigInt(trade.quantity) * this.#quoteUnit;
    this.#count(this.#seconds, KEPT_SECONDS, SECOND, trade, quote);
    this.#count(this.#minutes, KEPT_MINUTES, MINUTE, trade, quote);
    return closed;
  }

  /** Ends the aggregate trade in progress: its taker order is done. */
  closeAggregate(): AggregateTrade | null {
    const open = this.#open;
    if (open === null) return null;
    this.#open = null;
    this.#aggregates.push(open);
    if (this.#aggregates.length > 2 * KEPT_AGGREGATES) this.#aggregates.splice(0, KEPT_AGGREGATES);
    return open;
  }

  #count(candles: Candle[], kept: number, length: number, trade: ExchangeTrade, quote: Amount): void {
    const startMs = Math.floor(trade.timeUs / 1000 / length) * length;
    let candle = candles[candles.length - 1];
    if (candle === undefined || candle.startMs < startMs) {
      candle = emptyCandle(startMs, startMs + length, trade.price);
      candle.firstId = trade.tradeId;
      candles.push(candle);
      if (candles.length > 2 * kept) candles.splice(0, kept);
    }
    const quantity = BigInt(trade.quantity);
    candle.high = Math.max(candle.high, trade.price);
    candle.low = Math.min(candle.low, trade.price);
    candle.close = trade.price;
    candle.lastId = trade.tradeId;
    candle.quantity += quantity;
    candle.quote += quote;
    candle.trades++;
    if (trade.aggressor === Side.Buy) {
      candle.takerBuyQuantity += quantity;
      candle.takerBuyQuote += quote;
    }
  }

  /** Retained aggregate trades, oldest first. */
  aggregates(): readonly AggregateTrade[] {
    return this.#open === null ? this.#aggregates : [...this.#aggregates, this.#open];
  }

  /** The candle holding `ms`; null before the first trade. Flat at the previous close when nothing traded in it. */
  candleAt(ms: number, interval: Interval, offsetMs = 0): Candle | null {
    const startMs = intervalStart(ms, interval, offsetMs);
    return this.candles(interval, startMs, startMs, 1, offsetMs)[0] ?? null;
  }

  /** Candles whose start lies in [fromMs, toMs], without holes, oldest first; the latest `limit` of them. */
  candles(interval: Interval, fromMs: number, toMs: number, limit: number, offsetMs = 0): Candle[] {
    const source = interval === '1s' ? this.#seconds : this.#minutes;
    const first = source[0];
    if (first === undefined) return [];
    let startMs = Math.max(
      intervalStart(fromMs, interval, offsetMs),
      intervalStart(first.startMs, interval, offsetMs),
    );
    if (startMs < fromMs && intervalStart(first.startMs, interval, offsetMs) < fromMs) {
      startMs = intervalEnd(startMs, interval, offsetMs);
    }
    const list: Candle[] = [];
    let at = 0;
    let close = first.open;
    while (startMs <= toMs) {
      const endMs = intervalEnd(startMs, interval, offsetMs);
      while (at < source.length && source[at]!.startMs < startMs) close = source[at++]!.close;
      const candle = emptyCandle(startMs, endMs, close);
      while (at < source.length && source[at]!.startMs < endMs) merge(candle, source[at++]!);
      close = candle.close;
      list.push(candle);
      if (list.length > 2 * limit) list.splice(0, limit);
      startMs = endMs;
    }
    return list.slice(-limit);
  }

  /** All trades of the minutes from the one holding `fromMs` on, as one candle; null when nothing traded in them. */
  since(fromMs: number, nowMs: number): Candle | null {
    const startMs = Math.floor(fromMs / MINUTE) * MINUTE;
    const total = emptyCandle(startMs, nowMs, 0);
    for (const candle of this.#minutes) if (candle.startMs >= startMs) merge(total, candle);
    return total.trades === 0 ? null : total;
  }
}
