import { describe, expect, it } from '@jest/globals';
import { EventKind, nameOf, OrderStatus, RejectReason } from '../../src/domain/index.js';
import {
  BENEATH,
  ILLEGAL,
  isClosed,
  isInFlight,
  isOpen,
  isPending,
  OrderTrigger,
  TRANSITIONS,
} from '../../src/oms/index.js';
import { OrderRecord } from '../../src/oms/order-record.js';
import { transition } from '../../src/oms/order-state.js';
import { type OrderNews, triggerOf } from '../../src/oms/order-trigger.js';
import * as events from './order-events.js';

const statuses = Object.values(OrderStatus);
const triggers = Object.entries(OrderTrigger) as [keyof typeof OrderTrigger, OrderTrigger][];
const id = { epoch: 1, sequence: 1 };

/** One event of every kind and every meaning. */
const everyEvent: OrderNews[] = [
  events.accepted(id),
  ...Object.values(RejectReason).map((reason) => events.rejected(id, reason)),
  events.filled(id, 't', 1),
  events.filled(id, 't', 10),
  events.filled(id, 't', 11),
  events.canceled(id),
  events.expired(id),
  events.triggered(id),
  ...Object.values(RejectReason).map((reason) => events.cancelRejected(id, reason)),
  ...statuses.map((status) => events.report(id, status, 0)),
  events.notFound(id, true),
  events.notFound(id, false),
  events.outcomeUnknown(id),
  events.sendFailed(id, true),
  events.sendFailed(id, false),
];

describe('the transition table', () => {
  it('has a well-formed entry for every status and trigger', () => {
    expect(Object.keys(TRANSITIONS).sort()).toEqual(triggers.map(([name]) => name).sort());
    for (const [name, trigger] of triggers) {
      expect(TRANSITIONS[name]).toHaveLength(statuses.length);
      for (const status of statuses) {
        const cell = TRANSITIONS[name][status]!;
        expect([ILLEGAL, BENEATH, ...statuses]).toContain(cell);
        expect(transition(status, trigger)).toBe(cell);
        if (cell === BENEATH) expect(isPending(status)).toBe(true);
      }
    }
  });

  it('gives every order event kind a meaning in every status', () => {
    // An adoption moves no order: it makes one.
    const kinds = Object.values(EventKind).filter((kind) => kind >= 30 && kind < EventKind.OrderAdopted);
    expect(new Set(everyEvent.map((event) => event.kind))).toEqual(new Set(kinds));
    const order = new OrderRecord(0);
    order.begin(1, 1, events.intentOf(), 0);
    const reached = new Set<number>();
    for (const status of statuses) {
      order.status = status;
      for (const event of everyEvent) {
        const trigger = triggerOf(order, event);
        const nonsense =
          event.kind === EventKind.OrderReport &&
          (event.status === OrderStatus.Initialized || event.status === OrderStatus.Denied);
        if (nonsense) expect(trigger).toBe(ILLEGAL);
        else expect(TRANSITIONS[nameOf(OrderTrigger, trigger) as keyof typeof OrderTrigger]).toBeDefined();
        reached.add(trigger);
      }
    }
    for (const [name, trigger] of triggers) {
      const ours = ['Submit', 'Deny', 'RequestCancel'].includes(name);
      expect([name, reached.has(trigger)]).toEqual([name, !ours]);
    }
  });

  it('lets an order enter only by our own act', () => {
    for (const [name, trigger] of triggers) {
      const cell = transition(OrderStatus.Initialized, trigger);
      if (name === 'Submit') expect(cell).toBe(OrderStatus.Submitted);
      else if (name === 'Deny') expect(cell).toBe(OrderStatus.Denied);
      else expect(cell).toBe(ILLEGAL);
      for (const status of statuses) expect(transition(status, trigger)).not.toBe(OrderStatus.Initialized);
    }
  });

  it('never leaves Filled', () => {
    for (const [, trigger] of triggers) {
      expect([ILLEGAL, OrderStatus.Filled]).toContain(transition(OrderStatus.Filled, trigger));
    }
  });

  it('leaves Canceled and Expired only for Filled', () => {
    for (const status of [OrderStatus.Canceled, OrderStatus.Expired]) {
      for (const [, trigger] of triggers) {
        expect([ILLEGAL, status, OrderStatus.Filled]).toContain(transition(status, trigger));
      }
      expect(transition(status, OrderTrigger.PartialFill)).toBe(status);
      expect(transition(status, OrderTrigger.CompletingFill)).toBe(OrderStatus.Filled);
    }
  });

  it('reopens a refused order by a report alone', () => {
    for (const status of [OrderStatus.Denied, OrderStatus.Rejected]) {
      for (const [name, trigger] of triggers) {
        const cell = transition(status, trigger);
        if (!name.startsWith('Report')) expect([ILLEGAL, status]).toContain(cell);
      }
    }
  });

  it('rejects from Submitted alone, a pending request on top of it included', () => {
    for (const status of statuses) {
      const cell = transition(status, OrderTrigger.Reject);
      if (status === OrderStatus.Submitted || status === OrderStatus.Rejected)
        expect(cell).toBe(OrderStatus.Rejected);
      else if (isPending(status)) expect(cell).toBe(BENEATH);
      else expect(cell).toBe(ILLEGAL);
    }
  });

  it('changes nothing when the outcome is unknown', () => {
    for (const trigger of [OrderTrigger.OutcomeUnknown, OrderTrigger.NotFound]) {
      for (const status of statuses.slice(1)) expect(transition(status, trigger)).toBe(status);
    }
  });

  it('sorts every status into open or closed but Initialized', () => {
    for (const status of statuses) {
      expect(isOpen(status) !== isClosed(status)).toBe(status !== OrderStatus.Initialized);
      if (isInFlight(status)) expect(isOpen(status)).toBe(true);
    }
  });
});
