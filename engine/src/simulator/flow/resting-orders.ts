import type { ExchangeOrder } from '../matching/index.js';
import type { Prng } from './prng.js';

/** The generator's own orders on one side. Filled ones are noticed late, when met or when room is needed. */
export class RestingOrders {
  readonly #capacity: number;
  #orders: ExchangeOrder[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** At most `capacity`; includes orders filled meanwhile. */
  get count(): number {
    return this.#orders.length;
  }

  get full(): boolean {
    if (this.#orders.length < this.#capacity) return false;
    this.#orders = this.#orders.filter((order) => order.onBook);
    return this.#orders.length >= this.#capacity;
  }

  add(order: ExchangeOrder): void {
    this.#orders.push(order);
  }

  /** Takes out the order that scores highest of `tries` drawn at random; undefined when those drawn were all gone. */
  draw(random: Prng, tries: number, score: (order: ExchangeOrder) => number): ExchangeOrder | undefined {
    let best = -1;
    let bestScore = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < tries && this.#orders.length > 0; i++) {
      const at = random.below(this.#orders.length);
      const order = this.#orders[at]!;
      if (!order.onBook) {
        this.#remove(at);
        if (best === this.#orders.length) best = at;
        continue;
      }
      const value = score(order);
      if (value > bestScore) {
        best = at;
        bestScore = value;
      }
    }
    return best < 0 ? undefined : this.#remove(best);
  }

  #remove(at: number): ExchangeOrder {
    const order = this.#orders[at]!;
    const last = this.#orders.pop()!;
    if (at < this.#orders.length) this.#orders[at] = last;
    return order;
  }
}
