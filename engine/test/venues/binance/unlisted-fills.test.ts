import { describe, expect, it } from '@jest/globals';
import { EventKind, OrderStatus, Side } from '../../../src/domain/index.js';
import { World } from './reconcile-world.js';

const BUY = [Side.Buy, 9_990_00, 30_000] as const;
const drift = (world: World) => world.process.kernel.view.portfolio.drift;

/** An order that has ended with a fill of 10,000 that was neither told nor listed; one of 5,000 after it was both. */
async function unlisted(): Promise<World> {
  const world = await World.begin();
  world.process.trade(...BUY);
  world.deliver();
  world.fill(Side.Buy, 10_000);
  world.cancel(0);
  const [fill] = world.ownFills();
  world.unlisted.add(fill!.tradeId);
  world.wire.splice(
    0,
    world.wire.findIndex((message) => message.includes('"CANCELED"')),
  );
  world.process.trade(...BUY);
  world.fill(Side.Buy, 5_000);
  world.deliver();
  const { view } = world.process.kernel;
  expect(view.orders.find(1, 1)).toMatchObject({ status: OrderStatus.Canceled, awaitedQuantity: 10_000 });
  expect(view.position(0).quantity).toBe(5_000);
  return world;
}

/** What is booked once the fill is listed, and the process after this one has compared. */
async function bookedAfterCrash(world: World): Promise<number> {
  world.unlisted.clear();
  await world.crash(0);
  const { view } = world.process.kernel;
  expect(view.orders.firstAwaited()).toBeNull();
  expect(drift(world).alarms).toBe(0);
  return view.position(0).quantity;
}

describe('a fill that the venue counts and does not list yet, though it lists a later one', () => {
  it('is asked for after a crash, whatever an audit has found before', async () => {
    const world = await unlisted();
    const { comparisons } = drift(world);
    expect(await world.process.reconciler.audit(() => false)).toBe(false);
    expect(drift(world)).toMatchObject({ comparisons, alarms: 0 });
    expect(await bookedAfterCrash(world)).toBe(15_000);
  });

  it('is asked for after a crash, whatever a comparison has found before', async () => {
    const world = await unlisted();
    const { comparisons } = drift(world);
    await world.reconnect();
    expect(drift(world)).toMatchObject({ comparisons, alarms: 0 });
    expect(await bookedAfterCrash(world)).toBe(15_000);
  });

  it('is asked for by the one after the one that has not found it either', async () => {
    const world = await unlisted();
    await world.crash(0);
    expect(world.process.kernel.view.orders.firstAwaited()?.awaitedQuantity).toBe(10_000);
    expect(await bookedAfterCrash(world)).toBe(15_000);
  });

  it('is found by the comparison that an audit asks for, and trading goes on meanwhile and after', async () => {
    const world = await unlisted();
    await world.reconnect();
    const { orders } = world.process.kernel.view;
    world.process.sink({ kind: EventKind.Timer, tsEvent: 0, tsInit: 0 });
    expect(orders.firstAwaited()).not.toBeNull();
    world.unlisted.clear();
    expect(await world.process.reconciler.audit(() => false)).toBe(false);
    await world.reconnect();
    expect(orders.firstAwaited()).toBeNull();
    expect(world.process.kernel.view.position(0).quantity).toBe(15_000);
    expect(await world.process.reconciler.audit(() => false)).toBe(true);
    expect(drift(world).alarms).toBe(0);
  });

  it('is waited for until so many trades are listed after it that nobody could tell which of them are known', async () => {
    const world = await unlisted();
    const { view } = world.process.kernel;
    const trades = 8_200;
    for (let i = 0; i < trades; i++) {
      world.fill(Side.Buy, 1);
      if (i % 50 === 0) world.deliver();
    }
    world.deliver();
    const mark = () => world.process.registry.verifiedTrade[0];
    const before = mark()!;
    const { comparisons } = drift(world);
    await world.reconnect();
    expect(mark()).toBeGreaterThan(before + trades);
    expect(drift(world).comparisons).toBe(comparisons + 1);
    expect(view.position(0).quantity).toBe(5_000 + trades);
    // This process asks for it all the same.
    world.unlisted.clear();
    await world.reconnect();
    expect(view.position(0).quantity).toBe(15_000 + trades);
    expect(view.orders.firstAwaited()).toBeNull();
  });
});
