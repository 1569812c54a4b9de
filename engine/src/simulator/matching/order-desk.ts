import { Side } from '../../domain/index.js';
import type { BookOrder } from './book-order.js';
import { isStop } from './book-order.js';
import type { Publisher, ReportDetails } from './publisher.js';
import type { Settlement } from './settlement.js';
import type { ExchangeOrderStatus, ExecutionType } from './types.js';

/** The books kept about each order of one symbol: what is open, how much, and what its owner was told. */
export class OrderDesk {
  readonly #settlement: Settlement;
  readonly #publisher: Publisher;
  #executionId = 0;

  constructor(settlement: Settlement, publisher: Publisher) {
    this.#settlement = settlement;
    this.#publisher = publisher;
  }

  /** Enters an accepted order. */
  open(order: BookOrder): void {
    const { owner } = order;
    owner.opened(order);
    const counts = owner.counts[order.symbol]!;
    counts.orders++;
    if (isStop(order.type)) counts.stops++;
    if (order.icebergQuantity > 0) counts.icebergs++;
    if (order.side === Side.Buy) counts.buyQuantity += order.leavesQuantity;
  }

  /** A stop that was triggered is no longer an algo order. */
  triggered(order: BookOrder): void {
    order.owner.counts[order.symbol]!.stops--;
  }

  /** Takes traded or given-up quantity out of the counts. */
  lower(order: BookOrder, quantity: number): void {
    if (order.side === Side.Buy && !order.byQuote) order.owner.counts[order.symbol]!.buyQuantity -= quantity;
  }

  /** Ends an order that is no longer on the book or armed. `armed` says whether it was when it ended. */
  close(order: BookOrder, status: ExchangeOrderStatus, armed: boolean, nowUs: number): void {
    const { owner } = order;
    this.lower(order, order.leavesQuantity);
    order.status = status;
    order.leavesQuantity = 0;
    order.updatedUs = nowUs;
    if (order.locked !== 0n) this.#settlement.release(order);
    const counts = owner.counts[order.symbol]!;
    counts.orders--;
    if (armed) counts.stops--;
    if (order.icebergQuantity > 0) counts.icebergs--;
    owner.closed(order);
  }

  report(execution: ExecutionType, order: BookOrder, nowUs: number, details?: ReportDetails): void {
    if (!order.owner.internal) this.#publisher.report(execution, order, ++this.#executionId, nowUs, details);
  }
}
