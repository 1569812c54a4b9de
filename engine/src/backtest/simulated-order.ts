import {
  type Order,
  OrderStatus,
  OrderType,
  Side,
  type StateHash,
  type TimeInForce,
} from '../domain/index.js';
import type { QueuePosition } from './queue-model.js';
import type { FundLock } from './simulated-account.js';

/** One of our orders as the simulated venue holds it: a copy, for the order store reuses its own. */
export class SimulatedOrder {
  readonly epoch: number;
  readonly sequence: number;
  readonly instrument: number;
  readonly side: Side;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly quantity: number;
  /** 0 for orders without a limit. */
  readonly price: number;
  readonly triggerPrice: number;

  venueOrderId = '';
  status: OrderStatus = OrderStatus.Submitted;
  cumQuantity = 0;
  /** Funds set aside for what is still open. */
  lock: FundLock = { asset: '', amount: 0n };

  readonly position: QueuePosition = { ahead: 0, traded: 0 };
  /** Displayed size of the order's level when the queue position was last brought up to date. */
  levelSize = 0;
  /** Queue advance credited to shrinking levels that trades still on their way may explain; see `SimulatedMarket`. */
  credit = 0;
  creditUntil = 0;

  constructor(order: Order) {
    this.epoch = order.epoch;
    this.sequence = order.sequence;
    this.instrument = order.instrument;
    this.side = order.side;
    this.type = order.type;
    this.timeInForce = order.timeInForce;
    this.postOnly = order.postOnly;
    this.quantity = order.quantity;
    this.price = hasLimit(order.type) ? order.price : 0;
    this.triggerPrice = isConditional(order.type) ? order.triggerPrice : 0;
  }

  get leavesQuantity(): number {
    return this.quantity - this.cumQuantity;
  }

  get open(): boolean {
    return (
      this.status === OrderStatus.Accepted ||
      this.status === OrderStatus.PartiallyFilled ||
      this.status === OrderStatus.Triggered
    );
  }

  /** True when this order may trade at `price`. */
  accepts(price: number): boolean {
    if (this.price === 0) return true;
    return this.side === Side.Buy ? price <= this.price : price >= this.price;
  }

  hashInto(hash: StateHash): void {
    hash.int(this.epoch).int(this.sequence).int(this.status).int(this.cumQuantity);
    hash.int(this.position.ahead).int(this.position.traded).int(this.levelSize).int(this.credit);
  }
}

/** True for types that carry a limit price. */
export function hasLimit(type: OrderType): boolean {
  return type === OrderType.Limit || type === OrderType.StopLimit || type === OrderType.TakeProfitLimit;
}

/** True for types that sleep until a trigger price trades. */
export function isConditional(type: OrderType): boolean {
  return type !== OrderType.Limit && type !== OrderType.Market;
}

/**
 * True when a trade at `price` wakes the order: stops trigger against us, take-profits in our favor (Binance: rest-api.md,
 * "Other info" under new order: STOP_LOSS BUY market price >= stopPrice, and so on).
 */
export function triggers(order: SimulatedOrder, price: number): boolean {
  const stop = order.type === OrderType.StopMarket || order.type === OrderType.StopLimit;
  const upward = stop === (order.side === Side.Buy);
  return upward ? price >= order.triggerPrice : price <= order.triggerPrice;
}
