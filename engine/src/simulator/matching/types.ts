import type { Amount, OrderType, Side, TimeInForce } from '../../domain/index.js';
import type { ExchangeError } from './errors.js';

/** What happens when an order would trade with another of its own account. The taker's mode decides. */
export type SelfTradePrevention = 'NONE' | 'EXPIRE_TAKER' | 'EXPIRE_MAKER' | 'EXPIRE_BOTH' | 'DECREMENT';

export type ExchangeOrderStatus =
  | 'NEW'
  | 'PARTIALLY_FILLED'
  | 'FILLED'
  | 'CANCELED'
  /** Ended by a rule of the exchange: IOC remainder, FOK, market order out of liquidity. */
  | 'EXPIRED'
  /** Ended by self-trade prevention. */
  | 'EXPIRED_IN_MATCH';

/**
 * A new order. Quantities and prices in the symbol's integer units; an absent number is 0.
 *
 * | domain type | Binance |
 * |---|---|
 * | Market | MARKET, by `quantity` or by `quoteQuantity` |
 * | Limit | LIMIT; with `postOnly` LIMIT_MAKER |
 * | StopMarket, StopLimit | STOP_LOSS, STOP_LOSS_LIMIT |
 * | TakeProfitMarket, TakeProfitLimit | TAKE_PROFIT, TAKE_PROFIT_LIMIT |
 */
export interface PlaceRequest {
  readonly account: number;
  readonly symbol: number;
  readonly side: Side;
  readonly type: OrderType;
  /** GTC when absent; only for orders with a price. */
  readonly timeInForce?: TimeInForce;
  /** Only with Limit: refuse rather than take liquidity. */
  readonly postOnly?: boolean;
  readonly quantity?: number;
  /** Market orders only, instead of `quantity`: how much of the quote asset to spend or to raise. */
  readonly quoteQuantity?: Amount;
  readonly price?: number;
  readonly stopPrice?: number;
  /** Limit GTC only: how much of the order the book shows at a time. */
  readonly icebergQuantity?: number;
  /** Unique among the account's open orders; made from the order id when absent. */
  readonly clientOrderId?: string;
  /** NONE when absent. */
  readonly selfTradePrevention?: SelfTradePrevention;
  /** Any number the caller wants back on the order (Binance strategyId, strategyType); the exchange ignores it. */
  readonly strategyId?: number;
  readonly strategyType?: number;
}

/** An order as the outside sees it. Live objects go on changing: copy what is kept ({@link snapshotOrder}). */
export interface ExchangeOrder {
  readonly orderId: number;
  readonly clientOrderId: string;
  readonly account: number;
  readonly symbol: number;
  readonly side: Side;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly status: ExchangeOrderStatus;
  readonly price: number;
  readonly stopPrice: number;
  /** For a `quoteQuantity` order: what was filled so far. */
  readonly quantity: number;
  readonly quoteQuantity: Amount;
  readonly icebergQuantity: number;
  readonly cumQuantity: number;
  /** Exact sum of price × quantity over the fills. */
  readonly cumQuote: Amount;
  /** `quantity - cumQuantity - preventedQuantity` while open, 0 when closed. */
  readonly leavesQuantity: number;
  /** Taken off the order by self-trade prevention. */
  readonly preventedQuantity: number;
  /** The latest prevented match, 0 = none. */
  readonly preventedMatchId: number;
  readonly selfTradePrevention: SelfTradePrevention;
  /** Whether its price level holds it now. */
  readonly onBook: boolean;
  /** Whether it is a stop still waiting for its trigger price. */
  readonly armed: boolean;
  /** Microseconds since 1970 (UTC). */
  readonly createdUs: number;
  readonly updatedUs: number;
  /** When it appeared on the book, -1 before (armed stop). */
  readonly workingUs: number;
  readonly strategyId: number;
  readonly strategyType: number;
}

/** A public trade. Trade ids are consecutive per symbol. */
export interface ExchangeTrade {
  readonly symbol: number;
  readonly tradeId: number;
  readonly price: number;
  readonly quantity: number;
  /** The taker's side; the buyer is the maker when it is Sell. */
  readonly aggressor: Side;
  readonly timeUs: number;
  readonly buyOrderId: number;
  readonly sellOrderId: number;
}

/** One account's side of a trade. */
export interface ExchangeFill {
  readonly account: number;
  readonly symbol: number;
  readonly tradeId: number;
  readonly orderId: number;
  readonly side: Side;
  readonly price: number;
  readonly quantity: number;
  /** price × quantity. */
  readonly quote: Amount;
  /** Positive is paid, negative a rebate. */
  readonly fee: Amount;
  readonly feeAsset: string;
  readonly maker: boolean;
  readonly timeUs: number;
}

/** A match self-trade prevention stopped. */
export interface PreventedMatch {
  readonly symbol: number;
  readonly preventedMatchId: number;
  readonly account: number;
  readonly mode: SelfTradePrevention;
  readonly takerOrderId: number;
  readonly makerOrderId: number;
  readonly price: number;
  /** Taken off each order; 0 for the order that was left as it was. */
  readonly takerPreventedQuantity: number;
  readonly makerPreventedQuantity: number;
  readonly timeUs: number;
}

export type ExecutionType = 'NEW' | 'CANCELED' | 'REPLACED' | 'TRADE' | 'EXPIRED' | 'TRADE_PREVENTION';

/** One thing that happened to one order of one account. Plain data, safe to keep. */
export interface ExecutionReport {
  readonly execution: ExecutionType;
  /** The order right after it happened (a copy). */
  readonly order: ExchangeOrder;
  /**
   * The id of the request: the order's own, except that on CANCELED it is the cancel's id. On CANCELED and REPLACED
   * {@link originalClientOrderId} is the order's id before.
   */
  readonly clientOrderId: string;
  readonly originalClientOrderId: string;
  /** On TRADE. */
  readonly fill?: ExchangeFill;
  /** On TRADE_PREVENTION. */
  readonly prevention?: PreventedMatch;
  /** Increases by one per report of the symbol. */
  readonly executionId: number;
  readonly timeUs: number;
}

export interface AssetBalance {
  readonly asset: string;
  readonly free: Amount;
  readonly locked: Amount;
}

export type PlaceResult =
  | { readonly ok: true; readonly order: ExchangeOrder; readonly fills: readonly ExchangeFill[] }
  | { readonly ok: false; readonly error: ExchangeError };

/** Names an order by either id; with both, both must fit. */
export interface OrderReference {
  readonly account: number;
  readonly symbol: number;
  readonly orderId?: number;
  readonly clientOrderId?: string;
}

export interface CancelRequest extends OrderReference {
  /** The id of the cancel itself; the order's own when absent. */
  readonly cancelClientOrderId?: string;
  readonly restriction?: 'ONLY_NEW' | 'ONLY_PARTIALLY_FILLED';
}

export type CancelResult =
  | { readonly ok: true; readonly order: ExchangeOrder }
  | { readonly ok: false; readonly error: ExchangeError };

/** Lowers the quantity; the order keeps its place in the queue. */
export interface AmendRequest extends OrderReference {
  readonly newQuantity: number;
  /** The order's id from now on; unchanged when absent. */
  readonly newClientOrderId?: string;
}

export interface CancelReplaceResult {
  readonly cancel: CancelResult;
  /** Absent when the mode is STOP_ON_FAILURE and the cancel failed. */
  readonly place?: PlaceResult;
}

/** Best bid and ask; a price and size of 0 means that side is empty. Safe to keep. */
export interface TopOfBook {
  readonly bid: number;
  readonly bidSize: number;
  readonly ask: number;
  readonly askSize: number;
  readonly lastUpdateId: number;
}

/** Levels from best to worst as `[price, quantity]` units. */
export interface DepthSnapshot {
  readonly lastUpdateId: number;
  readonly bids: ReadonlyArray<readonly [number, number]>;
  readonly asks: ReadonlyArray<readonly [number, number]>;
}

/** A rolling window of trades. Prices are 0 when nothing traded in it. */
export interface TradeStatistics {
  readonly openUs: number;
  readonly closeUs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly last: number;
  readonly quantity: number;
  readonly quote: Amount;
  readonly trades: number;
  readonly firstTradeId: number;
  readonly lastTradeId: number;
}

export interface AccountOptions {
  /** Deposited at once. */
  readonly balances?: Readonly<Record<string, Amount>>;
  /** Fee rates in millionths (1000 = 10 bps = 0.1 %); negative is a rebate. 0 when absent. */
  readonly makerRate?: number;
  readonly takerRate?: number;
  /**
   * The rest of the market: never short of funds, nothing locked, exempt from filters, no execution reports, no
   * retained history. Its balances may go below zero: they are what it is owed, so that sums still come out.
   */
  readonly internal?: boolean;
}

/**
 * Told synchronously, in the order things happen. A listener must not call back into a method that changes the
 * exchange (it throws), and must copy a live order it keeps.
 */
export interface ExchangeListener {
  onTrade?(trade: ExchangeTrade): void;
  /** A price level's new total; 0 = gone. `updateId` goes up by exactly one per call of a symbol. */
  onLevel?(symbol: number, side: Side, price: number, quantity: number, updateId: number): void;
  /** After the operation, when best price or size of either side differ from what was last told. */
  onBest?(symbol: number, top: TopOfBook, timeUs: number): void;
  onExecution?(report: ExecutionReport): void;
  /** After the operation, once per account: the assets it touched. Not for internal accounts. */
  onBalance?(account: number, balances: readonly AssetBalance[], timeUs: number): void;
}
