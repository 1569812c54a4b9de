import fc from 'fast-check';
import { type OrderEvent, OrderStatus, RejectReason } from '../../src/domain/index.js';
import {
  accepted,
  canceled,
  cancelRejected,
  expired,
  filled,
  notFound,
  type OrderId,
  outcomeUnknown,
  rejected,
  report,
  sendFailed,
  triggered,
} from './order-events.js';

/** What truly happened to one order at an imaginary venue. */
export interface History {
  readonly quantity: number;
  readonly fills: readonly number[];
  readonly stop: boolean;
  readonly end: 'unsent' | 'rejected' | 'open' | 'filled' | 'canceled' | 'expired';
  /** We ask for a cancel somewhere along the way; refused unless the order ends so. */
  readonly cancel: boolean;
}

/** The final truth: a fold that does not know in which order anything arrived. */
export function truthOf(history: History): { status: OrderStatus; cumQuantity: number } {
  const cumQuantity = history.fills.reduce((sum, quantity) => sum + quantity, 0);
  const open = () => {
    if (cumQuantity > 0) return OrderStatus.PartiallyFilled;
    return history.stop ? OrderStatus.Triggered : OrderStatus.Accepted;
  };
  const status = {
    unsent: () => OrderStatus.Denied,
    rejected: () => OrderStatus.Rejected,
    open,
    filled: () => OrderStatus.Filled,
    canceled: () => OrderStatus.Canceled,
    expired: () => OrderStatus.Expired,
  }[history.end]();
  return { status, cumQuantity };
}

/** The messages that must arrive at least once. */
export function messagesOf(id: OrderId, history: History): OrderEvent[] {
  if (history.end === 'unsent')
    return [sendFailed(id, true), ...(history.cancel ? [sendFailed(id, false)] : [])];
  if (history.end === 'rejected') {
    return [rejected(id), ...(history.cancel ? [cancelRejected(id, RejectReason.UNKNOWN_ORDER)] : [])];
  }
  const messages = [accepted(id), ...fillsOf(id, history)];
  if (history.stop) messages.push(triggered(id));
  if (history.end === 'canceled') messages.push(canceled(id));
  if (history.end === 'expired') messages.push(expired(id));
  if (history.cancel && history.end !== 'canceled') {
    const closed = history.end !== 'open';
    messages.push(cancelRejected(id, closed ? RejectReason.UNKNOWN_ORDER : RejectReason.OTHER_FILTER));
  }
  return messages;
}

const fillsOf = (id: OrderId, history: History) =>
  history.fills.map((quantity, i) => filled(id, `${id.sequence}-${i}`, quantity, 100 + i));

/** True things a query could be told at some point of the history, and things that say nothing. */
export function answersOf(id: OrderId, history: History): OrderEvent[] {
  if (history.end === 'unsent') return [outcomeUnknown(id), notFound(id, false)];
  if (history.end === 'rejected') {
    return [outcomeUnknown(id), notFound(id, false), report(id, OrderStatus.Rejected, 0)];
  }
  const answers = [
    outcomeUnknown(id),
    notFound(id, false),
    report(id, OrderStatus.Submitted, 0),
    report(id, OrderStatus.Accepted, 0),
    finalReport(id, history),
  ];
  if (history.stop) answers.push(report(id, OrderStatus.Triggered, 0));
  let cum = 0;
  for (const quantity of history.fills) {
    cum += quantity;
    if (cum < history.quantity) answers.push(report(id, OrderStatus.PartiallyFilled, cum));
  }
  return answers;
}

export function finalReport(id: OrderId, history: History): OrderEvent {
  const { status, cumQuantity } = truthOf(history);
  return report(id, status, cumQuantity);
}

export const historyArbitrary: fc.Arbitrary<History> = fc
  .record({
    fills: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 }),
    rest: fc.integer({ min: 1, max: 9 }),
    stop: fc.boolean(),
    cancel: fc.boolean(),
    end: fc.constantFrom<History['end'][]>(
      'unsent',
      'rejected',
      'open',
      'open',
      'filled',
      'filled',
      'canceled',
      'canceled',
      'expired',
    ),
  })
  .map(({ fills, rest, stop, cancel, end }) => {
    const reached = end !== 'unsent' && end !== 'rejected';
    const kept = !reached ? [] : end === 'filled' && fills.length === 0 ? [rest] : fills;
    const sum = kept.reduce((total, quantity) => total + quantity, 0);
    return { quantity: end === 'filled' ? sum : sum + rest, fills: kept, stop: stop && reached, cancel, end };
  });
