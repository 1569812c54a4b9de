import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Order, OrderStatus, Side, StateHash } from '../../src/domain/index.js';
import { FillMemory, OrderManager } from '../../src/oms/index.js';
import { OrderIndex } from '../../src/oms/order-index.js';
import { SlotList } from '../../src/oms/slot-list.js';
import { accepted, canceled, filled, intentOf, rejected } from './order-events.js';

function submit(manager: OrderManager, change = {}): Order {
  const order = manager.create(intentOf(change), 0);
  manager.markSubmitted(order, 0);
  return order;
}

describe('retention', () => {
  it('drops the oldest closed orders and reuses their records', () => {
    const manager = new OrderManager({ closedRetention: 3 });
    manager.startSession(1);
    const open = submit(manager);
    const closed = Array.from({ length: 4 }, () => {
      const order = submit(manager);
      manager.apply(canceled(order), 1);
      return order;
    });
    expect(manager.find(1, 2)).toBeNull();
    expect(manager.apply(filled({ epoch: 1, sequence: 2 }, 't', 1), 2)).toMatchObject({ unknown: true });
    for (const sequence of [1, 3, 4, 5]) expect(manager.find(1, sequence)?.sequence).toBe(sequence);
    const reused = submit(manager, { quantity: 77 });
    expect(reused).toBe(closed[0]);
    expect(reused).toMatchObject({
      sequence: 6,
      quantity: 77,
      cumQuantity: 0,
      status: OrderStatus.Submitted,
      venueOrderId: '',
    });
    expect([manager.openCount, open.status]).toEqual([2, OrderStatus.Submitted]);
  });

  it('keeps denied orders apart, so that they push out no real one', () => {
    const manager = new OrderManager({ closedRetention: 2, deniedRetention: 2 });
    manager.startSession(1);
    const real = submit(manager);
    manager.apply(canceled(real), 1);
    for (let i = 0; i < 50; i++) manager.markDenied(manager.create(intentOf(), 0), 0);
    expect(manager.find(1, real.sequence)).toBe(real);
    expect(manager.apply(filled(real, 't', 4), 2)).toMatchObject({ applied: true, fillQuantity: 4 });
    expect([manager.find(1, 49), manager.find(1, 50)?.sequence, manager.find(1, 51)?.sequence]).toEqual([
      null,
      50,
      51,
    ]);
  });

  it('stops asking about an order it drops', () => {
    const manager = new OrderManager({ closedRetention: 1, queryAfterUs: 10 });
    manager.startSession(1);
    const order = submit(manager);
    manager.apply(rejected(order), 1);
    manager.apply(accepted(order), 2);
    expect(manager.inFlightCount).toBe(1);
    manager.apply(canceled(submit(manager)), 3);
    expect(manager.inFlightCount).toBe(0);
  });

  it('stays in step through long churn', () => {
    const manager = new OrderManager({ closedRetention: 100 });
    manager.startSession(1);
    const live: Order[] = [];
    for (let i = 0; i < 20_000; i++) {
      live.push(submit(manager, { side: i % 2 === 0 ? Side.Buy : Side.Sell, quantity: 1 + (i % 5) }));
      if (live.length > 300) manager.apply(canceled(live.splice((i * 7919) % live.length, 1)[0]!), i);
    }
    expect([manager.openCount, manager.totals(0).openCount]).toEqual([live.length, live.length]);
    const sum = (side: Side) => live.filter((o) => o.side === side).reduce((n, o) => n + o.leavesQuantity, 0);
    expect(manager.totals(0)).toMatchObject({
      openBuyQuantity: sum(Side.Buy),
      openSellQuantity: sum(Side.Sell),
    });
    for (const order of live) expect(manager.find(1, order.sequence)).toBe(order);
  });
});

describe('SlotList', () => {
  it('behaves as an ordered set', () => {
    const step = fc.tuple(fc.boolean(), fc.nat(200));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
        const list = new SlotList();
        const naive = new Set<number>();
        for (const [add, slot] of steps) {
          if (add) list.push(slot);
          else list.remove(slot);
          if (add) naive.add(slot);
          else naive.delete(slot);
        }
        const walked: number[] = [];
        for (let slot = list.head; slot >= 0; slot = list.after(slot)) walked.push(slot);
        expect(walked).toEqual([...naive]);
        expect(list.length).toBe(naive.size);
        const slots = Array.from({ length: 210 }, (_, slot) => slot);
        expect(slots.filter((slot) => list.has(slot) !== naive.has(slot))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('OrderIndex', () => {
  it('behaves as a map from pairs', () => {
    const sequence = fc.oneof(
      fc.nat(40),
      fc.integer({ min: 2 ** 32 - 20, max: 2 ** 32 + 20 }),
      fc.constant(2 ** 45 - 1),
    );
    const step = fc.tuple(fc.boolean(), fc.constantFrom(0, 1, 2 ** 30 - 1), sequence);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
        const index = new OrderIndex();
        const naive = new Map<string, number>();
        steps.forEach(([add, epoch, seq], slot) => {
          const key = `${epoch}/${seq}`;
          if (!add) {
            index.remove(epoch, seq);
            naive.delete(key);
          } else if (!naive.has(key)) {
            index.add(epoch, seq, slot);
            naive.set(key, slot);
          }
        });
        expect(index.size).toBe(naive.size);
        for (const [, epoch, seq] of steps)
          expect(index.get(epoch, seq)).toBe(naive.get(`${epoch}/${seq}`) ?? -1);
      }),
      { numRuns: 100 },
    );
  });

  it('grows, and keeps collided runs whole through removals', () => {
    const index = new OrderIndex();
    for (let i = 0; i < 5_000; i++) index.add(i % 3, i, i);
    for (let i = 0; i < 5_000; i += 2) index.remove(i % 3, i);
    expect(index.size).toBe(2_500);
    let wrong = 0;
    for (let i = 0; i < 5_000; i++) if (index.get(i % 3, i) !== (i % 2 === 0 ? -1 : i)) wrong++;
    expect(wrong).toBe(0);
  });
});

describe('FillMemory', () => {
  it('remembers exactly the newest fills', () => {
    const fill = fc.tuple(
      fc.nat(2),
      fc.constantFrom(Side.Buy, Side.Sell),
      fc.integer({ min: 0, max: 30 }).map(String),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fill, { maxLength: 200, size: 'max' }),
        (capacity, fills) => {
          const memory = new FillMemory(capacity);
          let naive: string[] = [];
          for (const [instrument, side, tradeId] of fills) {
            const key = `${instrument}/${side}/${tradeId}`;
            const known = naive.includes(key);
            expect(memory.has(instrument, side, tradeId)).toBe(known);
            expect(memory.add(instrument, side, tradeId)).toBe(!known);
            if (!known) naive = [...naive, key].slice(-capacity);
          }
          expect(memory.size).toBe(naive.length);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('hashes by content and age', () => {
    const hashOf = (fills: string[]) => {
      const memory = new FillMemory(2);
      for (const tradeId of fills) memory.add(0, Side.Buy, tradeId);
      const hash = new StateHash();
      memory.hashInto(hash);
      return hash.digest();
    };
    expect(hashOf(['x', 'a', 'b'])).toBe(hashOf(['a', 'b']));
    expect(hashOf(['a', 'b'])).not.toBe(hashOf(['b', 'a']));
  });

  it('refuses an impossible capacity', () => {
    for (const capacity of [0, -1, 1.5, Number.NaN])
      expect(() => new FillMemory(capacity)).toThrow(RangeError);
  });
});
