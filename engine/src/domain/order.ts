import type { OrderStatus, OrderType, Side, TimeInForce } from './enums.js';

/** The strategy of an order that no strategy counts on: its own is gone, or it was sent by an earlier leader. */
export const NOBODY = -1;

/** What a strategy asks for. Prices and quantities in the instrument's integer units; 0 where not used. */
export interface OrderIntent {
  instrument: number;
  strategy: number;
  side: Side;
  type: OrderType;
  timeInForce: TimeInForce;
  /** Only with {@link OrderType.Limit}: refuse rather than take liquidity. */
  postOnly: boolean;
  quantity: number;
  price: number;
  triggerPrice: number;
}

/** An order as everyone outside the oms may see it. `quantity = cumQuantity + leavesQuantity` while it lives. */
export interface Order extends Readonly<OrderIntent> {
  /** Fencing epoch and sequence: together the client order id. */
  readonly epoch: number;
  readonly sequence: number;
  readonly status: OrderStatus;
  readonly cumQuantity: number;
  readonly leavesQuantity: number;
  /**
   * Of an order that has ended: filled, says the venue, by fills that it has not told. They move the position as soon as
   * they come, and count as if they had moved it until then. 0 while the order is open.
   */
  readonly awaitedQuantity: number;
  /** Sum of price × quantity over the fills, in price units × size units; exact. */
  readonly cumCost: bigint;
  /** Empty until the venue has told us. */
  readonly venueOrderId: string;
  /** When the kernel sent it and when it last changed, microseconds since 1970 (UTC). */
  readonly tsSubmitted: number;
  readonly tsLast: number;
}

declare const approved: unique symbol;

/**
 * An order the risk gate has passed. Only `approve` in the risk room makes one, and a venue sends nothing else: an
 * unchecked order does not type-check as sendable.
 */
export type ApprovedOrder = Order & { readonly [approved]: true };
