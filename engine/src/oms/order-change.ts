import { type Order, OrderStatus } from '../domain/index.js';

/** What one event did. The manager reuses a single one: read it before the next event. */
export interface OrderChange {
  /** The order; null when the event names none we know. */
  readonly order: Order | null;
  /** Its status before. */
  readonly previous: OrderStatus;
  /** Something about the order changed: status, quantities, ids or what is known to be missing. */
  readonly applied: boolean;
  /** It cannot have happened by the rules. What it proves is kept all the same (quantities), and the venue is asked. */
  readonly illegal: boolean;
  /** A fill seen before: nothing was done. */
  readonly duplicate: boolean;
  /** No such order: never ours, of another run, or dropped by retention. Calls for reconciliation if it is a fill. */
  readonly unknown: boolean;
  /** The order had been taken for ended and is open again. */
  readonly reopened: boolean;
  /** The order was not known before this event: an earlier leader's, and nobody's now. */
  readonly adopted: boolean;
  /** The order ended with this event. */
  readonly closed: boolean;
  /** Quantity of a new fill, to be booked in full whatever the other flags say; 0 when the event is no new fill. */
  readonly fillQuantity: number;
  /** The part of `fillQuantity` beyond what the order asked for. */
  readonly overfillQuantity: number;
  /** The venue has reported more filled than the fills that arrived here. */
  readonly fillsMissing: boolean;
  /** Since this event: they have to be asked for. */
  readonly awaits: boolean;
}

export class MutableOrderChange implements OrderChange {
  order: Order | null = null;
  previous: OrderStatus = OrderStatus.Initialized;
  applied = false;
  illegal = false;
  duplicate = false;
  unknown = false;
  reopened = false;
  adopted = false;
  closed = false;
  fillQuantity = 0;
  overfillQuantity = 0;
  fillsMissing = false;
  awaits = false;

  reset(order: Order | null): void {
    this.order = order;
    this.previous = order === null ? OrderStatus.Initialized : order.status;
    this.applied = false;
    this.illegal = false;
    this.duplicate = false;
    this.unknown = false;
    this.reopened = false;
    this.adopted = false;
    this.closed = false;
    this.fillQuantity = 0;
    this.overfillQuantity = 0;
    this.fillsMissing = false;
    this.awaits = false;
  }
}
