import type { BookOrder } from './book-order.js';
import { Ring } from './ring.js';
import type { ExchangeFill, PreventedMatch } from './types.js';

const RETAINED_PREVENTED = 1000;

/** What a client may still ask about after the fact: its latest closed orders, fills and prevented matches. */
export class AccountHistory {
  readonly #closed: Ring<BookOrder>;
  readonly #fills: Ring<ExchangeFill>;
  readonly #prevented = new Ring<PreventedMatch>(RETAINED_PREVENTED);

  constructor(retainedOrders: number, retainedFills: number) {
    this.#closed = new Ring(retainedOrders);
    this.#fills = new Ring(retainedFills);
  }

  /** Keeps a closed order and returns the one to be forgotten for it. */
  closed(order: BookOrder): BookOrder | undefined {
    return this.#closed.push(order);
  }

  filled(fill: ExchangeFill): void {
    this.#fills.push(fill);
  }

  prevented(match: PreventedMatch): void {
    this.#prevented.push(match);
  }

  fills(symbol: number): ExchangeFill[] {
    return [...this.#fills].filter((fill) => fill.symbol === symbol);
  }

  preventedMatches(symbol: number): PreventedMatch[] {
    return [...this.#prevented].filter((match) => match.symbol === symbol);
  }
}
