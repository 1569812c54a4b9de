import { describe, expect, it } from '@jest/globals';
import { type Order, OrderStatus, RejectReason, Side } from '../../src/domain/index.js';
import {
  accepted,
  canceled,
  cancelRejected,
  expired,
  filled,
  intentOf,
  rejected,
  report,
  sendFailed,
  triggered,
} from './order-events.js';
import { dueAt, hashOf, managerAt, submitted } from './order-fixtures.js';

const S = OrderStatus;

describe('the life of an order', () => {
  it('goes from intent to fill', () => {
    const manager = managerAt(7);
    const order = manager.create(intentOf({ quantity: 10, side: Side.Sell, strategy: 2, instrument: 3 }), 5);
    expect(order).toMatchObject({
      epoch: 7,
      sequence: 1,
      status: S.Initialized,
      leavesQuantity: 10,
      strategy: 2,
    });
    expect(manager.openCount).toBe(0);
    expect(manager.markSubmitted(order, 6)).toBe(true);
    expect(manager.markSubmitted(order, 6)).toBe(false);
    expect(manager.markDenied(order, 6)).toBe(false);
    expect(order).toMatchObject({ status: S.Submitted, tsSubmitted: 6 });
    expect(manager.totals(3)).toMatchObject({ openCount: 1, openBuyQuantity: 0, openSellQuantity: 10 });

    let change = manager.apply(accepted(order, 'abc'), 7);
    expect(change).toMatchObject({ previous: S.Submitted, applied: true, illegal: false, fillQuantity: 0 });
    expect(order).toMatchObject({ status: S.Accepted, venueOrderId: 'abc', tsLast: 7 });

    change = manager.apply(filled(order, 't1', 4, 101), 8);
    expect(change).toMatchObject({ applied: true, fillQuantity: 4, closed: false });
    expect(order).toMatchObject({
      status: S.PartiallyFilled,
      cumQuantity: 4,
      leavesQuantity: 6,
      cumCost: 404n,
    });
    expect(manager.strategyTotals(2, 3)).toMatchObject({ openCount: 1, openSellQuantity: 6 });

    change = manager.apply(filled(order, 't2', 6, 102), 9);
    expect(change).toMatchObject({ applied: true, fillQuantity: 6, closed: true });
    expect(order).toMatchObject({ status: S.Filled, cumQuantity: 10, leavesQuantity: 0, cumCost: 1016n });
    expect(manager.openCount).toBe(0);
    expect(manager.totals(3)).toMatchObject({ openCount: 0, openSellQuantity: 0 });
    expect(manager.counters).toMatchObject({ submitted: 1, acked: 1, filled: 1, fills: 2, illegal: 0 });
  });

  it('keeps denied orders out of every total', () => {
    const manager = managerAt();
    const order = manager.create(intentOf(), 1);
    expect(manager.markDenied(order, 1)).toBe(true);
    expect(manager.requestCancel(order, 1)).toBe(false);
    expect([order.status, manager.openCount, manager.totals(0).openCount, manager.inFlightCount]).toEqual([
      S.Denied,
      0,
      0,
      0,
    ]);
    expect(manager.counters).toMatchObject({ denied: 1, submitted: 0 });
  });

  it('starts sequences again in a new epoch, goes on in the same one, and refuses a lower one', () => {
    const manager = managerAt(5);
    const old = manager.create(intentOf(), 0);
    manager.markSubmitted(old, 0);
    manager.startSession(5);
    expect(manager.create(intentOf(), 0).sequence).toBe(2);
    manager.startSession(6);
    const fresh = manager.create(intentOf(), 0);
    expect([fresh.epoch, fresh.sequence]).toEqual([6, 1]);
    expect(manager.apply(accepted({ epoch: 5, sequence: 1 }), 1).order).toBe(old);
    expect(() => manager.startSession(5)).toThrow(RangeError);
    expect(() => manager.startSession(Number.NaN)).toThrow(RangeError);
  });
});

describe('early, late and repeated messages', () => {
  it('takes a fill before the acknowledgement, which is then no step back', () => {
    const { manager, order } = submitted();
    manager.apply(filled(order, 't1', 3), 1);
    expect(order.status).toBe(S.PartiallyFilled);
    const change = manager.apply(accepted(order), 2);
    expect(change).toMatchObject({ illegal: false, applied: true });
    expect([order.status, order.venueOrderId]).toEqual([S.PartiallyFilled, 'v1']);
    expect(manager.apply(accepted(order), 3).applied).toBe(false);
    manager.apply(filled(order, 't2', 7), 3);
    expect(manager.apply(accepted(order), 4)).toMatchObject({ illegal: false, applied: false });
    expect(order.status).toBe(S.Filled);
    expect(manager.counters.acked).toBe(1);
  });

  it.each([
    ['Canceled', canceled, S.Canceled],
    ['Expired', expired, S.Expired],
  ])('takes late fills after %s', (_, end, status) => {
    const { manager, order } = submitted();
    manager.apply(accepted(order), 1);
    manager.apply(end(order), 2);
    expect(manager.apply(filled(order, 't1', 4), 3)).toMatchObject({
      applied: true,
      illegal: false,
      fillQuantity: 4,
    });
    expect([order.status, order.cumQuantity, order.leavesQuantity]).toEqual([status, 4, 6]);
    expect(manager.totals(0).openBuyQuantity).toBe(0);
    expect(manager.apply(filled(order, 't2', 6), 4)).toMatchObject({ applied: true, illegal: false });
    expect(order.status).toBe(S.Filled);
    expect(manager.apply(end(order), 5)).toMatchObject({ applied: false, illegal: false });
  });

  it('books a repeated fill once, and a trade between two of our orders twice', () => {
    const { manager, order } = submitted();
    const other = manager.create(intentOf({ side: Side.Sell }), 0);
    manager.markSubmitted(other, 0);
    manager.apply(filled(order, 't1', 4), 1);
    const before = hashOf(manager);
    expect(manager.apply(filled(order, 't1', 4), 9)).toMatchObject({
      duplicate: true,
      applied: false,
      fillQuantity: 0,
    });
    expect(order.cumQuantity).toBe(4);
    expect(manager.counters).toMatchObject({ duplicates: 1, fills: 1 });
    expect(hashOf(manager)).not.toBe(before);
    expect(manager.apply(filled(other, 't1', 4), 9)).toMatchObject({ duplicate: false, fillQuantity: 4 });
  });

  it('tells of events for orders it does not know', () => {
    const { manager } = submitted();
    const change = manager.apply(filled({ epoch: 9, sequence: 1 }, 't', 1), 1);
    expect(change).toMatchObject({ order: null, unknown: true, applied: false, fillQuantity: 0 });
    manager.apply(filled({ epoch: 1, sequence: 2 }, 't', 1), 1);
    expect(manager.counters.unknown).toBe(2);
  });
});

describe('pending cancels', () => {
  it('are asked for once and only of open orders', () => {
    const { manager, order } = submitted();
    expect(manager.requestCancel(order, 1)).toBe(true);
    expect(manager.requestCancel(order, 1)).toBe(false);
    manager.apply(canceled(order), 2);
    expect(manager.requestCancel(order, 3)).toBe(false);
    expect(order.status).toBe(S.Canceled);
  });

  it('let acknowledgement, trigger and fills through to the status beneath', () => {
    const { manager, order } = submitted();
    manager.requestCancel(order, 1);
    manager.apply(accepted(order), 2);
    expect(order.status).toBe(S.PendingCancel);
    manager.apply(triggered(order), 2);
    manager.apply(filled(order, 't1', 4), 3);
    expect([order.status, order.cumQuantity, manager.totals(0).openBuyQuantity]).toEqual([
      S.PendingCancel,
      4,
      6,
    ]);
    manager.apply(cancelRejected(order), 4);
    expect(order.status).toBe(S.PartiallyFilled);
    manager.requestCancel(order, 5);
    manager.apply(filled(order, 't2', 6), 6);
    expect(order.status).toBe(S.Filled);
  });

  it('go back to what lay beneath when refused or not sent', () => {
    for (const event of [cancelRejected, (o: Order) => sendFailed(o, false)]) {
      const { manager, order } = submitted();
      manager.requestCancel(order, 1);
      manager.apply(event(order), 2);
      expect(order.status).toBe(S.Submitted);
      manager.apply(accepted(order), 3);
      manager.requestCancel(order, 4);
      manager.apply(event(order), 5);
      expect([order.status, manager.inFlightCount]).toEqual([S.Accepted, 0]);
      expect(manager.requestCancel(order, 6)).toBe(true);
    }
  });

  it('stay, and have the venue asked at once, when it does not know the order', () => {
    const { manager, order } = submitted();
    manager.apply(accepted(order), 1);
    manager.requestCancel(order, 2);
    expect(manager.apply(cancelRejected(order, RejectReason.UNKNOWN_ORDER), 3).illegal).toBe(false);
    expect(order.status).toBe(S.PendingCancel);
    expect(dueAt(manager, 3)).toEqual([1]);
    manager.apply(report(order, S.Canceled, 0), 4);
    expect([order.status, manager.inFlightCount]).toEqual([S.Canceled, 0]);
  });

  it('end in Rejected when the venue refuses the order itself', () => {
    const { manager, order } = submitted();
    manager.requestCancel(order, 1);
    manager.apply(rejected(order), 2);
    expect(order.status).toBe(S.Rejected);
    expect(manager.apply(cancelRejected(order, RejectReason.UNKNOWN_ORDER), 3)).toMatchObject({
      illegal: false,
    });
    expect([manager.inFlightCount, manager.counters.illegal]).toEqual([0, 0]);
    const other = submitted();
    other.manager.apply(accepted(other.order), 1);
    other.manager.requestCancel(other.order, 1);
    expect(other.manager.apply(rejected(other.order), 2).illegal).toBe(true);
    expect(other.order.status).toBe(S.PendingCancel);
  });

  it('are over when a query finds the order still working, so that the cancel can be repeated', () => {
    const { manager, order } = submitted();
    manager.apply(accepted(order), 1);
    manager.requestCancel(order, 2);
    expect(dueAt(manager, 1_002)).toEqual([1]);
    manager.apply(report(order, S.Accepted, 0), 1_003);
    expect([order.status, manager.inFlightCount]).toEqual([S.Accepted, 0]);
  });
});
