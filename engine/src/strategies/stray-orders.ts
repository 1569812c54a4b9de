import {
  type BinaryReader,
  type BinaryWriter,
  type Order,
  OrderStatus,
  Side,
  type StateHash,
} from '../domain/index.js';
import type { StrategyContext, StrategyMemory } from './port.js';

/** A cancel that came to nothing is not repeated sooner than this. */
const RETRY_US = 100_000;

/**
 * Orders of one side that are no quotes any more. Those that we were told had ended and that live after all: each is
 * cancelled, as often as it takes, until the venue has ended it. And those in flight when the engine ended, of which nobody
 * knows whether they reached the venue: they count for what they may fill, and the venue is asked about them. Nearly always
 * empty.
 */
export class StrayOrders {
  readonly #side: Side;
  readonly #orders: Order[] = [];
  /** Per order: not before this time is its cancel asked for again, microseconds. */
  readonly #nextCancelAt: number[] = [];

  constructor(side: Side) {
    this.#side = side;
  }

  /** Whether one is known to work: the side is not quoted beside it. */
  get isWorking(): boolean {
    for (let i = 0; i < this.#orders.length; i++) if (!isUnheard(this.#orders[i]!)) return true;
    return false;
  }

  /** What they may yet fill, size units. */
  get leavesQuantity(): number {
    let sum = 0;
    for (let i = 0; i < this.#orders.length; i++) sum += this.#orders[i]!.leavesQuantity;
    return sum;
  }

  /** An open order. */
  add(order: Order): void {
    if (this.#orders.includes(order)) return;
    this.#orders.push(order);
    this.#nextCancelAt.push(0);
  }

  /** The order has ended: it must be told before the object can serve another order. */
  remove(order: Order): void {
    const at = this.#orders.indexOf(order);
    if (at < 0) return;
    this.#orders.splice(at, 1);
    this.#nextCancelAt.splice(at, 1);
  }

  /**
   * Asks for every cancel that is due. One that could not be sent, for want of a wire, stays due. `all`: also of those that
   * the venue has not told of, of which it would only say that it does not know them.
   */
  cancel(context: StrategyContext, all: boolean): void {
    const { now } = context;
    for (let i = 0; i < this.#orders.length; i++) {
      if (now < this.#nextCancelAt[i]! || (!all && isUnheard(this.#orders[i]!))) continue;
      if (context.cancel(this.#orders[i]!)) this.#nextCancelAt[i] = now + RETRY_US;
    }
  }

  /** Whether an order at `price` on the other side would trade with one of these. */
  meets(price: number): boolean {
    for (let i = 0; i < this.#orders.length; i++) {
      const own = this.#orders[i]!.price;
      if (this.#side === Side.Buy ? price <= own : price >= own) return true;
    }
    return false;
  }

  hashInto(hash: StateHash): void {
    hash.int(this.#orders.length);
    for (let i = 0; i < this.#orders.length; i++) {
      const { epoch, sequence } = this.#orders[i]!;
      hash.int(epoch).int(sequence).int(this.#nextCancelAt[i]!);
    }
  }

  save(out: BinaryWriter): void {
    out.u32(this.#orders.length);
    for (let i = 0; i < this.#orders.length; i++) {
      const { epoch, sequence } = this.#orders[i]!;
      out.number(epoch);
      out.number(sequence);
      out.number(this.#nextCancelAt[i]!);
    }
  }

  load(input: BinaryReader, memory: StrategyMemory): void {
    this.#orders.length = 0;
    this.#nextCancelAt.length = 0;
    for (let left = input.u32(); left > 0; left--) {
      const order = memory.order(input.number(), input.number());
      const nextCancelAt = input.number();
      if (order === null) continue;
      this.#orders.push(order);
      this.#nextCancelAt.push(nextCancelAt);
    }
  }
}

/** Whether the venue has never told of an open order. */
export function isUnheard({ status, venueOrderId, cumQuantity }: Order): boolean {
  if (status === OrderStatus.Submitted) return true;
  return status === OrderStatus.PendingCancel && venueOrderId === '' && cumQuantity === 0;
}
