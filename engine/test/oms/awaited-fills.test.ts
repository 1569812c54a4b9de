import { describe, expect, it } from '@jest/globals';
import { BinaryReader, BinaryWriter, type Order, OrderStatus, Side } from '../../src/domain/index.js';
import type { OrderManager } from '../../src/oms/index.js';
import { accepted, canceled, filled, intentOf, report } from './order-events.js';
import { dueAt, hashOf, managerAt, submitted } from './order-fixtures.js';

const S = OrderStatus;

function awaited(manager: OrderManager): [number, number][] {
  const list: [number, number][] = [];
  for (let order = manager.firstAwaited(); order !== null; order = manager.nextAwaited(order)) {
    list.push([order.sequence, order.awaitedQuantity]);
  }
  return list;
}

/** An order of 10, canceled with 6 filled, of which 2 were told. */
function ended(options = {}): { manager: OrderManager; order: Order } {
  const { manager, order } = submitted({}, options);
  manager.apply(accepted(order), 1);
  manager.apply(filled(order, 't1', 2), 2);
  expect(manager.apply(report(order, S.Canceled, 6), 3)).toMatchObject({ closed: true, awaits: true });
  return { manager, order };
}

describe('fills that a venue has not told of an order that ended', () => {
  it('are known by their sum, until they come', () => {
    const { manager, order } = ended();
    expect(awaited(manager)).toEqual([[1, 4]]);
    expect(manager.apply(canceled(order), 4)).toMatchObject({ awaits: false });
    expect(manager.apply(report(order, S.Canceled, 6), 5)).toMatchObject({ awaits: false });
    manager.apply(filled(order, 't2', 3), 6);
    expect(awaited(manager)).toEqual([[1, 1]]);
    manager.apply(filled(order, 't2', 3), 7);
    expect(awaited(manager)).toEqual([[1, 1]]);
    manager.apply(filled(order, 't3', 1), 8);
    expect(awaited(manager)).toEqual([]);
    expect([order.status, order.cumQuantity, manager.inFlightCount]).toEqual([S.Canceled, 6, 0]);
  });

  it('are none while the order is open: what is left of it covers them', () => {
    const { manager, order } = submitted();
    manager.apply(accepted(order), 1);
    expect(manager.apply(report(order, S.PartiallyFilled, 6), 2)).toMatchObject({ awaits: true });
    expect([order.awaitedQuantity, order.leavesQuantity, awaited(manager)]).toEqual([0, 10, []]);
    manager.apply(canceled(order), 3);
    expect(awaited(manager)).toEqual([[1, 6]]);
  });

  it('are asked for until they come', () => {
    const { manager, order } = ended();
    expect(dueAt(manager, 1_003)).toEqual([1]);
    expect(dueAt(manager, 3_003)).toEqual([1]);
    manager.apply(filled(order, 't2', 4), 3_004);
    expect(dueAt(manager, 1e9)).toEqual([]);
  });

  it('keep their order however many end after it', () => {
    const { manager, order } = ended({ closedRetention: 2 });
    for (let i = 0; i < 5; i++) {
      const other = manager.create(intentOf({ side: Side.Sell }), 10);
      manager.markSubmitted(other, 10);
      manager.apply(canceled(other), 10);
    }
    expect(awaited(manager)).toEqual([[1, 4]]);
    expect([2, 3, 4, 5, 6].filter((sequence) => manager.find(1, sequence) !== null)).toEqual([6]);
    manager.apply(filled(order, 't2', 4), 11);
    for (let i = 0; i < 2; i++) {
      const other = manager.create(intentOf(), 12);
      manager.markSubmitted(other, 12);
      manager.apply(canceled(other), 12);
    }
    expect(manager.find(1, 1)).toBeNull();
  });

  it('are still awaited after a restart, with as much retention or less', () => {
    const { manager } = ended();
    for (let i = 0; i < 3; i++) {
      const other = manager.create(intentOf(), 10);
      manager.markSubmitted(other, 10);
      manager.apply(canceled(other), 10);
    }
    const out = new BinaryWriter(1 << 16);
    manager.save(out);
    for (const closedRetention of [100, 1]) {
      const next = managerAt(0, { closedRetention });
      next.load(new BinaryReader(out.bytes), 1, 1);
      expect(awaited(next)).toEqual([[1, 4]]);
      if (closedRetention === 100) expect(hashOf(next)).toBe(hashOf(manager));
    }
  });
});
