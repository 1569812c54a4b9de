import type { BookOrder } from './book-order.js';
import { Ring } from './ring.js';
import type { ExchangeFill, PreventedMatch } from './types.js';

/** What a client may still ask about: its open orders and the latest closed ones, its fills, its prevented matches. */
export class AccountHistory {
  readonly #closed: Ring<BookOrder>;
  readonly #fills: Ring<ExchangeFill>;
  readonly #prevented: Ring<PreventedMatch>;
  readonly #byId = new Map<number, BookOrder>();
  readonly #byClientId = new Map<string, BookOrder>();

  constructor(retainedOrders: number, retainedFills: number) {
    this.#closed = new Ring(retainedOrders);
    this.#fills = new Ring(retainedFills);
    this.#prevented = new Ring(1000);
  }

  opened(order: BookOrder): void {
    this.#byId.set(order.orderId, order);
    this.#byClientId.set(order.clientOrderId, order);
  }

  renamed(order: BookOrder, previousClientId: string): void {
    if (this.#byClientId.get(previousClientId) === order) this.#byClientId.delete(previousClientId);
    this.#byClientId.set(order.clientOrderId, order);
  }

  closed(order: BookOrder): void {
    const evicted = this.#closed.push(order);
    if (evicted === undefined) return;
    this.#byId.delete(evicted.orderId);
    if (this.#byClientId.get(evicted.clientOrderId) === evicted)
      this.#byClientId.delete(evicted.clientOrderId);
  }

  filled(fill: ExchangeFill): void {
    this.#fills.push(fill);
  }

  prevented(match: PreventedMatch): void {
    this.#prevented.push(match);
  }

  byId(orderId: number): BookOrder | undefined {
    return this.#byId.get(orderId);
  }

  byClientId(clientOrderId: string): BookOrder | undefined {
    return this.#byClientId.get(clientOrderId);
  }

  /** Open and closed, by order id. */
  orders(symbol: number): BookOrder[] {
    return [...this.#byId.values()].filter((order) => order.symbol === symbol);
  }

  fills(symbol: number): ExchangeFill[] {
    return [...this.#fills].filter((fill) => fill.symbol === symbol);
  }

  preventedMatches(symbol: number): PreventedMatch[] {
    return [...this.#prevented].filter((match) => match.symbol === symbol);
  }
}
