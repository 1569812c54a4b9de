import {
  type BinaryReader,
  type BinaryWriter,
  type Order,
  type OrderIntent,
  OrderStatus,
  OrderType,
  Side,
  type StateHash,
  TimeInForce,
} from '../domain/index.js';
import { isClosed } from './order-state.js';

/**
 * An order as the oms keeps it. Records are pooled: a reference stays good while the order is open and until a full
 * retention of further orders has closed after it; then the record serves another order. `epoch` and `sequence` tell
 * which order it is now.
 */
export class OrderRecord implements Order {
  /** Place in the pool; for life. */
  readonly slot: number;
  epoch = 0;
  sequence = 0;
  instrument = 0;
  /** {@link NOBODY} when no strategy counts on it. */
  strategy = 0;
  side: Side = Side.Buy;
  type: OrderType = OrderType.Limit;
  timeInForce: TimeInForce = TimeInForce.GTC;
  postOnly = false;
  quantity = 0;
  price = 0;
  triggerPrice = 0;
  status: OrderStatus = OrderStatus.Initialized;
  cumQuantity = 0;
  leavesQuantity = 0;
  cumCost = 0n;
  venueOrderId = '';
  tsSubmitted = 0;
  tsLast = 0;

  /** What the order would be without our pending request; once closed, the last open status it had. */
  beneath: OrderStatus = OrderStatus.Initialized;
  /** Closed because the venue did not know it: any sign of life takes it back. */
  absent = false;
  /** The venue has shown that it took the order. */
  acked = false;
  /** Something must be cleared up by a query. */
  inDoubt = false;
  /** The most the venue has reported as filled. */
  reportedQuantity = 0;
  /** Filled beyond `quantity`; never part of `cumQuantity`. */
  overfillQuantity = 0;
  /** When to ask the venue, microseconds; meaningless unless in flight. */
  queryAt = 0;
  queryTries = 0;
  /** Leaves the totals hold for this order; -1: not counted. */
  countedLeaves = -1;

  constructor(slot: number) {
    this.slot = slot;
  }

  /** The venue has told of fills that never arrived here. */
  get fillsMissing(): boolean {
    return this.reportedQuantity > this.cumQuantity;
  }

  get awaitedQuantity(): number {
    return isClosed(this.status) ? Math.max(0, this.reportedQuantity - this.cumQuantity) : 0;
  }

  /** Makes the record a new order. */
  begin(epoch: number, sequence: number, intent: Readonly<OrderIntent>, now: number): void {
    this.epoch = epoch;
    this.sequence = sequence;
    this.instrument = intent.instrument;
    this.strategy = intent.strategy;
    this.side = intent.side;
    this.type = intent.type;
    this.timeInForce = intent.timeInForce;
    this.postOnly = intent.postOnly;
    this.quantity = intent.quantity;
    this.price = intent.price;
    this.triggerPrice = intent.triggerPrice;
    this.status = OrderStatus.Initialized;
    this.cumQuantity = 0;
    this.leavesQuantity = intent.quantity;
    this.cumCost = 0n;
    this.venueOrderId = '';
    this.tsSubmitted = 0;
    this.tsLast = now;
    this.beneath = OrderStatus.Initialized;
    this.absent = false;
    this.acked = false;
    this.inDoubt = false;
    this.reportedQuantity = 0;
    this.overfillQuantity = 0;
    this.queryAt = 0;
    this.queryTries = 0;
  }

  hashInto(hash: StateHash): void {
    hash.int(this.epoch).int(this.sequence).int(this.instrument).int(this.strategy);
    hash
      .int(this.side)
      .int(this.type)
      .int(this.timeInForce)
      .int(this.postOnly ? 1 : 0);
    hash.int(this.quantity).int(this.price).int(this.triggerPrice);
    hash.int(this.status).int(this.beneath).int(this.cumQuantity).int(this.leavesQuantity).big(this.cumCost);
    hash.text(this.venueOrderId).int(this.tsSubmitted).int(this.tsLast);
    hash.int((this.absent ? 1 : 0) | (this.acked ? 2 : 0) | (this.inDoubt ? 4 : 0));
    hash.int(this.reportedQuantity).int(this.overfillQuantity).int(this.queryAt).int(this.queryTries);
  }

  /** Everything but the id, which comes first where orders are saved. */
  save(out: BinaryWriter): void {
    out.number(this.instrument);
    out.number(this.strategy);
    out.number(this.side);
    out.number(this.type);
    out.number(this.timeInForce);
    out.bool(this.postOnly);
    out.number(this.quantity);
    out.number(this.price);
    out.number(this.triggerPrice);
    out.u8(this.status);
    out.u8(this.beneath);
    out.number(this.cumQuantity);
    out.number(this.leavesQuantity);
    out.big(this.cumCost);
    out.text(this.venueOrderId);
    out.number(this.tsSubmitted);
    out.number(this.tsLast);
    out.u8((this.absent ? 1 : 0) | (this.acked ? 2 : 0) | (this.inDoubt ? 4 : 0));
    out.number(this.reportedQuantity);
    out.number(this.overfillQuantity);
    out.number(this.queryAt);
    out.number(this.queryTries);
  }

  /** A strategy may have asked for anything: a denied order is as odd as its intent was. */
  load(input: BinaryReader): void {
    this.instrument = input.number();
    this.strategy = input.number();
    this.side = input.number() as Side;
    this.type = input.number() as OrderType;
    this.timeInForce = input.number() as TimeInForce;
    this.postOnly = input.bool();
    this.quantity = input.number();
    this.price = input.number();
    this.triggerPrice = input.number();
    this.status = input.member(OrderStatus, 'order status');
    this.beneath = input.member(OrderStatus, 'order status');
    this.cumQuantity = input.number();
    this.leavesQuantity = input.number();
    this.cumCost = input.big();
    this.venueOrderId = input.text();
    this.tsSubmitted = input.finite('time');
    this.tsLast = input.finite('time');
    const flags = input.u8();
    this.absent = (flags & 1) !== 0;
    this.acked = (flags & 2) !== 0;
    this.inDoubt = (flags & 4) !== 0;
    this.reportedQuantity = input.number();
    this.overfillQuantity = input.number();
    this.queryAt = input.finite('time');
    this.queryTries = input.integer('queries', 0);
  }
}
