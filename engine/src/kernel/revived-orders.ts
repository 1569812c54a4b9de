import { type Order, OrderStatus, type StateHash } from '../domain/index.js';
import { isOpen, type OrderManager } from '../oms/index.js';

/**
 * Orders that had been taken for ended and showed life again, until they have really ended. Known by their ids, because
 * the object of an order that ended may serve another one.
 */
export class RevivedOrders {
  readonly #epochs: number[] = [];
  readonly #sequences: number[] = [];

  add({ epoch, sequence }: Order): void {
    for (let i = 0; i < this.#epochs.length; i++) {
      if (this.#epochs[i] === epoch && this.#sequences[i] === sequence) return;
    }
    this.#epochs.push(epoch);
    this.#sequences.push(sequence);
  }

  /** Visits those still open, and forgets the rest. */
  visit(orders: OrderManager, visitor: (order: Order) => unknown): void {
    let kept = 0;
    for (let i = 0; i < this.#epochs.length; i++) {
      const epoch = this.#epochs[i]!;
      const sequence = this.#sequences[i]!;
      const order = orders.find(epoch, sequence);
      if (order === null || !isOpen(order.status)) continue;
      this.#epochs[kept] = epoch;
      this.#sequences[kept] = sequence;
      kept++;
      if (order.status !== OrderStatus.PendingCancel) visitor(order);
    }
    this.#epochs.length = kept;
    this.#sequences.length = kept;
  }

  hashInto(hash: StateHash): void {
    hash.int(this.#epochs.length);
    for (let i = 0; i < this.#epochs.length; i++) hash.int(this.#epochs[i]!).int(this.#sequences[i]!);
  }
}
