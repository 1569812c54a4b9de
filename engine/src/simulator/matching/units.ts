import type { Amount } from '../../domain/index.js';
import { AMOUNT_SCALE } from '../../domain/index.js';
import type { SymbolSpec } from './symbol.js';

/** A symbol's units of price and quantity against money. */
export class SymbolUnits {
  readonly #base: bigint;
  readonly #quote: bigint;
  /** The smallest step a market order by quote quantity can trade. */
  readonly #step: number;

  constructor(spec: SymbolSpec) {
    this.#base = 10n ** BigInt(AMOUNT_SCALE - spec.sizePrecision);
    this.#quote = 10n ** BigInt(AMOUNT_SCALE - spec.sizePrecision - spec.pricePrecision);
    this.#step = Math.max(spec.filters.lot.step, spec.filters.marketLot?.step ?? 0, 1);
  }

  notional(price: number, quantity: number): Amount {
    const product = price * quantity;
    // A safe integer product is exact, and one conversion is cheaper than two and a multiplication.
    const exact = product <= Number.MAX_SAFE_INTEGER ? BigInt(product) : BigInt(price) * BigInt(quantity);
    return exact * this.#quote;
  }

  baseAmount(quantity: number): Amount {
    return BigInt(quantity) * this.#base;
  }

  /** The whole steps of quantity that `budget` buys at `price`. */
  affordable(price: number, budget: Amount): number {
    if (budget <= 0n) return 0;
    const quantity = budget / (BigInt(price) * this.#quote);
    const most = quantity > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(quantity);
    return most - (most % this.#step);
  }

  /** The whole steps of quantity in an amount of the base asset. */
  wholeSteps(amount: Amount): number {
    if (amount <= 0n) return 0;
    const quantity = Number(amount / this.#base);
    return quantity - (quantity % this.#step);
  }
}
