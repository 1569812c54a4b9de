import { describe, expect, it } from '@jest/globals';
import { type Order, OrderStatus, RejectReason } from '../../src/domain/index.js';
import {
  accepted,
  canceled,
  filled,
  intentOf,
  notFound,
  outcomeUnknown,
  rejected,
  report,
  sendFailed,
} from './order-events.js';
import { dueAt, managerAt, submitted } from './order-fixtures.js';

const S = OrderStatus;

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

  it('is as patient as at first when somebody else takes over', () => {
    const { manager } = submitted();
    for (let now = 0; now <= 30_000; now += 100) dueAt(manager, now);
    // By now there are ten thousand between one question and the next.
    expect(dueAt(manager, 31_000)).toEqual([]);
    manager.startSession(2);
    manager.askAnew(31_000);
    expect(dueAt(manager, 31_999)).toEqual([]);
    expect(dueAt(manager, 32_000)).toEqual([1]);
    expect(dueAt(manager, 34_000)).toEqual([1]);
  });

  it('stays due while there is nobody to ask', () => {
    const { manager } = submitted();
    expect(manager.due(5_000, () => false)).toBe(0);
    expect(manager.counters.queries).toBe(0);
    expect(dueAt(manager, 5_000)).toEqual([1]);
    expect(dueAt(manager, 5_001)).toEqual([]);
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
