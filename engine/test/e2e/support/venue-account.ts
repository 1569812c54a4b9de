import { createHmac } from 'node:crypto';
import { parseAmount } from '../../../src/domain/index.js';
import type { RunningSimulator } from '../../../src/simulator/index.js';

/** An order as the venue's REST interface tells it. */
export interface VenueOrder {
  readonly orderId: number;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly status: string;
  readonly type: string;
  readonly side: string;
  readonly origQty: string;
  readonly executedQty: string;
}

export interface VenueTrade {
  readonly id: number;
  readonly orderId: number;
  readonly price: string;
  readonly qty: string;
  readonly quoteQty: string;
  readonly commission: string;
  readonly commissionAsset: string;
  readonly isBuyer: boolean;
  readonly isMaker: boolean;
}

const PAGE = 1_000;

/** The account `demo` of a simulator, asked over its public interface by a client that shares nothing with the engine. */
export class VenueAccount {
  readonly #url: string;
  readonly #apiKey: string;
  readonly #secret: string;

  constructor({ restUrl, demo }: RunningSimulator) {
    this.#url = restUrl;
    this.#apiKey = demo!.hmac.apiKey;
    this.#secret = demo!.hmac.secret;
  }

  /** Of one symbol a question weighs 6, of all of them 80: 75 of those in a minute are one too many. */
  openOrders(symbol?: string): Promise<VenueOrder[]> {
    return this.#get('/api/v3/openOrders', symbol === undefined ? {} : { symbol });
  }

  allOrders(symbol: string): Promise<VenueOrder[]> {
    return this.#pages('/api/v3/allOrders', symbol, 'orderId', ({ orderId }: VenueOrder) => orderId);
  }

  trades(symbol: string): Promise<VenueTrade[]> {
    return this.#pages('/api/v3/myTrades', symbol, 'fromId', ({ id }: VenueTrade) => id);
  }

  /** What each asset holds, free and locked together, in units of 10^-18. */
  async balances(): Promise<Map<string, bigint>> {
    const { balances } = await this.#get<{ balances: { asset: string; free: string; locked: string }[] }>(
      '/api/v3/account',
      {},
    );
    return new Map(
      balances.map(({ asset, free, locked }) => [asset, parseAmount(free) + parseAmount(locked)]),
    );
  }

  async #pages<T>(path: string, symbol: string, key: string, idOf: (row: T) => number): Promise<T[]> {
    const rows: T[] = [];
    for (let from = 0; ; from = idOf(rows.at(-1)!) + 1) {
      const page = await this.#get<T[]>(path, { symbol, limit: PAGE, [key]: from });
      rows.push(...page);
      if (page.length < PAGE) return rows;
    }
  }

  async #get<T>(path: string, params: Readonly<Record<string, string | number>>): Promise<T> {
    const query = new URLSearchParams({
      ...Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)])),
      recvWindow: '60000',
      timestamp: String(Date.now()),
    }).toString();
    const signature = createHmac('sha256', this.#secret).update(query).digest('hex');
    const response = await fetch(`${this.#url}${path}?${query}&signature=${signature}`, {
      headers: { 'X-MBX-APIKEY': this.#apiKey },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  }
}
