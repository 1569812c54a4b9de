import { EventKind, type OrderAdopted, type OrderEvent, OrderStatus, RejectReason } from '../domain/index.js';
import type { OrderRecord } from './order-record.js';
import { ILLEGAL, OrderTrigger } from './order-state.js';

/** Everything that happens to an order we know. */
export type OrderNews = Exclude<OrderEvent, OrderAdopted>;

/** What `event` means for `order`; {@link ILLEGAL} for an event no venue can mean (a report that an order is Denied). */
export function triggerOf(order: OrderRecord, event: OrderNews): OrderTrigger | typeof ILLEGAL {
  switch (event.kind) {
    case EventKind.OrderAccepted:
      return OrderTrigger.Accept;
    case EventKind.OrderRejected:
      // A duplicate client order id means that the venue has an order of ours under it: ours may live.
      return event.reason === RejectReason.OUTCOME_UNKNOWN || event.reason === RejectReason.DUPLICATE_ORDER
        ? OrderTrigger.OutcomeUnknown
        : OrderTrigger.Reject;
    case EventKind.OrderFilled:
      return order.cumQuantity + event.quantity < order.quantity
        ? OrderTrigger.PartialFill
        : OrderTrigger.CompletingFill;
    case EventKind.OrderCanceled:
      return OrderTrigger.Cancel;
    case EventKind.OrderExpired:
      return OrderTrigger.Expire;
    case EventKind.OrderTriggered:
      return OrderTrigger.StopTriggered;
    case EventKind.CancelRejected:
      if (event.reason === RejectReason.UNKNOWN_ORDER) return OrderTrigger.CancelRejectUnknownOrder;
      return event.reason === RejectReason.OUTCOME_UNKNOWN
        ? OrderTrigger.OutcomeUnknown
        : OrderTrigger.CancelReject;
    case EventKind.OrderReport:
      return reportTrigger(event.status);
    case EventKind.OrderNotFound:
      return event.definitive ? OrderTrigger.NotFoundDefinitive : OrderTrigger.NotFound;
    case EventKind.OutcomeUnknown:
      return OrderTrigger.OutcomeUnknown;
    case EventKind.SendFailed:
      return event.submit ? OrderTrigger.SubmitFailed : OrderTrigger.CancelFailed;
  }
}

function reportTrigger(status: OrderStatus): OrderTrigger | typeof ILLEGAL {
  switch (status) {
    case OrderStatus.Submitted:
      return OrderTrigger.ReportPending;
    case OrderStatus.Accepted:
    case OrderStatus.PartiallyFilled:
    case OrderStatus.PendingCancel:
    case OrderStatus.PendingUpdate:
      return OrderTrigger.ReportWorking;
    case OrderStatus.Triggered:
      return OrderTrigger.ReportTriggered;
    case OrderStatus.Filled:
      return OrderTrigger.ReportFilled;
    case OrderStatus.Canceled:
      return OrderTrigger.ReportCanceled;
    case OrderStatus.Expired:
      return OrderTrigger.ReportExpired;
    case OrderStatus.Rejected:
      return OrderTrigger.ReportRejected;
    default:
      return ILLEGAL;
  }
}

/** Whether the trigger proves that the order reached the venue and was taken. */
export function provesAcceptance(trigger: OrderTrigger): boolean {
  return ((ACCEPTANCE >>> trigger) & 1) === 1;
}

const ACCEPTANCE =
  (1 << OrderTrigger.Accept) |
  (1 << OrderTrigger.PartialFill) |
  (1 << OrderTrigger.CompletingFill) |
  (1 << OrderTrigger.Cancel) |
  (1 << OrderTrigger.Expire) |
  (1 << OrderTrigger.StopTriggered) |
  (1 << OrderTrigger.ReportWorking) |
  (1 << OrderTrigger.ReportTriggered) |
  (1 << OrderTrigger.ReportFilled) |
  (1 << OrderTrigger.ReportCanceled) |
  (1 << OrderTrigger.ReportExpired);

/** Whether the trigger is the venue's answer to a query, so that no other need be asked for. */
export function isReport(trigger: OrderTrigger): boolean {
  return trigger >= OrderTrigger.ReportWorking && trigger <= OrderTrigger.ReportRejected;
}

/** Whether the trigger leaves open what became of an open order, so that the venue must be asked. */
export function raisesDoubt(trigger: OrderTrigger): boolean {
  return (
    trigger === OrderTrigger.OutcomeUnknown ||
    trigger === OrderTrigger.CancelRejectUnknownOrder ||
    trigger === OrderTrigger.NotFound
  );
}
