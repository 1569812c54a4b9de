/** Amendments of orders, for `order.amendments`. The exchange itself keeps only an order's present state. */

export interface Amendment {
  readonly account: number;
  readonly symbol: number;
  readonly orderId: number;
  readonly executionId: number;
  readonly originalClientOrderId: string;
  readonly newClientOrderId: string;
  /** In the symbol's size units. */
  readonly originalQuantity: number;
  readonly newQuantity: number;
  readonly timeUs: number;
}

const KEPT = 10_000;

/** The latest {@link KEPT} amendments, at least. */
export class Amendments {
  readonly #list: Amendment[] = [];

  add(amendment: Amendment): void {
    this.#list.push(amendment);
    if (this.#list.length > 2 * KEPT) this.#list.splice(0, KEPT);
  }

  of(account: number, symbol: number, orderId: number): Amendment[] {
    return this.#list.filter(
      (one) => one.orderId === orderId && one.account === account && one.symbol === symbol,
    );
  }
}
