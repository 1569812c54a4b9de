import { describe, expect, it } from '@jest/globals';
import { type Order, OrderStatus, RejectReason, Side, StateHash } from '../../src/domain/index.js';
import { OrderManager } from '../../src/oms/index.js';
import {
  accepted,
  canceled,
  cancelRejected,
  expired,
  filled,
  intentOf,
  notFound,
  outcomeUnknown,
  rejected,
  report,
  sendFailed,
  triggered,
} from './order-events.js';

const S = OrderStatus;

function managerAt(epoch = 1, options = {}): OrderManager {
  const manager = new OrderManager({ queryAfterUs: 1_000, maxQueryIntervalUs: 10_000, ...options });
  manager.startSession(epoch);
  return manager;
}

/** A submitted order of 10 at 100 and its manager. */
function submitted(change = {}, options = {}): { manager: OrderManager; order: Order } {
  const manager = managerAt(1, options);
  const order = manager.create(intentOf(change), 0);
  expect(manager.markSubmitted(order, 0)).toBe(true);
  return { manager, order };
}

function dueAt(manager: OrderManager, now: number): number[] {
  const sequences: number[] = [];
  manager.due(now, (order) => sequences.push(order.sequence));
  return sequences;
}

function hashOf(manager: OrderManager): string {
  const hash = new StateHash();
  manager.hashInto(hash);
  return hash.digest();
}

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

describe('what is not proven', () => {
  it('stays in flight when the outcome is unknown, and is asked about at once', () => {
    for (const event of [
      outcomeUnknown,
      (o: Order) => rejected(o, RejectReason.OUTCOME_UNKNOWN),
      (o: Order) => rejected(o, RejectReason.DUPLICATE_ORDER),
    ]) {
      const { manager, order } = submitted();
      expect(dueAt(manager, 999)).toEqual([]);
      expect(manager.apply(event(order), 500)).toMatchObject({ illegal: false, applied: false });
      expect(order.status).toBe(S.Submitted);
      expect(dueAt(manager, 500)).toEqual([1]);
      manager.apply(report(order, S.Accepted, 0), 600);
      expect([order.status, order.venueOrderId, manager.inFlightCount]).toEqual([S.Accepted, 'v1', 0]);
    }
  });

  it('is asked about after a while, then ever less often, up to a limit', () => {
    const { manager } = submitted();
    const asked: number[] = [];
    for (let now = 0; now <= 50_000; now += 100) if (dueAt(manager, now).length > 0) asked.push(now);
    expect(asked).toEqual([1_000, 3_000, 7_000, 15_000, 25_000, 35_000, 45_000]);
    expect(manager.counters.queries).toBe(7);
  });

  it('does not spin when the questions themselves fail', () => {
    const { manager, order } = submitted();
    manager.apply(outcomeUnknown(order), 10);
    expect(dueAt(manager, 10)).toEqual([1]);
    for (let now = 11; now < 2_010; now += 100) {
      manager.apply(outcomeUnknown(order), now);
      expect(dueAt(manager, now)).toEqual([]);
    }
    expect(dueAt(manager, 2_010)).toEqual([1]);
  });

  it('keeps asking when the venue may yet accept the order', () => {
    const { manager, order } = submitted();
    expect(dueAt(manager, 1_000)).toEqual([1]);
    manager.apply(notFound(order, false), 1_100);
    expect([order.status, dueAt(manager, 2_900).length]).toEqual([S.Submitted, 0]);
    expect(dueAt(manager, 3_000)).toEqual([1]);
    manager.apply(notFound(order, true), 3_100);
    expect([order.status, manager.inFlightCount]).toEqual([S.Rejected, 0]);
  });

  it('closes an accepted order the venue no longer knows as Canceled', () => {
    const { manager, order } = submitted();
    manager.apply(accepted(order), 1);
    manager.requestCancel(order, 2);
    manager.apply(notFound(order, true), 3);
    expect(order.status).toBe(S.Canceled);
    const early = submitted();
    early.manager.requestCancel(early.order, 2);
    early.manager.apply(notFound(early.order, true), 3);
    expect(early.order.status).toBe(S.Rejected);
  });

  it('reopens an order closed for want of trace at any sign of life, and asks', () => {
    for (const [sign, status] of [
      [accepted, S.Accepted],
      [(o: Order) => filled(o, 't', 1), S.PartiallyFilled],
    ] as const) {
      const { manager, order } = submitted();
      manager.apply(notFound(order, true), 1);
      const change = manager.apply(sign(order), 2);
      expect(change).toMatchObject({ reopened: true, illegal: false, previous: S.Rejected });
      expect([order.status, manager.openCount]).toEqual([status, 1]);
      expect(dueAt(manager, 2)).toEqual([1]);
    }
  });

  it('takes the end of a reopened order for final again', () => {
    const { manager, order } = submitted();
    manager.apply(notFound(order, true), 1);
    manager.apply(accepted(order), 2);
    manager.apply(canceled(order), 3);
    expect(manager.apply(filled(order, 't', 4), 4)).toMatchObject({ reopened: false, applied: true });
    expect([order.status, manager.openCount]).toEqual([S.Canceled, 0]);
  });

  it('denies an order whose send failed', () => {
    const { manager, order } = submitted();
    expect(manager.apply(sendFailed(order, true), 1)).toMatchObject({ closed: true, illegal: false });
    expect([order.status, manager.openCount, manager.inFlightCount]).toEqual([S.Denied, 0, 0]);
    expect(manager.counters).toMatchObject({ denied: 1, submitted: 1, acked: 0 });
  });
});

describe('reports', () => {
  it('bring the status but invent no fills', () => {
    const { manager, order } = submitted();
    const change = manager.apply(report(order, S.Filled, 10), 1);
    expect(change).toMatchObject({ applied: true, fillsMissing: true, fillQuantity: 0, closed: true });
    expect([order.status, order.cumQuantity, order.leavesQuantity]).toEqual([S.Filled, 0, 10]);
    expect(manager.counters).toMatchObject({ fillsMissing: 1, fills: 0, filled: 1 });
    expect([manager.openCount, manager.inFlightCount]).toEqual([0, 1]);
    expect(dueAt(manager, 1_001)).toEqual([1]);
    manager.apply(filled(order, 't1', 4), 2_000);
    expect(manager.apply(filled(order, 't2', 6), 2_001)).toMatchObject({
      fillsMissing: false,
      illegal: false,
    });
    expect([order.cumQuantity, manager.inFlightCount]).toEqual([10, 0]);
  });

  it('of partial fills wait for them in Accepted', () => {
    const { manager, order } = submitted();
    expect(manager.apply(report(order, S.PartiallyFilled, 3), 1).fillsMissing).toBe(true);
    expect(order.status).toBe(S.Accepted);
    expect(manager.apply(filled(order, 't1', 3), 2).fillsMissing).toBe(false);
    expect([order.status, manager.inFlightCount]).toEqual([S.PartiallyFilled, 0]);
  });

  it('that are stale change nothing', () => {
    const { manager, order } = submitted();
    manager.apply(accepted(order), 1);
    manager.apply(filled(order, 't1', 3), 1);
    expect(manager.apply(report(order, S.Accepted, 0), 2)).toMatchObject({ applied: false, illegal: false });
    expect([order.status, order.cumQuantity]).toEqual([S.PartiallyFilled, 3]);
    manager.apply(canceled(order), 3);
    expect(manager.apply(report(order, S.PartiallyFilled, 3), 4)).toMatchObject({
      applied: false,
      illegal: false,
    });
    expect(order.status).toBe(S.Canceled);
  });

  it.each([
    ['more than was ordered', S.Accepted, 11],
    ['less than nothing', S.Accepted, -1],
    ['a fraction', S.Accepted, 0.5],
    ['a status no venue has', S.Denied, 0],
  ])('of %s are illegal and change nothing', (_, status, cumQuantity) => {
    const { manager, order } = submitted();
    manager.apply(accepted(order), 1);
    expect(manager.apply(report(order, status, cumQuantity), 2)).toMatchObject({
      illegal: true,
      applied: false,
    });
    expect([order.status, order.cumQuantity, manager.counters.illegal]).toEqual([S.Accepted, 0, 1]);
    expect(dueAt(manager, 2)).toEqual([1]);
  });

  it('take a refused order back to life, and count it', () => {
    const { manager, order } = submitted();
    manager.apply(rejected(order), 1);
    expect(manager.apply(accepted(order), 2)).toMatchObject({ illegal: true });
    expect(order.status).toBe(S.Rejected);
    expect(dueAt(manager, 2)).toEqual([1]);
    expect(manager.apply(report(order, S.Accepted, 0), 3)).toMatchObject({ illegal: false, reopened: true });
    expect([order.status, manager.openCount, manager.counters.reopened]).toEqual([S.Accepted, 1, 1]);
  });
});

describe('what cannot be', () => {
  it('counts an overfill, keeps the sums, and hands on the whole fill', () => {
    const { manager, order } = submitted();
    manager.apply(filled(order, 't1', 8, 100), 1);
    const change = manager.apply(filled(order, 't2', 5, 200), 2);
    expect(change).toMatchObject({ illegal: true, applied: true, fillQuantity: 5, overfillQuantity: 3 });
    expect(order).toMatchObject({ status: S.Filled, cumQuantity: 10, leavesQuantity: 0, cumCost: 1_200n });
    expect(manager.apply(filled(order, 't3', 1, 100), 3)).toMatchObject({
      fillQuantity: 1,
      overfillQuantity: 1,
    });
    expect(manager.counters).toMatchObject({ overfills: 2, illegal: 2, fills: 3, filled: 1 });
    expect(order.leavesQuantity).toBe(0);
  });

  it('keeps a fill of a refused order: nothing is thrown away', () => {
    const { manager, order } = submitted();
    manager.apply(rejected(order), 1);
    const change = manager.apply(filled(order, 't1', 4), 2);
    expect(change).toMatchObject({ illegal: true, applied: true, fillQuantity: 4 });
    expect([order.status, order.cumQuantity, order.leavesQuantity]).toEqual([S.Rejected, 4, 6]);
    expect(dueAt(manager, 2)).toEqual([1]);
    manager.apply(report(order, S.PartiallyFilled, 4), 3);
    expect([order.status, manager.totals(0).openBuyQuantity]).toEqual([S.PartiallyFilled, 6]);
  });

  it.each([
    ['no quantity', 't', 0, 100],
    ['a negative quantity', 't', -1, 100],
    ['a fraction', 't', 0.5, 100],
    ['not a number', 't', Number.NaN, 100],
    ['no price', 't', 1, 0],
    ['no trade id', '', 1, 100],
  ])('refuses a fill with %s', (_, tradeId, quantity, price) => {
    const { manager, order } = submitted();
    expect(manager.apply(filled(order, tradeId, quantity, price), 1)).toMatchObject({
      illegal: true,
      applied: false,
      fillQuantity: 0,
    });
    expect([order.status, order.cumQuantity, order.leavesQuantity]).toEqual([S.Submitted, 0, 10]);
  });

  it('counts contradictions and leaves the status', () => {
    const { manager, order } = submitted();
    manager.apply(accepted(order), 1);
    for (const event of [rejected(order), sendFailed(order, true)]) {
      expect(manager.apply(event, 2)).toMatchObject({ illegal: true, applied: false });
    }
    expect([order.status, manager.counters.illegal]).toEqual([S.Accepted, 2]);
  });

  it('counts events for an order that was never sent', () => {
    const manager = managerAt();
    const order = manager.create(intentOf(), 0);
    expect(manager.apply(accepted(order), 1).illegal).toBe(true);
    expect([order.status, manager.inFlightCount]).toEqual([S.Initialized, 0]);
  });
});
