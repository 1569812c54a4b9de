import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EventKind, OrderStatus, Side } from '../../../src/domain/index.js';
import type { ExchangeFill } from '../../../src/simulator/matching/index.js';
import { type Fate, replay, World } from './reconcile-world.js';

/** What may happen, in any order. */
type Step =
  | {
      readonly do: 'submit';
      readonly side: Side;
      readonly offset: number;
      readonly quantity: number;
      fate: Fate;
    }
  | { readonly do: 'fill'; readonly side: Side; readonly quantity: number }
  | { readonly do: 'venue cancel'; readonly at: number }
  | { readonly do: 'foreign' }
  | { readonly do: 'deliver'; readonly count: number }
  | { readonly do: 'lose'; readonly count: number }
  | { readonly do: 'query' }
  | { readonly do: 'lag'; readonly ms: number }
  | { readonly do: 'audit' }
  | { readonly do: 'reconnect'; readonly failures: number; readonly meanwhile: readonly Step[] }
  | {
      readonly do: 'crash';
      readonly lost: number;
      readonly failures: number;
      readonly meanwhile: readonly Step[];
    };

const side = fc.constantFrom(Side.Buy, Side.Sell);
const quantity = fc.integer({ min: 1_000, max: 90_000 });
const submit = fc.record({
  do: fc.constant('submit' as const),
  side,
  offset: fc.integer({ min: 1, max: 500 }),
  quantity,
  fate: fc.oneof({ weight: 5, arbitrary: fc.constant<Fate>('arrives') }, fc.constant<Fate>('is lost')),
});
const fill = fc.record({ do: fc.constant('fill' as const), side, quantity });
const venueCancel = fc.record({ do: fc.constant('venue cancel' as const), at: fc.nat(9) });
const deliver = fc.record({ do: fc.constant('deliver' as const), count: fc.integer({ min: 1, max: 12 }) });
const lose = fc.record({ do: fc.constant('lose' as const), count: fc.integer({ min: 1, max: 6 }) });
const foreign = fc.record({ do: fc.constant('foreign' as const) });
const query = fc.record({ do: fc.constant('query' as const) });
const audit = fc.record({ do: fc.constant('audit' as const) });
const meanwhile = fc.array(fc.oneof(fill, venueCancel, deliver), { maxLength: 12 });
const failures = fc.nat(4);
const reconnect = fc.record({ do: fc.constant('reconnect' as const), failures, meanwhile });
const crash = fc.record({ do: fc.constant('crash' as const), lost: fc.nat(15), failures, meanwhile });

const usual = [
  { weight: 6, arbitrary: submit },
  { weight: 6, arbitrary: fill },
  { weight: 4, arbitrary: deliver },
  { weight: 1, arbitrary: venueCancel },
  { weight: 1, arbitrary: foreign },
  { weight: 2, arbitrary: reconnect },
  { weight: 2, arbitrary: crash },
] as const;
/** A stream that tells in order what it tells: fills are booked in the order they happened. */
const orderly = fc.array(fc.oneof(...usual), { minLength: 10, maxLength: 60, size: 'max' });
/** A stream that swallows messages although it looks healthy; lists that lag; orders asked about one by one; audits. */
const lossy = fc.array(
  fc.oneof(
    ...usual,
    { weight: 2, arbitrary: lose },
    { weight: 2, arbitrary: query },
    { weight: 2, arbitrary: audit },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('lag' as const), ms: fc.integer({ min: 0, max: 400 }) }),
    },
  ),
  { minLength: 10, maxLength: 60, size: 'max' },
);

async function take(world: World, step: Step): Promise<void> {
  switch (step.do) {
    case 'submit':
      world.fate = step.fate;
      world.process.trade(
        step.side,
        step.side === Side.Buy ? 9_990_00 - step.offset : 10_010_00 + step.offset,
        step.quantity,
      );
      world.fate = 'arrives';
      return;
    case 'fill':
      world.fill(step.side, step.quantity);
      return;
    case 'venue cancel':
      world.cancel(step.at);
      return;
    case 'foreign':
      world.placeForeign();
      return;
    case 'deliver':
      world.deliver(step.count);
      await world.process.settled();
      return;
    case 'lose':
      world.wire.splice(0, step.count);
      return;
    case 'lag':
      world.lagMs = step.ms;
      return;
    case 'query': {
      world.process.answering = true;
      world.tick(3_000);
      world.process.sink({ kind: EventKind.Timer, tsEvent: 0, tsInit: 0 });
      await new Promise((resolve) => setImmediate(resolve));
      world.process.answering = false;
      return;
    }
    case 'audit':
      if (!(await world.process.reconciler.audit(() => world.process.outlet.holding)))
        await world.reconnect();
      return;
    default:
      // What happens while the venue is being asked cannot be waited for.
      world.meanwhile.push(...step.meanwhile.map((each) => () => void take(world, each)));
      world.failures = step.failures;
      if (step.do === 'crash') await world.crash(step.lost);
      else await world.reconnect();
      world.meanwhile.length = 0;
      world.failures = 0;
  }
}

async function play(steps: readonly Step[]): Promise<World> {
  const world = await World.begin();
  for (const step of steps) await take(world, step);
  await world.settle();
  return world;
}

/** A position by average cost, from a list of fills, in fractions: as naive as can be. Money in 10^-18 quote. */
function positionOf(fills: readonly ExchangeFill[]) {
  let [held, cost, costBelow, realized, realizedBelow] = [0n, 0n, 1n, 0n, 1n];
  for (const { side, price, quantity } of fills) {
    const unit = 10n ** 11n;
    const signed = side === Side.Buy ? BigInt(quantity) : -BigInt(quantity);
    const closing = held !== 0n && held > 0n !== signed > 0n;
    const closed = closing ? (abs(signed) < abs(held) ? abs(signed) : abs(held)) : 0n;
    const direction = held > 0n ? 1n : -1n;
    if (closed > 0n) {
      // realized += closed × (price - cost / held), in the position's direction.
      const gain = direction * closed * BigInt(price) * unit;
      realized =
        realized * costBelow * abs(held) + (gain * costBelow * abs(held) - cost * closed) * realizedBelow;
      realizedBelow *= costBelow * abs(held);
      cost *= abs(held) - closed;
      costBelow *= abs(held);
      held -= direction * closed;
    }
    const opened = abs(signed) - closed;
    if (opened > 0n) {
      const way = signed > 0n ? 1n : -1n;
      cost += way * opened * BigInt(price) * unit * costBelow;
      held += way * opened;
    }
    if (held === 0n) [cost, costBelow] = [0n, 1n];
  }
  return { held: Number(held), cost, costBelow, realized, realizedBelow };
}

const abs = (value: bigint) => (value < 0n ? -value : value);

/** `value = above / below`, to what rounding down each of `steps` may lose. */
function expectNear(value: bigint, above: bigint, below: bigint, steps: number): void {
  expect(abs(value * below - above) <= BigInt(steps) * abs(below)).toBe(true);
}

const RUNS = 150;
let worlds: World[];

describe('after any interleaving of crashes, restarts and reconnects', () => {
  beforeAll(async () => {
    worlds = [];
    for (const steps of fc.sample(orderly, { numRuns: RUNS, seed: 4 })) worlds.push(await play(steps));
  }, 120_000);

  it('1. the quantity is what the venue traded', () => {
    for (const world of worlds) {
      const { position } = world.process.kernel.view;
      expect(position(0).quantity).toBe(positionOf(world.ownFills()).held);
    }
  });

  it('2. the average price is what the venue traded at', () => {
    for (const world of worlds) {
      const fills = world.ownFills();
      const { cost, costBelow } = positionOf(fills);
      const { costBasis } = world.process.kernel.view.position(0);
      expectNear(costBasis, cost, costBelow, fills.length);
    }
  });

  it('3. the realized profit is what the venue paid, and every balance is explained', () => {
    for (const world of worlds) {
      const fills = world.ownFills();
      const { realized, realizedBelow } = positionOf(fills);
      const { portfolio } = world.process.kernel.view;
      expectNear(portfolio.position(0).realized, realized, realizedBelow, fills.length);
      expect(portfolio.drift.comparisons).toBeGreaterThan(0);
      expect(portfolio.drift.alarms).toBe(0);
      for (const { asset, total, drift } of portfolio.drift.assets) {
        const { free, locked } = world.exchange.balance(world.us, asset);
        expect({ asset, total, drift }).toEqual({ asset, total: free + locked, drift: 0n });
      }
    }
  });

  it('4. ids are deterministic, and none is used twice', () => {
    for (const world of worlds) {
      expect(new Set(world.sent).size).toBe(world.sent.length);
      const again = replay(world.journal);
      expect(again.kernel.stateHash()).toBe(world.process.kernel.stateHash());
      // Of what was sent, the journal may have lost some; what it has is the same.
      const kept = new Set(again.sent);
      expect(world.sent.filter((id) => kept.has(id))).toEqual(again.sent);
    }
  });

  it('every fill is booked once, and the two sides agree on what is open', () => {
    for (const world of worlds) {
      const { orders } = world.process.kernel.view;
      expect(orders.counters.fills).toBe(world.ownFills().length);
      expect(orders.counters).toMatchObject({ unknown: 0, overfills: 0 });
      const open: string[] = [];
      for (let order = orders.firstOpen(); order !== null; order = orders.nextOpen(order)) {
        expect(order.status).not.toBe(OrderStatus.Submitted);
        open.push(`tw${order.epoch.toString(32)}x${order.sequence.toString(32)}`);
      }
      expect(open.sort()).toEqual(world.ownOpen());
    }
  });

  it('met what it is about', () => {
    const sum = (of: (world: World) => number) => worlds.reduce((total, world) => total + of(world), 0);
    expect(sum((world) => world.ownFills().length)).toBeGreaterThan(300);
    expect(sum((world) => world.process.kernel.view.orders.counters.adopted)).toBeGreaterThan(100);
    expect(sum((world) => world.epoch - 1)).toBeGreaterThan(100);
  });
});

describe('with a stream that swallows messages', () => {
  it('quantity and money still come out, and every fill is booked once', async () => {
    await fc.assert(
      fc.asyncProperty(lossy, async (steps) => {
        const world = await play(steps);
        const { orders, portfolio } = world.process.kernel.view;
        const fills = world.ownFills();
        expect(orders.counters.fills).toBe(fills.length);
        expect(portfolio.position(0).quantity).toBe(positionOf(fills).held);
        const paid = fills.reduce(
          (sum, { side: way, quote }) => sum + (way === Side.Buy ? -quote : quote),
          0n,
        );
        expect(portfolio.position(0).cashFlow).toBe(paid);
        expect(portfolio.drift.assets.map(({ drift }) => drift)).toEqual([0n, 0n]);
      }),
      { numRuns: 60, seed: 4 },
    );
  }, 120_000);
});
