import type { DenialReason } from './enums.js';
import type { ApprovedOrder, Order, OrderIntent } from './order.js';

/** Everything the kernel decides. Commands are valid until the next event is applied: act on them or copy them. */
export const CommandKind = {
  /** Send a new order to its venue. */
  Submit: 1,
  /** Cancel an order we believe may be open. */
  Cancel: 2,
  /** Ask the venue for the truth about an order. */
  Query: 3,
  /** Nothing to send: the record that risk refused an intent. */
  Deny: 4,
} as const;
export type CommandKind = (typeof CommandKind)[keyof typeof CommandKind];

export interface SubmitCommand {
  kind: typeof CommandKind.Submit;
  order: ApprovedOrder;
}
export interface CancelCommand {
  kind: typeof CommandKind.Cancel;
  order: Order;
}
export interface QueryCommand {
  kind: typeof CommandKind.Query;
  order: Order;
}
export interface DenyCommand {
  kind: typeof CommandKind.Deny;
  intent: Readonly<OrderIntent>;
  reason: DenialReason;
}

export type Command = SubmitCommand | CancelCommand | QueryCommand | DenyCommand;

/** A list the kernel reuses from event to event. */
export interface CommandList {
  readonly length: number;
  at(index: number): Command;
}
