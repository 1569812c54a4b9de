import { describe, expect, it } from '@jest/globals';
import {
  BinaryReader,
  ConnectionState,
  EventKind,
  type KernelEvent,
  type OrderAdopted,
  OrderStatus,
  OrderType,
  parseAmount,
  Side,
  TimeInForce,
} from '../../../src/domain/index.js';
import { decodeEvent } from '../../../src/journal/index.js';
import { World } from './reconcile-world.js';

const events = (world: World): KernelEvent[] =>
  world.journal.map((bytes) => decodeEvent(new BinaryReader(bytes)));
const since = (world: World, from: number) => events(world).slice(from);
const kinds = (list: readonly KernelEvent[], ...of: number[]) =>
  list.filter(({ kind }) => of.includes(kind)).map(({ kind }) => kind);
const { OrderFilled, OrderReport, Reconciled } = EventKind;
const BUY = [Side.Buy, 9_990_00, 30_000] as const;

describe('an order of ours that nobody here knows', () => {
  it('is adopted with every field, then its fills, then its state; its fills move the position', async () => {
    const world = await World.begin();
    await world.crash(0);
    world.placeUnknown(1, 900, ...BUY);
    world.fill(Side.Buy, 10_000);
    const from = world.journal.length;
    await world.reconnect();
    const told = since(world, from).filter((event) => 'sequence' in event && event.sequence === 900);
    expect(told.map(({ kind }) => kind)).toEqual([EventKind.OrderAdopted, OrderFilled, OrderReport]);
    expect(told[0]).toMatchObject({
      ...{ epoch: 1, sequence: 900, instrument: 0, side: Side.Buy, type: OrderType.Limit },
      ...{
        timeInForce: TimeInForce.GTC,
        postOnly: false,
        quantity: 30_000,
        price: 9_990_00,
        triggerPrice: 0,
      },
    });
    const { view } = world.process.kernel;
    expect(view.position(0).quantity).toBe(10_000);
    expect(view.portfolio.drift.alarms).toBe(0);
    // The kernel asked for the cancel as soon as it heard of the order.
    world.deliver();
    expect(view.orders.find(1, 900)?.status).toBe(OrderStatus.Canceled);
    expect(world.process.metrics.strangers.value).toBe(1);
  });

  it('is adopted when it is closed already, found by its fill', async () => {
    const world = await World.begin();
    await world.crash(0);
    world.wire.length = 0;
    world.placeUnknown(1, 900, ...BUY);
    world.fill(Side.Buy, 30_000);
    await world.reconnect();
    const { view } = world.process.kernel;
    expect(view.position(0).quantity).toBe(30_000);
    expect(view.orders.find(1, 900)).toMatchObject({ status: OrderStatus.Filled, cumQuantity: 30_000 });
    expect(view.orders.counters.unknown).toBe(0);
  });

  it('has the venue asked when the stream is the first to tell of it', async () => {
    const world = await World.begin();
    await world.crash(0);
    world.placeUnknown(1, 900, ...BUY);
    world.fill(Side.Buy, 30_000);
    world.tick(2_000);
    world.deliver(1);
    expect(world.process.kernel.view.connection(0, 2)).toBe(ConnectionState.Reconciling);
    await world.process.settled();
    world.deliver();
    expect(world.process.kernel.view.position(0).quantity).toBe(30_000);
    expect(world.process.kernel.view.connection(0, 2)).toBe(ConnectionState.Up);
  });

  it('is not adopted twice when the first comparison fails half-way', async () => {
    const world = await World.begin();
    await world.crash(0);
    world.placeUnknown(1, 900, ...BUY);
    const from = world.journal.length;
    world.failures = 2;
    await world.reconnect();
    world.failures = 3;
    await world.reconnect();
    expect(kinds(since(world, from), EventKind.OrderAdopted)).toHaveLength(1);
  });
});

describe('a late fill of an order the kernel keeps although it has closed', () => {
  it('passes as a plain fill after a restart', async () => {
    const world = await World.begin();
    world.process.trade(...BUY);
    world.deliver();
    world.fill(Side.Buy, 10_000);
    world.cancel(0);
    // The cancel is told, the fill before it is not.
    world.wire.splice(
      0,
      world.wire.findIndex((message) => message.includes('"CANCELED"')),
    );
    world.deliver();
    expect(world.process.kernel.view.orders.find(1, 1)?.status).toBe(OrderStatus.Canceled);
    const from = world.journal.length;
    await world.crash(0);
    expect(kinds(since(world, from), EventKind.OrderAdopted, OrderFilled)).toEqual([OrderFilled]);
    expect(world.process.kernel.view.position(0).quantity).toBe(10_000);
  });
});

describe('a fill the kernel has booked since the last comparison', () => {
  it('is not told again after a restart, and counts for its order', async () => {
    const world = await World.begin();
    world.process.trade(...BUY);
    world.deliver();
    world.fill(Side.Buy, 10_000);
    world.deliver();
    const from = world.journal.length;
    await world.crash(0);
    expect(kinds(since(world, from), OrderFilled, Reconciled)).toEqual([Reconciled]);
    expect(world.process.metrics.recoveredFills.value).toBe(0);
    // The next one is told, live or by asking, and the sum is right.
    world.fill(Side.Buy, 5_000);
    await world.reconnect();
    expect(kinds(since(world, from), OrderFilled)).toHaveLength(1);
    const { view } = world.process.kernel;
    expect(view.position(0).quantity).toBe(15_000);
    expect(view.orders.counters.duplicates).toBe(0);
    expect(view.portfolio.drift.alarms).toBe(0);
  });
});

describe('a trade between two orders of ours', () => {
  it('is two fills with one id', async () => {
    const world = await World.begin();
    await world.crash(0);
    world.placeUnknown(1, 900, ...BUY);
    world.placeUnknown(1, 901, Side.Sell, 9_990_00, 30_000);
    await world.reconnect();
    await world.reconnect();
    const { orders, portfolio, position } = world.process.kernel.view;
    expect(orders.counters).toMatchObject({ fills: 2, duplicates: 0 });
    expect(position(0)).toMatchObject({ quantity: 0, buyQuantity: 30_000, sellQuantity: 30_000 });
    expect(portfolio.drift).toMatchObject({ alarms: 0 });
    expect(await world.process.reconciler.audit(() => false)).toBe(true);
  });
});

describe('a restart', () => {
  it('tells no fill again that an earlier run has told before its last comparison', async () => {
    const world = await World.begin();
    world.process.trade(...BUY);
    world.fill(Side.Buy, 5_000);
    world.deliver();
    await world.reconnect();
    world.fill(Side.Buy, 6_000);
    const from = world.journal.length;
    await world.crash(0);
    const fills = since(world, from).filter(({ kind }) => kind === OrderFilled);
    expect(fills).toMatchObject([{ quantity: 6_000 }]);
    const { view } = world.process.kernel;
    expect(view.orders.counters.duplicates).toBe(0);
    expect(view.orders.find(1, 1)).toMatchObject({
      cumQuantity: 11_000,
      status: OrderStatus.PartiallyFilled,
    });
    expect(world.process.registry.find(1, 1)).toMatchObject({ cumQuantity: 11_000, closed: false });
  });

  it('gives up an order of the earlier run only when the venue could not take it any more', async () => {
    const world = await World.begin();
    world.fate = 'is lost';
    world.process.trade(...BUY);
    world.fate = 'arrives';
    world.tick(60_000);
    await world.crash(0);
    const { orders } = world.process.kernel.view;
    // Sent a minute ago by what the journal says; but who knows when it was really written.
    expect(orders.find(1, 1)?.status).toBe(OrderStatus.Submitted);
    world.tick(15_001);
    await world.reconnect();
    expect(orders.find(1, 1)?.status).toBe(OrderStatus.Rejected);
  });

  it('says with Reconciled up to which trade everything is told, after all of it', async () => {
    const world = await World.begin();
    world.process.trade(...BUY);
    world.fill(Side.Buy, 30_000);
    const from = world.journal.length;
    await world.crash(0);
    const told = since(world, from);
    expect(kinds(told, OrderFilled, OrderReport, Reconciled)).toEqual([OrderFilled, OrderReport, Reconciled]);
    const { tradeId } = world.ownFills()[0]!;
    expect(told.find(({ kind }) => kind === Reconciled)).toMatchObject({ lastTradeIds: [String(tradeId)] });
    expect(world.process.kernel.view.portfolio.drift.lastTradeIds).toEqual([String(tradeId)]);
  });
});

describe('an order of a later leader', () => {
  it('is never touched, open or filled, and tells loudly that we have been superseded', async () => {
    const world = await World.begin();
    await world.crash(0);
    world.placeUnknown(77, 1, ...BUY);
    world.deliver();
    world.fill(Side.Buy, 10_000);
    const from = world.journal.length;
    await world.reconnect();
    world.deliver();
    expect(kinds(since(world, from), EventKind.OrderAdopted, OrderFilled, OrderReport)).toEqual([]);
    expect(world.ownOpen()).toEqual(['tw2dx1']);
    expect(world.process.superseded).toBe(77);
    expect(world.process.metrics.superseding.value).toBe(1);
    expect(world.process.kernel.view.position(0).quantity).toBe(0);
  });
});

describe('a foreign order', () => {
  it('is left alone and reported once, whoever tells of it first and however often', async () => {
    const world = await World.begin();
    world.placeForeign();
    world.deliver();
    expect(world.process.metrics.foreignOrders.value).toBe(1);
    const from = world.journal.length;
    await world.reconnect();
    world.placeForeign();
    await world.reconnect();
    await world.reconnect();
    expect(world.process.metrics.foreignOrders.value).toBe(2);
    expect(since(world, from).some((event) => 'sequence' in event)).toBe(false);
    expect(world.exchange.openOrders(world.us, 0)).toHaveLength(2);
  });
});

describe('balances', () => {
  const drift = (world: World) => world.process.kernel.view.portfolio.drift;

  it('are explained by transfers told before, during and after a comparison', async () => {
    const world = await World.begin();
    world.transfer('USDT', '250.5');
    world.deliver();
    await world.reconnect();
    // While it is being asked: before its balances are read, and after; both are told when it is over.
    for (let at = 0; at < 8; at++) {
      for (let i = 0; i < at; i++) world.meanwhile.push(() => {});
      world.meanwhile.push(() => {
        world.transfer('BTC', '-0.25');
        world.deliver();
      });
      await world.reconnect();
      world.meanwhile.length = 0;
    }
    await world.reconnect();
    expect(drift(world).alarms).toBe(0);
    expect(drift(world).assets.map((each) => each.drift)).toEqual([0n, 0n]);
  });

  it('are not judged while the stream knows a fill that the lists do not show yet', async () => {
    const world = await World.begin();
    world.process.trade(...BUY);
    world.deliver();
    world.lagMs = 60_000;
    world.meanwhile.push(() => {
      world.fill(Side.Buy, 10_000);
      world.deliver();
    });
    const { comparisons } = drift(world);
    await world.reconnect();
    expect(drift(world)).toMatchObject({ comparisons, alarms: 0 });
    world.lagMs = 0;
    await world.reconnect();
    expect(drift(world)).toMatchObject({ comparisons: comparisons + 1, alarms: 0 });
    expect(world.process.kernel.view.position(0).quantity).toBe(10_000);
  });

  it('that nobody explains raise one alarm and are expected from then on', async () => {
    const world = await World.begin();
    world.transfer('USDT', '-100');
    await world.reconnect();
    await world.reconnect();
    expect(drift(world).alarms).toBe(1);
    expect(drift(world).assets.find(({ asset }) => asset === 'USDT')).toMatchObject({
      drift: 0n,
      unexplained: parseAmount('-100'),
      alarms: 1,
    });
  });

  it('are compared across a restart', async () => {
    const world = await World.begin();
    world.process.trade(...BUY);
    world.fill(Side.Buy, 12_345);
    await world.crash(2);
    expect(drift(world)).toMatchObject({ alarms: 0 });
    expect(drift(world).comparisons).toBeGreaterThan(1);
    world.transfer('BTC', '1');
    await world.crash(0);
    expect(drift(world)).toMatchObject({ alarms: 1 });
  });
});

describe('a row that cannot be read', () => {
  it('tells nothing at all, and has the comparison repeated', async () => {
    const world = await World.begin();
    await world.crash(0);
    world.placeUnknown(1, 900, ...BUY);
    const { orders } = world.process.kernel.view;
    const [open] = world.exchange.openOrders(world.us, 0);
    const type = open!.type;
    let told = 0;
    world.meanwhile.push(
      () => Object.assign(open!, { type: 99 }),
      ...Array.from({ length: 6 }, () => () => {
        told = orders.counters.adopted;
      }),
      () => Object.assign(open!, { type }),
    );
    await world.reconnect();
    expect(told).toBe(0);
    expect(world.process.metrics.failedReconciles.value).toBeGreaterThan(0);
    expect((events(world).findLast(({ kind }) => kind === EventKind.OrderAdopted) as OrderAdopted).type).toBe(
      OrderType.Limit,
    );
  });
});
