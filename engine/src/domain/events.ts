import type { Amount } from './decimal.js';
import type {
  BookFault,
  ConnectionState,
  DenialReason,
  JournalState,
  LiquiditySide,
  OrderStatus,
  OrderType,
  RejectReason,
  Side,
  TimeInForce,
  TradingState,
  VenueChannel,
} from './enums.js';
import type { Instrument } from './instrument.js';

/**
 * Every fact the kernel may act on. An event is the only way anything reaches it, time included, so a recorded list of
 * events replays to the same commands and the same state hash.
 *
 * Hot events (book, quote, trade, timer) are reused by their producer: a consumer must copy what it keeps.
 */
export const EventKind = {
  SessionStarted: 1,
  InstrumentDefined: 2,
  Timer: 3,
  BookSnapshot: 10,
  BookDelta: 11,
  Quote: 12,
  Trade: 13,
  BookStatus: 14,
  Connection: 20,
  Balance: 21,
  BalanceTransfer: 22,
  Reconciled: 23,
  OrderAccepted: 30,
  OrderRejected: 31,
  OrderFilled: 32,
  OrderCanceled: 33,
  OrderExpired: 34,
  OrderTriggered: 35,
  CancelRejected: 36,
  OrderReport: 37,
  OrderNotFound: 38,
  OutcomeUnknown: 39,
  SendFailed: 40,
  OrderAdopted: 41,
  TradingStateSet: 50,
  StrategiesStopped: 51,
  JournalStatus: 52,
} as const;
export type EventKind = (typeof EventKind)[keyof typeof EventKind];

interface EventBase {
  /** When the source says it happened, microseconds since 1970 (UTC); 0 when it does not say. */
  tsEvent: number;
  /** When this process learned of it, microseconds since 1970 (UTC). The kernel's clock. Stamped by the engine. */
  tsInit: number;
}

export interface SessionStarted extends EventBase {
  kind: typeof EventKind.SessionStarted;
  /** Fencing epoch of this run; in every client order id. */
  epoch: number;
  /** Version of the software and digest of its configuration, so that a replay can tell it is not the same engine. */
  version: string;
  configDigest: string;
}

export interface InstrumentDefined extends EventBase {
  kind: typeof EventKind.InstrumentDefined;
  instrument: Instrument;
}

export interface Timer extends EventBase {
  kind: typeof EventKind.Timer;
}

/** A list of absolute price levels: size 0 removes. A snapshot replaces the book, a delta changes it. */
export interface BookUpdate extends EventBase {
  kind: typeof EventKind.BookSnapshot | typeof EventKind.BookDelta;
  instrument: number;
  /** First and last venue update id covered; `firstId` is the previous `lastId` + 1 in an unbroken run. */
  firstId: number;
  lastId: number;
  bidCount: number;
  askCount: number;
  /** Only the first `bidCount` (`askCount`) elements count; the arrays may be longer. Prices and sizes in units. */
  bidPrices: Float64Array;
  bidSizes: Float64Array;
  askPrices: Float64Array;
  askSizes: Float64Array;
}

/** The venue's best bid and ask, told on its own. In the same update id space as the book where the venue says so. */
export interface Quote extends EventBase {
  kind: typeof EventKind.Quote;
  instrument: number;
  updateId: number;
  bid: number;
  bidSize: number;
  ask: number;
  askSize: number;
}

/** A public trade. */
export interface Trade extends EventBase {
  kind: typeof EventKind.Trade;
  instrument: number;
  tradeId: number;
  price: number;
  quantity: number;
  /** The taker's side. */
  aggressor: Side;
}

/** The connector lost or is rebuilding a book: not to be traded on until the next snapshot. */
export interface BookStatus extends EventBase {
  kind: typeof EventKind.BookStatus;
  instrument: number;
  /** NONE: syncing for the first time. */
  fault: BookFault;
}

export interface Connection extends EventBase {
  kind: typeof EventKind.Connection;
  venue: number;
  channel: VenueChannel;
  state: ConnectionState;
}

export interface Balance extends EventBase {
  kind: typeof EventKind.Balance;
  venue: number;
  asset: string;
  free: Amount;
  locked: Amount;
}

/** Money that came or went without a trade: a deposit, a withdrawal, a transfer between accounts. */
export interface BalanceTransfer extends EventBase {
  kind: typeof EventKind.BalanceTransfer;
  venue: number;
  asset: string;
  /** Positive came in. */
  amount: Amount;
}

/**
 * A comparison with the venue has been told completely: balances, fills and orders before it are of one moment.
 * `tsEvent`: up to when, by the venue's clock, the balances told have changed.
 */
export interface Reconciled extends EventBase {
  kind: typeof EventKind.Reconciled;
  venue: number;
  /**
   * By instrument index: every trade of ours up to and including this one has been told, so that whoever takes over asks
   * for those after it. `0`: none yet; empty: an instrument of another venue.
   */
  lastTradeIds: readonly string[];
}

/** What every event about one of our orders carries. */
export interface OrderEventBase extends EventBase {
  epoch: number;
  sequence: number;
}

export interface OrderAccepted extends OrderEventBase {
  kind: typeof EventKind.OrderAccepted;
  venueOrderId: string;
}

/** The venue refused the order, with proof. A timeout or a 5xx is {@link OutcomeUnknown}, never this. */
export interface OrderRejected extends OrderEventBase {
  kind: typeof EventKind.OrderRejected;
  reason: RejectReason;
  /** The venue's words. */
  text: string;
}

export interface OrderFilled extends OrderEventBase {
  kind: typeof EventKind.OrderFilled;
  /** The venue's trade id, unique per instrument: fills are deduplicated by it. */
  tradeId: string;
  price: number;
  quantity: number;
  liquidity: LiquiditySide;
  feeAsset: string;
  /** Positive is paid, negative a rebate. */
  fee: Amount;
}

export interface OrderCanceled extends OrderEventBase {
  kind: typeof EventKind.OrderCanceled;
}

/** Ended by the venue's own rule: IOC remainder, FOK, self-trade prevention, no liquidity. */
export interface OrderExpired extends OrderEventBase {
  kind: typeof EventKind.OrderExpired;
  reason: RejectReason;
}

export interface OrderTriggered extends OrderEventBase {
  kind: typeof EventKind.OrderTriggered;
}

export interface CancelRejected extends OrderEventBase {
  kind: typeof EventKind.CancelRejected;
  reason: RejectReason;
}

/**
 * The venue's whole truth about one order: its answer to a query, or what it says as an order ends. Fills it implies
 * arrive as OrderFilled before it; those that do not are missing, and the venue is asked for them.
 */
export interface OrderReport extends OrderEventBase {
  kind: typeof EventKind.OrderReport;
  venueOrderId: string;
  status: OrderStatus;
  cumQuantity: number;
}

/** The venue was asked and does not know the order. */
export interface OrderNotFound extends OrderEventBase {
  kind: typeof EventKind.OrderNotFound;
  /**
   * True when the venue can no longer accept the request either (its receive window has passed), so that the order
   * provably never will exist.
   */
  definitive: boolean;
}

/** A request may or may not have reached the venue (timeout, disconnect, 5xx): ask before believing anything. */
export interface OutcomeUnknown extends OrderEventBase {
  kind: typeof EventKind.OutcomeUnknown;
}

/** The request provably never reached the wire. */
export interface SendFailed extends OrderEventBase {
  kind: typeof EventKind.SendFailed;
  /** True: the submit; false: a cancel, which may be tried again. */
  submit: boolean;
  reason: DenialReason;
}

/**
 * The venue lists an order with an id of ours that this store does not know: an earlier leader sent it and died before its
 * journal told of it. Comes before any other event about it; its fills and its state follow as for any order.
 */
export interface OrderAdopted extends OrderEventBase {
  kind: typeof EventKind.OrderAdopted;
  instrument: number;
  side: Side;
  type: OrderType;
  timeInForce: TimeInForce;
  postOnly: boolean;
  quantity: number;
  price: number;
  triggerPrice: number;
  venueOrderId: string;
}

/** An operator's or a breaker's decision. */
export interface TradingStateSet extends EventBase {
  kind: typeof EventKind.TradingStateSet;
  state: TradingState;
  who: string;
  why: string;
}

/** The process is ending: stop quoting, cancel what is open. */
export interface StrategiesStopped extends EventBase {
  kind: typeof EventKind.StrategiesStopped;
}

/** The journal keeps up, falls behind its bound, or can not be written. */
export interface JournalStatus extends EventBase {
  kind: typeof EventKind.JournalStatus;
  state: JournalState;
}

export type OrderEvent =
  | OrderAccepted
  | OrderRejected
  | OrderFilled
  | OrderCanceled
  | OrderExpired
  | OrderTriggered
  | CancelRejected
  | OrderReport
  | OrderNotFound
  | OutcomeUnknown
  | SendFailed
  | OrderAdopted;

export type KernelEvent =
  | SessionStarted
  | InstrumentDefined
  | Timer
  | BookUpdate
  | Quote
  | Trade
  | BookStatus
  | Connection
  | Balance
  | BalanceTransfer
  | Reconciled
  | OrderEvent
  | TradingStateSet
  | StrategiesStopped
  | JournalStatus;

/** Where connectors put their events: the engine stamps, journals and applies each before returning. */
export type EventSink = (event: KernelEvent) => void;
