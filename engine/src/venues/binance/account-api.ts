import { z } from 'zod';
import type { Instrument } from '../../domain/index.js';
import type { AccountQueries, AccountRow, OrderRow, OrderTarget, TradeRow } from './account-queries.js';
import type { Params } from './auth.js';
import { inParallel } from './in-parallel.js';
import { type KeyPermissions, keyPermissions } from './key-permissions.js';
import type { RateLimitEntry } from './limits.js';
import { rateLimitRows } from './rate-limit-reader.js';
import { BinanceApiError, type RestClient, RestError } from './rest-client.js';

/**
 * Binance's REST questions about the account, with the weights of rest-api.md. Answers are checked: a field missing or of
 * another type is an error, never a default.
 */

const decimal = z.string().regex(/^\d+(\.\d*)?$/);
const orderRow = z.object({
  symbol: z.string(),
  orderId: z.int().positive(),
  clientOrderId: z.string(),
  status: z.string(),
  side: z.string(),
  type: z.string(),
  timeInForce: z.string(),
  price: decimal,
  stopPrice: decimal.optional(),
  origQty: decimal,
  executedQty: decimal,
  updateTime: z.int().optional(),
  time: z.int().optional(),
});
const tradeRow = z.object({
  id: z.int().nonnegative(),
  orderId: z.int().positive(),
  price: decimal,
  qty: decimal,
  commission: decimal,
  commissionAsset: z.string().nullable(),
  time: z.int(),
  isMaker: z.boolean(),
});
const account = z.object({
  canTrade: z.boolean(),
  updateTime: z.int().optional(),
  balances: z.array(z.object({ asset: z.string(), free: decimal, locked: decimal })),
  permissions: z.array(z.string()).optional(),
});
const exchangeLimits = z.object({
  rateLimits: rateLimitRows,
  symbols: z.array(z.object({ symbol: z.string(), status: z.string() })),
});
const serverTime = z.object({ serverTime: z.int() });

/** Most trades one answer may hold. */
export const TRADE_PAGE = 1000;
/** Above this many symbols one question about all of them is cheaper. */
const ALL_SYMBOLS_FROM = 13;

export class AccountApi implements AccountQueries {
  readonly #rest: RestClient;

  constructor(rest: RestClient) {
    this.#rest = rest;
  }

  /** Venue time, milliseconds. */
  async time(): Promise<number> {
    return (await this.#get(serverTime, '/api/v3/time', {}, 1, false)).serverTime;
  }

  /** The live rate limits, and the trading status of `symbols`. */
  async exchange(
    symbols: readonly string[],
  ): Promise<{ rateLimits: RateLimitEntry[]; symbols: { symbol: string; status: string }[] }> {
    const params: Params = symbols.length === 0 ? {} : { symbols: JSON.stringify(symbols) };
    return await this.#get(exchangeLimits, '/api/v3/exchangeInfo', params, 20, false);
  }

  account(): Promise<
    AccountRow & { readonly canTrade: boolean; readonly permissions?: string[] | undefined }
  > {
    return this.#get(account, '/api/v3/account', { omitZeroBalances: false }, 20);
  }

  /** What the key that signs may do. */
  permissions(): Promise<KeyPermissions> {
    return this.#get(keyPermissions, '/sapi/v1/account/apiRestrictions', {}, 1);
  }

  /** Everything open, foreign orders included; of all symbols when none are given. */
  async openOrders(instruments?: readonly Instrument[]): Promise<OrderRow[]> {
    const rows = z.array(orderRow);
    if (instruments === undefined || instruments.length >= ALL_SYMBOLS_FROM) {
      return this.#get(rows, '/api/v3/openOrders', {}, 80);
    }
    const ask = ({ symbol }: Instrument) => this.#get(rows, '/api/v3/openOrders', { symbol }, 6);
    return (await inParallel(instruments, ask)).flat();
  }

  /** One order; undefined when the venue does not know it (any more: -2026, archived without a fill). */
  async order(symbol: string, target: OrderTarget): Promise<OrderRow | undefined> {
    try {
      return await this.#get(orderRow, '/api/v3/order', { symbol, ...target }, 4);
    } catch (error) {
      const code = error instanceof BinanceApiError ? error.venueCode : 0;
      if (code === -2013 || code === -2026) return undefined;
      throw error;
    }
  }

  /** Fills of one order, oldest first. */
  async tradesOf(symbol: string, orderId: number): Promise<TradeRow[]> {
    const rows: TradeRow[] = [];
    for (let fromId = 0; ; ) {
      const params = { symbol, orderId, limit: TRADE_PAGE, ...(fromId > 0 ? { fromId } : {}) };
      const page = await this.#get(z.array(tradeRow), '/api/v3/myTrades', params, 5);
      rows.push(...page);
      if (page.length < TRADE_PAGE) return rows;
      fromId = page.at(-1)!.id + 1;
    }
  }

  /** The account's fills in a symbol from trade `fromId` on, oldest first. */
  async tradesFrom(symbol: string, fromId: number): Promise<TradeRow[]> {
    const rows: TradeRow[] = [];
    for (let from = fromId; ; ) {
      const params = { symbol, fromId: from, limit: TRADE_PAGE };
      const page = await this.#get(z.array(tradeRow), '/api/v3/myTrades', params, 20);
      rows.push(...page);
      if (page.length < TRADE_PAGE) return rows;
      from = page.at(-1)!.id + 1;
    }
  }

  /** The account's latest fill in a symbol. */
  async lastTrade(symbol: string): Promise<TradeRow | undefined> {
    const page = await this.#get(z.array(tradeRow), '/api/v3/myTrades', { symbol, limit: 1 }, 20);
    return page.at(-1);
  }

  /** Cancels by the venue's id; resolves when it is gone, also when it already was. */
  async cancel(symbol: string, orderId: number, newClientOrderId?: string): Promise<void> {
    const params = { symbol, orderId, ...(newClientOrderId === undefined ? {} : { newClientOrderId }) };
    try {
      await this.#rest.call({
        method: 'DELETE',
        path: '/api/v3/order',
        params,
        weight: 1,
        signed: true,
        urgent: true,
        gated: true,
      });
    } catch (error) {
      if (error instanceof BinanceApiError && error.venueCode === -2011) return;
      throw error;
    }
  }

  async #get<T>(
    schema: z.ZodType<T>,
    path: string,
    params: Params,
    weight: number,
    signed = true,
  ): Promise<T> {
    const answer = await this.#rest.call({ method: 'GET', path, params, weight, signed, urgent: true });
    const parsed = schema.safeParse(answer);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0]!;
    throw new RestError(`${path}: unexpected answer at ${issue.path.join('.')}: ${issue.message}`, true);
  }
}
