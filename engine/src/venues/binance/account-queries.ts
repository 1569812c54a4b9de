import type { Instrument } from '../../domain/index.js';

/** One order as Binance lists it. Numbers are its decimal text. */
export interface OrderRow {
  readonly symbol: string;
  readonly orderId: number;
  readonly clientOrderId: string;
  readonly status: string;
  /** `BUY` or `SELL`. */
  readonly side: string;
  /** `LIMIT`, `LIMIT_MAKER`, `STOP_LOSS` ... */
  readonly type: string;
  readonly timeInForce: string;
  readonly price: string;
  readonly stopPrice?: string | undefined;
  readonly origQty: string;
  readonly executedQty: string;
  /** Milliseconds. */
  readonly updateTime?: number | undefined;
  readonly time?: number | undefined;
}

/** One fill of the account. */
export interface TradeRow {
  readonly id: number;
  readonly orderId: number;
  readonly price: string;
  readonly qty: string;
  readonly commission: string;
  readonly commissionAsset: string | null;
  /** Milliseconds. */
  readonly time: number;
  readonly isMaker: boolean;
}

export interface AccountRow {
  /** When balances last changed, milliseconds. */
  readonly updateTime?: number | undefined;
  /** All assets, those with nothing left too. */
  readonly balances: readonly { readonly asset: string; readonly free: string; readonly locked: string }[];
}

/** Which order: by the venue's id, or by a client order id. */
export type OrderTarget = { readonly orderId: number } | { readonly origClientOrderId: string };

/** What the reconciler asks of the account. Rejects when there was no answer; an answer is never a default. */
export interface AccountQueries {
  account(): Promise<AccountRow>;
  /** Everything open on these instruments, foreign orders included; it may list more. */
  openOrders(instruments: readonly Instrument[]): Promise<readonly OrderRow[]>;
  /** One order; undefined when the venue does not know it. */
  order(symbol: string, target: OrderTarget): Promise<OrderRow | undefined>;
  /** All fills of one order, oldest first. */
  tradesOf(symbol: string, orderId: number): Promise<readonly TradeRow[]>;
  /** All of the account's fills in a symbol from trade `fromId` on, oldest first. */
  tradesFrom(symbol: string, fromId: number): Promise<readonly TradeRow[]>;
  /** The account's latest fill in a symbol. */
  lastTrade(symbol: string): Promise<TradeRow | undefined>;
}
