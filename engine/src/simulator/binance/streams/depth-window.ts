/** Level changes of one symbol since the last depth event, folded per price. */
import { Side } from '../../../domain/index.js';

export interface DepthChanges {
  /** First and last update id: the next event begins where this one ends. */
  readonly firstId: number;
  readonly lastId: number;
  /** `[price, quantity]` in units. */
  readonly bids: readonly (readonly [number, number])[];
  readonly asks: readonly (readonly [number, number])[];
}

export class DepthWindow {
  readonly #bids = new Map<number, number>();
  readonly #asks = new Map<number, number>();
  #sentId: number;
  #lastId: number;

  constructor(lastUpdateId: number) {
    this.#sentId = lastUpdateId;
    this.#lastId = lastUpdateId;
  }

  change(side: Side, price: number, quantity: number, updateId: number): void {
    (side === Side.Buy ? this.#bids : this.#asks).set(price, quantity);
    this.#lastId = updateId;
  }

  /** What changed since the last call; null when nothing did. */
  take(): DepthChanges | null {
    if (this.#lastId === this.#sentId) return null;
    const changes = {
      firstId: this.#sentId + 1,
      lastId: this.#lastId,
      bids: [...this.#bids].sort((a, b) => b[0] - a[0]),
      asks: [...this.#asks].sort((a, b) => a[0] - b[0]),
    };
    this.#bids.clear();
    this.#asks.clear();
    this.#sentId = this.#lastId;
    return changes;
  }
}
