import type { OrderType, Side, TimeInForce } from '../../domain/index.js';
import { OrderType as Type } from '../../domain/index.js';
import type { Account } from './account.js';
import type { PriceLevel } from './price-level.js';
import type { ExchangeOrder, ExchangeOrderStatus, PlaceRequest, SelfTradePrevention } from './types.js';

/** An order as the exchange works on it: the public face, its place in a queue, and the funds set aside for it. */
export class BookOrder implements ExchangeOrder {
  /** 0 until accepted. */
  orderId = 0;
  clientOrderId: string;
  readonly account: number;
  readonly symbol: number;
  readonly side: Side;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  status: ExchangeOrderStatus = 'NEW';
  readonly price: number;
  readonly stopPrice: number;
  quantity: number;
  readonly quoteQuantity: bigint;
  readonly icebergQuantity: number;
  cumQuantity = 0;
  cumQuote = 0n;
  leavesQuantity: number;
  preventedQuantity = 0;
  preventedMatchId = 0;
  readonly selfTradePrevention: SelfTradePrevention;
  armed = false;
  readonly createdUs: number;
  updatedUs: number;
  workingUs = -1;
  readonly strategyId: number;
  readonly strategyType: number;

  /** The account's books. */
  readonly owner: Account;
  /** What the account has set aside for this order, in the asset it gives. Always 0 for internal accounts. */
  locked = 0n;
  /** What is left of `quoteQuantity`. */
  budget: bigint;
  /** The part of the leaves that its price level shows. */
  displayed = 0;
  amends = 0;
  level: PriceLevel | null = null;
  next: BookOrder | null = null;
  previous: BookOrder | null = null;
  /** Neighbors among the account's open orders. */
  older: BookOrder | null = null;
  newer: BookOrder | null = null;

  constructor(request: PlaceRequest, owner: Account, nowUs: number) {
    this.owner = owner;
    this.account = request.account;
    this.symbol = request.symbol;
    this.side = request.side;
    this.type = request.type;
    this.timeInForce = request.timeInForce ?? 0;
    this.postOnly = request.postOnly ?? false;
    this.price = request.price ?? 0;
    this.stopPrice = request.stopPrice ?? 0;
    this.quantity = request.quantity ?? 0;
    this.leavesQuantity = this.quantity;
    this.quoteQuantity = request.quoteQuantity ?? 0n;
    this.budget = this.quoteQuantity;
    this.icebergQuantity = request.icebergQuantity ?? 0;
    this.clientOrderId = request.clientOrderId ?? '';
    this.selfTradePrevention = request.selfTradePrevention ?? 'NONE';
    this.strategyId = request.strategyId ?? 0;
    this.strategyType = request.strategyType ?? 0;
    this.createdUs = nowUs;
    this.updatedUs = nowUs;
  }

  /** Gives it its id, and a client's order without a name one made from it. */
  accept(orderId: number): void {
    this.orderId = orderId;
    if (this.clientOrderId === '' && !this.owner.internal) this.clientOrderId = `auto-${orderId}`;
  }

  get onBook(): boolean {
    return this.level !== null;
  }

  /** Sized by what it may spend or raise, not by quantity. */
  get byQuote(): boolean {
    return this.quoteQuantity > 0n;
  }

  get open(): boolean {
    return this.status === 'NEW' || this.status === 'PARTIALLY_FILLED';
  }
}

/** Whether orders of this type wait for a trigger price. */
export function isStop(type: OrderType): boolean {
  return type !== Type.Market && type !== Type.Limit;
}

/** Whether orders of this type take any price once they work. */
export function isMarket(type: OrderType): boolean {
  return type === Type.Market || type === Type.StopMarket || type === Type.TakeProfitMarket;
}

/** A copy that no longer changes. */
export function snapshotOrder(order: ExchangeOrder): ExchangeOrder {
  return {
    orderId: order.orderId,
    clientOrderId: order.clientOrderId,
    account: order.account,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    timeInForce: order.timeInForce,
    postOnly: order.postOnly,
    status: order.status,
    price: order.price,
    stopPrice: order.stopPrice,
    quantity: order.quantity,
    quoteQuantity: order.quoteQuantity,
    icebergQuantity: order.icebergQuantity,
    cumQuantity: order.cumQuantity,
    cumQuote: order.cumQuote,
    leavesQuantity: order.leavesQuantity,
    preventedQuantity: order.preventedQuantity,
    preventedMatchId: order.preventedMatchId,
    selfTradePrevention: order.selfTradePrevention,
    onBook: order.onBook,
    armed: order.armed,
    createdUs: order.createdUs,
    updatedUs: order.updatedUs,
    workingUs: order.workingUs,
    strategyId: order.strategyId,
    strategyType: order.strategyType,
  };
}
