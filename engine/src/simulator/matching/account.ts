import type { Amount } from '../../domain/index.js';
import type { AccountHistory } from './account-history.js';
import type { BookOrder } from './book-order.js';

/** How much an account has open on one symbol. */
export interface OpenCounts {
  orders: number;
  stops: number;
  icebergs: number;
  /** Sum of the leaves of buys. */
  buyQuantity: number;
}

/** One account: funds per asset index, fee rates, and its orders. */
export class Account {
  readonly index: number;
  readonly internal: boolean;
  /** In millionths. */
  makerRate = 0n;
  takerRate = 0n;
  readonly free: Amount[] = [];
  readonly locked: Amount[] = [];
  /** Asset indexes in the order first seen. */
  readonly held: number[] = [];
  /** Asset indexes changed since the last balance report. */
  readonly touched: number[] = [];
  readonly counts: OpenCounts[];
  /** Absent for internal accounts. */
  readonly history: AccountHistory | undefined;
  /** Open and retained orders by id; by client order id the latest that bore it. */
  readonly #orders = new Map<number, BookOrder>();
  readonly #byClientId = new Map<string, BookOrder>();
  /** The open orders, in the order placed, as a list through the orders themselves. */
  #oldest: BookOrder | null = null;
  #newest: BookOrder | null = null;

  constructor(index: number, symbols: number, history: AccountHistory | undefined) {
    this.index = index;
    this.internal = history === undefined;
    this.history = history;
    this.counts = Array.from({ length: symbols }, () => ({
      orders: 0,
      stops: 0,
      icebergs: 0,
      buyQuantity: 0,
    }));
  }

  opened(order: BookOrder): void {
    this.#orders.set(order.orderId, order);
    if (order.clientOrderId !== '') this.#byClientId.set(order.clientOrderId, order);
    order.older = this.#newest;
    if (this.#newest === null) this.#oldest = order;
    else this.#newest.newer = order;
    this.#newest = order;
  }

  closed(order: BookOrder): void {
    if (order.older === null) this.#oldest = order.newer;
    else order.older.newer = order.newer;
    if (order.newer === null) this.#newest = order.older;
    else order.newer.older = order.older;
    order.older = null;
    order.newer = null;
    const forgotten = this.history === undefined ? order : this.history.closed(order);
    if (forgotten === undefined) return;
    this.#orders.delete(forgotten.orderId);
    this.#forgetName(forgotten);
  }

  rename(order: BookOrder, clientOrderId: string): void {
    this.#forgetName(order);
    order.clientOrderId = clientOrderId;
    this.#byClientId.set(clientOrderId, order);
  }

  order(orderId: number): BookOrder | undefined {
    return this.#orders.get(orderId);
  }

  orderByClientId(clientOrderId: string): BookOrder | undefined {
    return this.#byClientId.get(clientOrderId);
  }

  /** Whether an open order bears the client order id. */
  inUse(clientOrderId: string): boolean {
    return this.#byClientId.get(clientOrderId)?.open === true;
  }

  /** Oldest first; of all symbols when `symbol` is absent. */
  openOrders(symbol?: number): BookOrder[] {
    const result: BookOrder[] = [];
    for (let order = this.#oldest; order !== null; order = order.newer) {
      if (symbol === undefined || order.symbol === symbol) result.push(order);
    }
    return result;
  }

  /** Open and retained orders of a symbol, by id. */
  allOrders(symbol: number): BookOrder[] {
    return [...this.#orders.values()].filter((order) => order.symbol === symbol);
  }

  #forgetName(order: BookOrder): void {
    if (this.#byClientId.get(order.clientOrderId) === order) this.#byClientId.delete(order.clientOrderId);
  }
}
