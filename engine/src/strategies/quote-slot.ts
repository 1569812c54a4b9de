import { type Order, OrderStatus, type Side, type StateHash } from '../domain/index.js';

/** Refusals make us wait at least this long, doubled each time up to the maximum. */
const MIN_BACKOFF_US = 100_000;
const MAX_BACKOFF_US = 5_000_000;

/** One side of the market maker: the one order that may live there, and when it may next act. */
export class QuoteSlot {
  readonly side: Side;
  /** Null when nothing of ours can be open on this side. */
  order: Order | null = null;
  /** Not before this time is a quote placed, or moved for its price or age. Microseconds. */
  nextQuoteAt = 0;
  readonly #intervalUs: number;
  #nextCancelAt = 0;
  #cancelAsked = false;
  #refusals = 0;

  constructor(side: Side, intervalUs: number) {
    this.side = side;
    this.#intervalUs = intervalUs;
  }

  /** The order is open and no cancel is on its way. */
  get isLive(): boolean {
    return this.order !== null && this.order.status !== OrderStatus.PendingCancel;
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
  }
}
