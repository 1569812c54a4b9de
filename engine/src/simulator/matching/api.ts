import type { Amount, Side, StateHash } from '../../domain/index.js';
import type { ExchangeError } from './errors.js';
import type { SymbolSpec, SymbolStatus } from './symbol.js';
import type {
  AccountOptions,
  AmendRequest,
  AssetBalance,
  CancelReplaceResult,
  CancelRequest,
  CancelResult,
  DepthSnapshot,
  ExchangeFill,
  ExchangeListener,
  ExchangeOrder,
  ExchangeTrade,
  OrderReference,
  PlaceRequest,
  PlaceResult,
  PreventedMatch,
  TopOfBook,
  TradeStatistics,
} from './types.js';

/** What `new Exchange(options)` takes. */
export interface ExchangeOptions {
  readonly symbols: readonly SymbolSpec[];
  /** Ids start after these, so that a restarted exchange does not repeat itself. All 0 when absent. */
  readonly lastOrderId?: number;
  readonly lastTradeId?: number;
  readonly lastUpdateId?: number;
  /** Closed orders (2,000) and fills (5,000) retained per account, and public trades per symbol (5,000). */
  readonly retainedOrders?: number;
  readonly retainedFills?: number;
  readonly retainedTrades?: number;
}

/**
 * The exchange as its users see it. Symbols and accounts are dense integers. Every time is an integer of microseconds
 * since 1970 (UTC) and is passed in; it should not run backwards. Refusals are returned; only programming errors throw.
 */
export interface ExchangeApi {
  readonly symbols: readonly SymbolSpec[];
  /** Undefined when the exchange does not list it. */
  symbolIndex(symbol: string): number | undefined;
  status(symbol: number): SymbolStatus;
  setStatus(symbol: number, status: SymbolStatus): void;

  /** Opens an account and returns its index. */
  addAccount(options: AccountOptions): number;
  /** Adds to (or, negative, takes from) the free balance; false when that would go below zero. */
  deposit(account: number, asset: string, amount: Amount, nowUs: number): boolean;
  balance(account: number, asset: string): AssetBalance;
  /** Every asset the account ever held, in the order first seen. */
  balances(account: number): AssetBalance[];
  /** In millionths. */
  feeRates(account: number): { readonly maker: number; readonly taker: number };
  setFeeRates(account: number, maker: number, taker: number): void;
  /** Fees taken so far, less rebates. */
  feesCollected(asset: string): Amount;

  place(request: PlaceRequest, nowUs: number): PlaceResult;
  /** All the checks of {@link place}, without placing. Undefined: it would be accepted. */
  check(request: PlaceRequest, nowUs: number): ExchangeError | undefined;
  cancel(request: CancelRequest, nowUs: number): CancelResult;
  /** Cancels the account's open orders of one symbol, oldest first; empty when there are none. */
  cancelAll(account: number, symbol: number, nowUs: number, cancelClientOrderId?: string): ExchangeOrder[];
  /** Cancel, then place: a new order at the back of its queue. The halves fail apart: see the result. */
  cancelReplace(
    cancel: CancelRequest,
    place: PlaceRequest,
    mode: 'STOP_ON_FAILURE' | 'ALLOW_FAILURE',
    nowUs: number,
  ): CancelReplaceResult;
  amend(request: AmendRequest, nowUs: number): CancelResult;

  /** An open or retained order; undefined when unknown. With a client id alone: the latest order of that id. */
  order(reference: OrderReference): ExchangeOrder | undefined;
  /** Oldest first; of all symbols when `symbol` is absent. */
  openOrders(account: number, symbol?: number): ExchangeOrder[];
  /** Open and retained closed orders, by order id. */
  allOrders(account: number, symbol: number): ExchangeOrder[];
  /** The account's retained fills of a symbol, oldest first. */
  fills(account: number, symbol: number): ExchangeFill[];
  preventedMatches(account: number, symbol: number): PreventedMatch[];
  /** The latest `limit` public trades, oldest first. */
  trades(symbol: number, limit: number): ExchangeTrade[];

  top(symbol: number): TopOfBook;
  depth(symbol: number, limit: number): DepthSnapshot;
  /** Visible quantity at a price, 0 when none. */
  sizeAt(symbol: number, side: Side, price: number): number;
  /** The level `index` steps from the best; 0 past the end. Allocation free. */
  levelPrice(symbol: number, side: Side, index: number): number;
  levelSize(symbol: number, side: Side, index: number): number;
  levelCount(symbol: number, side: Side): number;
  lastUpdateId(symbol: number): number;
  /** 0 before the first trade. */
  lastPrice(symbol: number): number;
  /** Volume-weighted over 5 minutes, rounded down; the last price when nothing traded, 0 before the first trade. */
  averagePrice(symbol: number, nowUs: number): number;
  /** The last 24 hours, to 10 minutes. */
  statistics(symbol: number, nowUs: number): TradeStatistics;

  /** Returns the function that removes the listener. */
  listen(listener: ExchangeListener): () => void;
  /** Everything that decides what happens next. */
  hashInto(hash: StateHash): void;
}
