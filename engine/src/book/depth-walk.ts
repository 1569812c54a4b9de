/**
 * What taking liquidity from a book would get: the result of `PriceLevelBook.walk`, reused from walk to walk.
 *
 * The cost is summed as a plain integer as long as that is exact and spills into a bigint only past 2^53, so that a
 * walk normally allocates nothing until somebody reads {@link cost}.
 */
export class DepthWalk {
  /** Quantity the book could fill, in size units: less than asked when the book is too thin. */
  quantity = 0;
  /** Price of the last level touched, in price units; 0 when nothing could be filled. */
  worstPrice = 0;
  /** Number of levels touched. */
  levels = 0;
  #low = 0;
  #spilled = 0n;

  /** Sum of price × quantity over the levels taken, in price units × size units; exact. */
  get cost(): bigint {
    return this.#spilled + BigInt(this.#low);
  }

  reset(): void {
    this.quantity = 0;
    this.worstPrice = 0;
    this.levels = 0;
    this.#low = 0;
    this.#spilled = 0n;
  }

  /** Takes `quantity` at `price`. */
  take(price: number, quantity: number): void {
    this.quantity += quantity;
    this.worstPrice = price;
    this.levels++;
    const low = this.#low + price * quantity;
    // Both the product and the sum are exact when the result is safe: neither term is negative.
    if (low <= Number.MAX_SAFE_INTEGER) this.#low = low;
    else this.#spilled += BigInt(price) * BigInt(quantity);
  }
}
