import {
  DenialReason,
  EventKind,
  LiquiditySide,
  type Order,
  type OrderIntent,
  type OrderStatus,
  OrderType,
  RejectReason,
  Side,
  TimeInForce,
} from '../../src/domain/index.js';
import type { OrderNews } from '../../src/oms/order-trigger.js';

export function intentOf(change: Partial<OrderIntent> = {}): OrderIntent {
  return {
    instrument: 0,
    strategy: 0,
    side: Side.Buy,
    type: OrderType.Limit,
    timeInForce: TimeInForce.GTC,
    postOnly: false,
    quantity: 10,
    price: 100,
    triggerPrice: 0,
    ...change,
  };
}

export type OrderId = Pick<Order, 'epoch' | 'sequence'>;

const base = ({ epoch, sequence }: OrderId) => ({ tsEvent: 0, tsInit: 0, epoch, sequence });

export const accepted = (id: OrderId, venueOrderId = 'v1'): OrderNews => ({
  ...base(id),
  kind: EventKind.OrderAccepted,
  venueOrderId,
});
export const rejected = (
  id: OrderId,
  reason: RejectReason = RejectReason.POST_ONLY_WOULD_TAKE,
): OrderNews => ({
  ...base(id),
  kind: EventKind.OrderRejected,
  reason,
  text: '',
});
export const filled = (id: OrderId, tradeId: string, quantity: number, price = 100): OrderNews => ({
  ...base(id),
  kind: EventKind.OrderFilled,
  tradeId,
  price,
  quantity,
  liquidity: LiquiditySide.Maker,
  feeAsset: 'USDT',
  fee: 0n,
});
export const canceled = (id: OrderId): OrderNews => ({ ...base(id), kind: EventKind.OrderCanceled });
export const expired = (id: OrderId): OrderNews => ({
  ...base(id),
  kind: EventKind.OrderExpired,
  reason: RejectReason.NO_LIQUIDITY,
});
export const triggered = (id: OrderId): OrderNews => ({ ...base(id), kind: EventKind.OrderTriggered });
export const cancelRejected = (id: OrderId, reason: RejectReason = RejectReason.OTHER_FILTER): OrderNews => ({
  ...base(id),
  kind: EventKind.CancelRejected,
  reason,
});
export const report = (id: OrderId, status: OrderStatus, cumQuantity: number): OrderNews => ({
  ...base(id),
  kind: EventKind.OrderReport,
  venueOrderId: 'v1',
  status,
  cumQuantity,
});
export const notFound = (id: OrderId, definitive: boolean): OrderNews => ({
  ...base(id),
  kind: EventKind.OrderNotFound,
  definitive,
});
export const outcomeUnknown = (id: OrderId): OrderNews => ({ ...base(id), kind: EventKind.OutcomeUnknown });
export const sendFailed = (id: OrderId, submit: boolean): OrderNews => ({
  ...base(id),
  kind: EventKind.SendFailed,
  submit,
  reason: DenialReason.SUBMIT_FAILED,
});
