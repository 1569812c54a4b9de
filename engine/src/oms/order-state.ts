import { OrderStatus } from '../domain/index.js';

/**
 * Everything that can happen to an order: what we do, and what the venue's messages mean. One event kind may mean
 * different things (a fill may complete the order or not): `order-trigger.ts` decides which.
 */
export const OrderTrigger = {
  Submit: 0,
  Deny: 1,
  RequestCancel: 2,
  Accept: 3,
  Reject: 4,
  /** A fill that leaves something open. */
  PartialFill: 5,
  /** A fill with which nothing is left (or less than nothing: overfilled). */
  CompletingFill: 6,
  Cancel: 7,
  Expire: 8,
  StopTriggered: 9,
  CancelReject: 10,
  /** The venue refused the cancel because it does not know the order: closed, or not yet there. Ask. */
  CancelRejectUnknownOrder: 11,
  /** The venue does not know the order, but may yet accept it. */
  NotFound: 12,
  /** The venue does not know the order and never will. */
  NotFoundDefinitive: 13,
  OutcomeUnknown: 14,
  SubmitFailed: 15,
  CancelFailed: 16,
  /** A report: the venue has the order but has not decided on it. */
  ReportPending: 17,
  /** A report: it works at the venue, filled in part or not. */
  ReportWorking: 18,
  ReportTriggered: 19,
  ReportFilled: 20,
  ReportCanceled: 21,
  ReportExpired: 22,
  ReportRejected: 23,
} as const;
export type OrderTrigger = (typeof OrderTrigger)[keyof typeof OrderTrigger];

/** A cell of {@link TRANSITIONS}: cannot happen. The status stays; the event is counted, told, and the venue asked. */
export const ILLEGAL = -1;
/** A cell of {@link TRANSITIONS}: the pending request is over; go by the row of the status beneath it. */
export const BENEATH = -2;
export type Transition = OrderStatus | typeof ILLEGAL | typeof BENEATH;

const {
  Denied: Den,
  Submitted: Sub,
  Accepted: Acc,
  Rejected: Rej,
  PendingUpdate: PUp,
  PendingCancel: PCx,
  PartiallyFilled: Par,
  Filled: Fil,
  Canceled: Can,
  Expired: Exp,
  Triggered: Tri,
} = OrderStatus;
const ___ = ILLEGAL;
const Ben = BENEATH;

/**
 * The order state machine: the next status for each trigger (row) in each status (column, in the order of
 * {@link OrderStatus}). A cell that repeats its column is legal and changes no status: a late or repeated message.
 *
 * - Fills may outrun the acknowledgement and trail the end: late fills after Canceled and Expired are legal.
 * - A request of ours (PendingCancel, PendingUpdate) lies on top of the status beneath it, which goes on changing.
 * - Filled is final: whatever else arrives afterwards is late. A report never takes a closed order back to life unless
 *   the order was closed by a refusal (Denied, Rejected), which the report disproves.
 */
// biome-ignore format: a table
export const TRANSITIONS: Readonly<Record<keyof typeof OrderTrigger, readonly Transition[]>> = {
  //                         Ini  Den  Sub  Acc  Rej  PUp  PCx  Par  Fil  Can  Exp  Tri
  Submit:                   [Sub, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___],
  Deny:                     [Den, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___],
  RequestCancel:            [___, ___, PCx, PCx, ___, PCx, ___, PCx, ___, ___, ___, PCx],
  Accept:                   [___, ___, Acc, Acc, ___, PUp, PCx, Par, Fil, Can, Exp, Tri],
  Reject:                   [___, ___, Rej, ___, Rej, Ben, Ben, ___, ___, ___, ___, ___],
  PartialFill:              [___, ___, Par, Par, ___, PUp, PCx, Par, Fil, Can, Exp, Par],
  CompletingFill:           [___, ___, Fil, Fil, ___, Fil, Fil, Fil, Fil, Fil, Fil, Fil],
  Cancel:                   [___, ___, Can, Can, ___, Can, Can, Can, Fil, Can, ___, Can],
  Expire:                   [___, ___, Exp, Exp, ___, Exp, Exp, Exp, Fil, ___, Exp, Exp],
  StopTriggered:            [___, ___, Tri, Tri, ___, PUp, PCx, Par, Fil, Can, Exp, Tri],
  CancelReject:             [___, Den, Sub, Acc, Rej, PUp, Ben, Par, Fil, Can, Exp, Tri],
  CancelRejectUnknownOrder: [___, Den, Sub, Acc, Rej, PUp, PCx, Par, Fil, Can, Exp, Tri],
  NotFound:                 [___, Den, Sub, Acc, Rej, PUp, PCx, Par, Fil, Can, Exp, Tri],
  NotFoundDefinitive:       [___, Den, Rej, Can, Rej, Ben, Ben, Can, Fil, Can, Exp, Can],
  OutcomeUnknown:           [___, Den, Sub, Acc, Rej, PUp, PCx, Par, Fil, Can, Exp, Tri],
  SubmitFailed:             [___, Den, Den, ___, ___, Ben, Ben, ___, ___, ___, ___, ___],
  CancelFailed:             [___, Den, Sub, Acc, Rej, PUp, Ben, Par, Fil, Can, Exp, Tri],
  ReportPending:            [___, Sub, Sub, Acc, Sub, PUp, PCx, Par, Fil, Can, Exp, Tri],
  ReportWorking:            [___, Acc, Acc, Acc, Acc, Ben, Ben, Par, Fil, Can, Exp, Tri],
  ReportTriggered:          [___, Tri, Tri, Tri, Tri, Ben, Ben, Par, Fil, Can, Exp, Tri],
  ReportFilled:             [___, Fil, Fil, Fil, Fil, Fil, Fil, Fil, Fil, Fil, Fil, Fil],
  ReportCanceled:           [___, Can, Can, Can, Can, Can, Can, Can, Fil, Can, Exp, Can],
  ReportExpired:            [___, Exp, Exp, Exp, Exp, Exp, Exp, Exp, Fil, Can, Exp, Exp],
  ReportRejected:           [___, ___, Rej, Rej, Rej, Ben, Ben, ___, ___, ___, ___, Rej],
};

const STATUSES = Object.keys(OrderStatus).length;
const cells = new Int8Array(Object.keys(OrderTrigger).length * STATUSES);
for (const [name, trigger] of Object.entries(OrderTrigger)) {
  cells.set(TRANSITIONS[name as keyof typeof OrderTrigger], trigger * STATUSES);
}

/** The cell of {@link TRANSITIONS}, from a flat copy of it. */
export function transition(status: OrderStatus, trigger: OrderTrigger): Transition {
  return cells[trigger * STATUSES + status] as Transition;
}

/** Working, or possibly working, at the venue: what counts against limits. */
export function isOpen(status: OrderStatus): boolean {
  return ((OPEN >>> status) & 1) === 1;
}

/** Ended. Late fills may still arrive. */
export function isClosed(status: OrderStatus): boolean {
  return status !== OrderStatus.Initialized && !isOpen(status);
}

/** A request of ours lies on top of the status. */
export function isPending(status: OrderStatus): boolean {
  return status === OrderStatus.PendingCancel || status === OrderStatus.PendingUpdate;
}

/** The venue owes us an answer. */
export function isInFlight(status: OrderStatus): boolean {
  return status === OrderStatus.Submitted || isPending(status);
}

const OPEN =
  (1 << OrderStatus.Submitted) |
  (1 << OrderStatus.Accepted) |
  (1 << OrderStatus.PendingUpdate) |
  (1 << OrderStatus.PendingCancel) |
  (1 << OrderStatus.PartiallyFilled) |
  (1 << OrderStatus.Triggered);
