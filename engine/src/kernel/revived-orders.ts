import {
  type BinaryReader,
  type BinaryWriter,
  type Order,
  OrderStatus,
  type StateHash,
} from '../domain/index.js';
import { isOpen, type OrderManager } from '../oms/index.js';

/**
 * Open orders that no strategy counts on, until they have ended: those that had been taken for ended and showed life
 * again, those of earlier leaders, those whose strategy is gone. Known by their ids, because the object of an order that
 * ended may serve another one.
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

  save(out: BinaryWriter): void {
    out.u32(this.#epochs.length);
    for (let i = 0; i < this.#epochs.length; i++) {
      out.number(this.#epochs[i]!);
      out.number(this.#sequences[i]!);
    }
  }

  load(input: BinaryReader): void {
    for (let left = input.u32(); left > 0; left--) {
      this.#epochs.push(input.integer('epoch', 0));
      this.#sequences.push(input.integer('sequence', 0));
    }
  }
}
