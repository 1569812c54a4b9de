import { Side } from '../domain/index.js';

/** What is open in one instrument, for all strategies or for one. Quantities are leaves, in size units. */
export interface OpenTotals {
  readonly openCount: number;
  readonly openBuyQuantity: number;
  readonly openSellQuantity: number;
}

class MutableTotals implements OpenTotals {
  openCount = 0;
  openBuyQuantity = 0;
  openSellQuantity = 0;

  add(side: Side, quantity: number, count: 1 | -1): void {
    this.openCount += count;
    if (side === Side.Buy) this.openBuyQuantity += quantity * count;
    else this.openSellQuantity += quantity * count;
  }
}

/** Nothing open. */
export const NO_TOTALS: OpenTotals = Object.freeze({ openCount: 0, openBuyQuantity: 0, openSellQuantity: 0 });

/** {@link OpenTotals} by dense instrument index. */
export class TotalsByInstrument {
  readonly #totals: MutableTotals[] = [];

  get(instrument: number): OpenTotals {
    return this.#totals[instrument] ?? NO_TOTALS;
  }

  add(instrument: number, side: Side, quantity: number, count: 1 | -1): void {
    while (this.#totals.length <= instrument) this.#totals.push(new MutableTotals());
    this.#totals[instrument]!.add(side, quantity, count);
  }
}
