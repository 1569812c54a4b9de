import type { BookOrder } from './book-order.js';

/** All orders of one side at one price, first come first served: a doubly linked list, so that leaving it costs O(1). */
export class PriceLevel {
  readonly price: number;
  /** Sum of the displayed quantities. */
  total = 0;
  /** Sum of what icebergs hold back. */
  reserve = 0;
  /** The total last told to listeners. */
  published = 0;
  head: BookOrder | null = null;
  #tail: BookOrder | null = null;

  constructor(price: number) {
    this.price = price;
  }

  /** At the back of the queue, showing no more than its iceberg quantity. */
  push(order: BookOrder): void {
    const leaves = order.leavesQuantity;
    const shown =
      order.icebergQuantity > 0 && order.icebergQuantity < leaves ? order.icebergQuantity : leaves;
    order.displayed = shown;
    order.level = this;
    order.previous = this.#tail;
    order.next = null;
    if (this.#tail === null) this.head = order;
    else this.#tail.next = order;
    this.#tail = order;
    this.total += shown;
    this.reserve += leaves - shown;
  }

  remove(order: BookOrder): void {
    this.total -= order.displayed;
    this.reserve -= order.leavesQuantity - order.displayed;
    if (order.previous === null) this.head = order.next;
    else order.previous.next = order.next;
    if (order.next === null) this.#tail = order.previous;
    else order.next.previous = order.previous;
    order.displayed = 0;
    order.level = null;
    order.previous = null;
    order.next = null;
  }

  /**
   * Takes `quantity` off what the order shows, because it traded. An iceberg that shows nothing more comes back at the
   * end of the queue with its next slice; an order with nothing left leaves.
   */
  fill(order: BookOrder, quantity: number): void {
    order.displayed -= quantity;
    order.leavesQuantity -= quantity;
    this.total -= quantity;
    if (order.displayed > 0) return;
    const leaves = order.leavesQuantity;
    this.remove(order);
    if (leaves > 0) this.push(order);
  }

  /** Lowers an order's leaves without moving it: what is hidden goes first. */
  reduce(order: BookOrder, leaves: number): void {
    const shown = Math.min(order.displayed, leaves);
    this.reserve += leaves - shown - (order.leavesQuantity - order.displayed);
    this.total += shown - order.displayed;
    order.displayed = shown;
    order.leavesQuantity = leaves;
  }
}
