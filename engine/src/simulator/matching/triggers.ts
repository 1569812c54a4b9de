import type { StateHash } from '../../domain/index.js';
import { OrderType, Side } from '../../domain/index.js';
import type { BookOrder } from './book-order.js';

/** Whether the order waits for the price to rise to its trigger (else: to fall to it). Binance's direction rules. */
export function waitsForRise(type: OrderType, side: Side): boolean {
  const stopLoss = type === OrderType.StopMarket || type === OrderType.StopLimit;
  return stopLoss === (side === Side.Buy);
}

/** Stops waiting for a trade price, sorted so that the next to fire is last; the older fires first at equal prices. */
export class Triggers {
  readonly #rising: BookOrder[] = [];
  readonly #falling: BookOrder[] = [];

  get count(): number {
    return this.#rising.length + this.#falling.length;
  }

  arm(order: BookOrder): void {
    const list = this.#list(order);
    list.splice(this.#position(list, order), 0, order);
    order.armed = true;
  }

  disarm(order: BookOrder): void {
    const list = this.#list(order);
    list.splice(this.#position(list, order), 1);
    order.armed = false;
  }

  /** Moves every stop that a trade at `price` fires to `fired`: rising ones from low to high, then falling from high to low. */
  collect(price: number, fired: BookOrder[]): void {
    const { length } = fired;
    for (let at = this.#rising.length - 1; at >= 0 && this.#rising[at]!.stopPrice <= price; at--) {
      fired.push(this.#rising.pop()!);
    }
    for (let at = this.#falling.length - 1; at >= 0 && this.#falling[at]!.stopPrice >= price; at--) {
      fired.push(this.#falling.pop()!);
    }
    for (let i = length; i < fired.length; i++) fired[i]!.armed = false;
  }

  hashInto(hash: StateHash): void {
    for (const list of [this.#rising, this.#falling]) {
      hash.int(list.length);
      for (const order of list) hash.int(order.orderId).int(order.stopPrice).int(order.leavesQuantity);
    }
  }

  #list(order: BookOrder): BookOrder[] {
    return waitsForRise(order.type, order.side) ? this.#rising : this.#falling;
  }

  /** Index of the order, or where it belongs. */
  #position(list: BookOrder[], order: BookOrder): number {
    const sign = list === this.#rising ? -1 : 1;
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = list[middle]!;
      const before = (other.stopPrice - order.stopPrice) * sign;
      if (before < 0 || (before === 0 && other.orderId > order.orderId)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
