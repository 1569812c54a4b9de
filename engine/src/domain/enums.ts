/**
 * The closed vocabularies of the domain. Each is a small dense integer so that it can live in a typed array, a
 * journal record or a metrics slot; `nameOf` gives the field's own term back for people.
 */

export const Side = { Buy: 0, Sell: 1 } as const;
export type Side = (typeof Side)[keyof typeof Side];

export const OrderType = {
  Market: 0,
  Limit: 1,
  /** Market order armed by a trigger price against us (Binance STOP_LOSS). */
  StopMarket: 2,
  StopLimit: 3,
  /** Market order armed by a trigger price in our favor (Binance TAKE_PROFIT). */
  TakeProfitMarket: 4,
  TakeProfitLimit: 5,
} as const;
export type OrderType = (typeof OrderType)[keyof typeof OrderType];

export const TimeInForce = { GTC: 0, IOC: 1, FOK: 2 } as const;
export type TimeInForce = (typeof TimeInForce)[keyof typeof TimeInForce];

export const LiquiditySide = { Maker: 0, Taker: 1 } as const;
export type LiquiditySide = (typeof LiquiditySide)[keyof typeof LiquiditySide];

/** Order states, in FIX and nautilus terms. `order-state.ts` in the oms room holds the legal transitions. */
export const OrderStatus = {
  Initialized: 0,
  /** Refused by us; never left this process. */
  Denied: 1,
  /** Sent, not yet acknowledged: in flight. */
  Submitted: 2,
  Accepted: 3,
  /** Refused by the venue. */
  Rejected: 4,
  PendingUpdate: 5,
  PendingCancel: 6,
  PartiallyFilled: 7,
  Filled: 8,
  Canceled: 9,
  Expired: 10,
  /** A stop whose trigger price was reached and which now works as its underlying order. */
  Triggered: 11,
} as const;
export type OrderStatus = (typeof OrderStatus)[keyof typeof OrderStatus];

/** Why the risk gate refused an order. A closed set: documented in `docs/denial-codes.md`, counted per code. */
export const DenialReason = {
  NONE: 0,
  INSTRUMENT_NOT_FOUND: 1,
  INVALID_ORDER_SIDE: 2,
  UNSUPPORTED_ORDER_TYPE: 3,
  UNSUPPORTED_TIME_IN_FORCE: 4,
  PRICE_NOT_POSITIVE: 5,
  PRICE_NOT_ON_INCREMENT: 6,
  PRICE_BELOW_MINIMUM: 7,
  PRICE_EXCEEDS_MAXIMUM: 8,
  TRIGGER_PRICE_INVALID: 9,
  QUANTITY_NOT_ON_INCREMENT: 10,
  QUANTITY_BELOW_MINIMUM: 11,
  QUANTITY_EXCEEDS_MAXIMUM: 12,
  NOTIONAL_BELOW_MINIMUM: 13,
  NOTIONAL_EXCEEDS_MAXIMUM: 14,
  NOTIONAL_EXCEEDS_MAX_PER_ORDER: 15,
  PRICE_COLLAR: 16,
  BOOK_INVALID: 17,
  BOOK_STALE: 18,
  POSITION_LIMIT: 19,
  OPEN_ORDER_LIMIT: 20,
  RATE_LIMIT_EXCEEDED: 21,
  NOTIONAL_EXCEEDS_FREE_BALANCE: 22,
  TRADING_HALTED: 23,
  TRADING_STATE_REDUCING: 24,
  STREAM_RECONCILING: 25,
  VENUE_DISCONNECTED: 26,
  DAILY_LOSS_LIMIT: 27,
  DRAWDOWN_LIMIT: 28,
  CAPITAL_LIMIT: 29,
  SELF_TRADE: 30,
  DUPLICATE_ORDER: 31,
  /** The venue's own rate budget is spent; the order never reached the wire. */
  VENUE_RATE_BUDGET: 32,
  /** The order could not be written to the venue's socket; it never reached the wire. */
  SUBMIT_FAILED: 33,
  INVALID_CLIENT_ORDER_ID: 34,
  /** The journal is further behind than its bound; the order never reached the wire. */
  JOURNAL_BACKLOG: 35,
  /** The journal can not be written; the order never reached the wire. */
  JOURNAL_FAILED: 36,
  /** This process may not send: it does not hold the lease, or could not renew it in time. Never reached the wire. */
  NOT_LEADER: 37,
  /** The order waited for its record for longer than its bound: stale. Never reached the wire. */
  JOURNAL_TIMEOUT: 38,
} as const;
export type DenialReason = (typeof DenialReason)[keyof typeof DenialReason];

/** Why a venue refused a request: one set for all venues; each venue's `errors.ts` maps its codes onto it. */
export const RejectReason = {
  UNKNOWN: 0,
  INSUFFICIENT_BALANCE: 1,
  POST_ONLY_WOULD_TAKE: 2,
  PRICE_FILTER: 3,
  QUANTITY_FILTER: 4,
  NOTIONAL_FILTER: 5,
  PERCENT_PRICE_FILTER: 6,
  TOO_MANY_ORDERS: 7,
  OTHER_FILTER: 8,
  RATE_LIMITED: 9,
  BANNED: 10,
  UNKNOWN_ORDER: 11,
  DUPLICATE_ORDER: 12,
  CLOCK_SKEW: 13,
  BAD_SIGNATURE: 14,
  BAD_API_KEY: 15,
  PERMISSION_DENIED: 16,
  BAD_SYMBOL: 17,
  BAD_PARAMETER: 18,
  BAD_PRECISION: 19,
  MARKET_CLOSED: 20,
  TRIGGER_WOULD_FIRE: 21,
  SELF_TRADE_PREVENTION: 22,
  NO_LIQUIDITY: 23,
  /** Venue overloaded and the request was certainly not executed. */
  VENUE_BUSY: 24,
  /** The outcome is not known (5xx, timeout, -1007): never a rejection, the order stays in flight. */
  OUTCOME_UNKNOWN: 25,
} as const;
export type RejectReason = (typeof RejectReason)[keyof typeof RejectReason];

/** Whether a book may be traded on. Only `Valid` may. */
export const BookState = {
  /** No snapshot applied yet, or a resync is in progress. */
  Syncing: 0,
  Valid: 1,
  /** Continuity, checksum or shape was broken; see {@link BookFault}. */
  Invalid: 2,
  /** Intact, but silent for longer than its limit. */
  Stale: 3,
} as const;
export type BookState = (typeof BookState)[keyof typeof BookState];

export const BookFault = {
  NONE: 0,
  SEQUENCE_GAP: 1,
  CROSSED: 2,
  CHECKSUM: 3,
  MALFORMED: 4,
  DISCONNECTED: 5,
  OVERFLOW: 6,
  /** The venue's independent top of book disagrees with ours. */
  TOP_MISMATCH: 7,
  SNAPSHOT_FAILED: 8,
  /** A number had more decimals than the instrument allows: the instrument definition is out of date. */
  PRECISION: 9,
} as const;
export type BookFault = (typeof BookFault)[keyof typeof BookFault];

/** The state of one of a venue's connections. */
export const ConnectionState = { Down: 0, Connecting: 1, Up: 2, Reconciling: 3 } as const;
export type ConnectionState = (typeof ConnectionState)[keyof typeof ConnectionState];

export const VenueChannel = { MarketData: 0, Orders: 1, User: 2 } as const;
export type VenueChannel = (typeof VenueChannel)[keyof typeof VenueChannel];

/** Whether the journal keeps up. While it does not, new orders are denied and cancels pass. */
export const JournalState = { Ok: 0, Backlog: 1, Failed: 2 } as const;
export type JournalState = (typeof JournalState)[keyof typeof JournalState];

/** Local halt levels; cancels pass in all of them. */
export const TradingState = {
  Active: 0,
  /** Only orders that shrink a position are allowed. */
  Reducing: 1,
  Halted: 2,
} as const;
export type TradingState = (typeof TradingState)[keyof typeof TradingState];

const names = new Map<object, Map<number, string>>();

/** The name of `value` in `vocabulary`, or its digits when there is none. Off the line only: allocates. */
export function nameOf(vocabulary: Readonly<Record<string, number>>, value: number): string {
  let table = names.get(vocabulary);
  if (table === undefined) {
    table = new Map(Object.entries(vocabulary).map(([name, number]) => [number, name]));
    names.set(vocabulary, table);
  }
  return table.get(value) ?? String(value);
}
