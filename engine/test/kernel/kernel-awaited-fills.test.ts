import { describe, expect, it } from '@jest/globals';
import {
  BinaryReader,
  BinaryWriter,
  EventKind,
  type Order,
  OrderStatus,
  Side,
} from '../../src/domain/index.js';
import { Kernel } from '../../src/kernel/index.js';
import { Bench, SECOND } from './support/bench.js';
import { instrument, opening, openLimits } from './support/fixtures.js';
import { intent, ScriptedStrategy } from './support/scripted-strategy.js';

const limits = { ...openLimits, maxPosition: { BTCUSDT: '0.02' } };

/** An order of 1,000 that ended with so much filled, of which no fill was told. The limit is 2,000. */
function ended(bench: Bench, cumQuantity: number, changes: Parameters<typeof intent>[0] = {}) {
  const order = bench.submit(changes);
  bench.accept(order);
  const venueOrderId = `v${order.sequence}`;
  const report = { kind: EventKind.OrderReport, venueOrderId, status: OrderStatus.Canceled, cumQuantity };
  return { order, commands: bench.tell(order, report) };
}

const submit = (bench: Bench, quantity: number, side: Side = Side.Buy): string[] =>
  bench.act(
    (context) =>
      void context.submit(intent({ quantity, side, price: side === Side.Buy ? 9_990_00 : 10_010_00 })),
  );

describe('A fill that the venue has not told', () => {
  it('counts towards the position limit until it comes, then as the position that it is', () => {
    const bench = new Bench({ limits });
    const { order } = ended(bench, 900);
    expect(bench.view.position(0).quantity).toBe(0);
    expect(submit(bench, 1_101)).toEqual(['Deny POSITION_LIMIT']);
    bench.fill(order, 900);
    expect(bench.view.position(0).quantity).toBe(900);
    expect(submit(bench, 1_101)).toEqual(['Deny POSITION_LIMIT']);
    expect(submit(bench, 1_100)).toEqual(['Submit 4']);
  });

  it('does so on its own side alone, and as no open order', () => {
    const bench = new Bench({ limits: { ...limits, maxOpenOrders: 1 } });
    ended(bench, 900, { side: Side.Sell, price: 10_010_00 });
    expect(submit(bench, 2_001)).toEqual(['Deny POSITION_LIMIT']);
    expect(submit(bench, 1_101, Side.Sell)).toEqual(['Deny POSITION_LIMIT']);
    expect(submit(bench, 2_000)).toEqual(['Submit 4']);
  });

  it('is looked up at once', () => {
    const bench = new Bench({ limits });
    expect(ended(bench, 900).commands).toEqual(['Query 1']);
    expect(ended(bench, 0).commands).toEqual([]);
  });

  it('is counted before a strategy hears that its order has ended', () => {
    const bench = new Bench({ limits });
    let next: Order | undefined;
    bench.strategy.on.order = (context, what) => {
      if ((what as Order).status !== OrderStatus.Canceled) return;
      bench.strategy.on.order = undefined;
      next = context.submit(intent({ quantity: 1_101 }));
    };
    expect(ended(bench, 900).commands).toContain('Deny POSITION_LIMIT');
    expect(next?.status).toBe(OrderStatus.Denied);
  });

  it('is counted by who takes over with a snapshot as well', () => {
    const bench = new Bench({ limits });
    ended(bench, 900);
    const out = new BinaryWriter(1 << 16);
    bench.kernel.save(out);
    const strategies = [new ScriptedStrategy()];
    const next = new Kernel({ limits, strategies, staleAfterUs: SECOND, queryAfterUs: SECOND });
    next.load(new BinaryReader(out.bytes));
    expect(next.stateHash()).toBe(bench.kernel.stateHash());
    expect(next.view.orders.firstAwaited()?.awaitedQuantity).toBe(900);
  });

  it('is counted by a new session, which counts anew what is open', () => {
    const bench = new Bench({ limits });
    ended(bench, 900);
    for (const event of opening([instrument()], bench.view.orders.epoch + 1)) bench.kernel.apply(event);
    bench.book();
    expect(submit(bench, 1_101)).toEqual(['Deny POSITION_LIMIT']);
    expect(submit(bench, 1_100)).toEqual(['Submit 2']);
  });
});
