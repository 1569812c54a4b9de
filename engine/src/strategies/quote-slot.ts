import {
  type BinaryReader,
  type BinaryWriter,
  type Order,
  OrderStatus,
  Side,
  type StateHash,
} from '../domain/index.js';
import type { StrategyMemory } from './port.js';
import { isUnheard, StrayOrders } from './stray-orders.js';

/** Refusals make us wait at least this long, doubled each time up to the maximum. */
const MIN_BACKOFF_US = 100_000;
const MAX_BACKOFF_US = 5_000_000;

/**
 * One side of the market maker: the one order that may live there, those that live there against our will, and when it
 * may next act.
 */
export class QuoteSlot {
  readonly side: Side;
  /** Our quote: null when, by all we were told, it has ended. */
  order: Order | null = null;
  /** While one of them is known to work, no quote is placed. */
  readonly strays: StrayOrders;
  /** Not before this time is a quote placed, or moved for its price or age. Microseconds. */
  nextQuoteAt = 0;
  readonly #intervalUs: number;
  #nextCancelAt = 0;
  #cancelAsked = false;
  #refusals = 0;

  constructor(side: Side, intervalUs: number) {
    this.side = side;
    this.strays = new StrayOrders(side);
    this.#intervalUs = intervalUs;
  }

  /** The order is open and no cancel is on its way. */
  get isLive(): boolean {
    return this.order !== null && this.order.status !== OrderStatus.PendingCancel;
  }

  /** Whether an order at `price` on the other side would trade with one of ours. */
  meets(price: number): boolean {
    if (this.strays.meets(price)) return true;
    if (this.order === null) return false;
    return this.side === Side.Buy ? price <= this.order.price : price >= this.order.price;
  }

  placed(order: Order, now: number): void {
    this.order = order;
    this.nextQuoteAt = now + this.#intervalUs;
    this.#nextCancelAt = now;
    this.#cancelAsked = false;
  }

  /** The order has ended: as we wished (filled, or canceled at our request), or against our will. */
  ended(status: OrderStatus, now: number): void {
    const asWished = status === OrderStatus.Filled || (status === OrderStatus.Canceled && this.#cancelAsked);
    if (asWished) this.order = null;
    else this.refused(now);
  }

  /** Risk or the venue refused an order. */
  refused(now: number): void {
    this.order = null;
    const backoff = Math.min(MAX_BACKOFF_US, MIN_BACKOFF_US * 2 ** Math.min(this.#refusals, 10));
    this.#refusals++;
    this.nextQuoteAt = now + Math.max(this.#intervalUs, backoff);
  }

  /** A new process has taken over: it does not wait for an order that may never have been sent. */
  restarted(): void {
    if (this.order === null || !isUnheard(this.order)) return;
    this.strays.add(this.order);
    this.order = null;
  }

  accepted(): void {
    this.#refusals = 0;
  }

  /** Whether a cancel may be asked for now: one that failed is not repeated at once. */
  mayCancel(now: number): boolean {
    return now >= this.#nextCancelAt;
  }

  cancelAsked(now: number): void {
    this.#cancelAsked = true;
    this.#nextCancelAt = now + MIN_BACKOFF_US;
  }

  hashInto(hash: StateHash): void {
    hash.int(this.order?.epoch ?? -1).int(this.order?.sequence ?? -1);
    hash
      .int(this.nextQuoteAt)
      .int(this.#nextCancelAt)
      .int(this.#refusals)
      .int(this.#cancelAsked ? 1 : 0);
    this.strays.hashInto(hash);
  }

  save(out: BinaryWriter): void {
    out.bool(this.order !== null);
    if (this.order !== null) {
      out.number(this.order.epoch);
      out.number(this.order.sequence);
    }
    out.number(this.nextQuoteAt);
    out.number(this.#nextCancelAt);
    out.number(this.#refusals);
    out.bool(this.#cancelAsked);
    this.strays.save(out);
  }

  load(input: BinaryReader, memory: StrategyMemory): void {
    this.order = input.bool() ? memory.order(input.number(), input.number()) : null;
    this.nextQuoteAt = input.finite('time');
    this.#nextCancelAt = input.finite('time');
    this.#refusals = input.integer('refusals', 0);
    this.#cancelAsked = input.bool();
    this.strays.load(input, memory);
  }
}
