import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { constantLatency, jitteredLatency, percentageFees } from '../../src/backtest/index.js';
import {
  type Amount,
  baseAmount,
  EventKind,
  type KernelEvent,
  LiquiditySide,
  notional,
  type Order,
  OrderType,
  parseAmount,
  Side,
  TimeInForce,
} from '../../src/domain/index.js';
import { INSTRUMENT, type Level, Market } from './simulated-kit.js';

/** A random market around 100 and a random trader in it; one step each 10 ms. */
type Step =
  | { do: 'levels'; bid: number; bids: number[]; asks: number[] }
  | { do: 'trade'; offset: number; quantity: number; aggressor: Side }
  | {
      do: 'order';
      side: Side;
      type: OrderType;
      timeInForce: TimeInForce;
      postOnly: boolean;
      offset: number;
      quantity: number;
    }
  | { do: 'cancel'; pick: number };

const STEP_US = 10_000;
const sizes = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 4, maxLength: 4 });
const side = fc.constantFrom<Side>(Side.Buy, Side.Sell);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('levels' as const),
    bid: fc.integer({ min: 9_995, max: 10_005 }),
    bids: sizes,
    asks: sizes,
  }),
  fc.record({
    do: fc.constant('trade' as const),
    offset: fc.integer({ min: -6, max: 6 }),
    quantity: fc.integer({ min: 1, max: 40 }),
    aggressor: side,
  }),
  fc.record({
    do: fc.constant('order' as const),
    side,
    type: fc.constantFrom<OrderType>(OrderType.Limit, OrderType.Limit, OrderType.Limit, OrderType.Market),
    timeInForce: fc.constantFrom<TimeInForce>(
      TimeInForce.GTC,
      TimeInForce.GTC,
      TimeInForce.IOC,
      TimeInForce.FOK,
    ),
    postOnly: fc.boolean(),
    offset: fc.integer({ min: -6, max: 6 }),
    quantity: fc.integer({ min: 1, max: 50 }),
  }),
  fc.record({ do: fc.constant('cancel' as const), pick: fc.nat(20) }),
);
const steps = fc.array(step, { minLength: 5, maxLength: 60 });

interface Displayed {
  /** Over the whole run: first size of each level plus every increase, by side and price. */
  readonly shown: [Map<number, number>, Map<number, number>];
  readonly traded: Map<number, number>;
}

interface Run {
  readonly market: Market;
  readonly orders: Order[];
  readonly displayed: Displayed;
}

async function run(script: readonly Step[], seed = 1): Promise<Run> {
  const market = await new Market({
    latency: jitteredLatency({ entryUs: 7_000, responseUs: 2_000, jitterUs: 9_000, seed }),
    fees: percentageFees({ makerBps: -0.5, takerBps: 7.25, asset: 'received' }),
    balances: { BTC: '0.2', USDT: '30' },
  }).start();
  const displayed: Displayed = { shown: [new Map(), new Map()], traded: new Map() };
  const book: [Map<number, number>, Map<number, number>] = [new Map(), new Map()];
  const orders: Order[] = [];
  const show = (at: number, bids: Level[], asks: Level[], first: boolean) => {
    for (const [side, levels] of [bids, asks].entries()) {
      for (const [price, size] of levels) {
        const before = book[side]!.get(price) ?? 0;
        const shown = displayed.shown[side]!;
        if (size > before) shown.set(price, (shown.get(price) ?? 0) + size - before);
        book[side]!.set(price, size);
      }
    }
    if (first) market.snapshot(bids, asks, at);
    else market.delta(bids, asks, at);
  };
  let at = market.now;
  show(at, [[9_999, 20]], [[10_000, 20]], true);
  for (const move of script) {
    at += STEP_US;
    if (move.do === 'levels') {
      // Absolute sizes for four levels a side from the new touch; everything the new touch crosses goes.
      const bids: Level[] = move.bids.map((size, i) => [move.bid - i, size]);
      const asks: Level[] = move.asks.map((size, i) => [move.bid + 1 + i, size]);
      for (const price of book[Side.Buy].keys()) if (price > move.bid) bids.push([price, 0]);
      for (const price of book[Side.Sell].keys()) if (price <= move.bid) asks.push([price, 0]);
      show(at, bids, asks, false);
    } else if (move.do === 'trade') {
      displayed.traded.set(at, move.quantity);
      market.trade(10_000 + move.offset, move.quantity, move.aggressor, at);
    } else if (move.do === 'order') {
      market.pass(at - market.now);
      const { side, type, timeInForce, postOnly, quantity, offset } = move;
      orders.push(market.submit({ side, type, timeInForce, postOnly, quantity, price: 10_000 + offset }));
    } else if (orders.length > 0) {
      market.pass(at - market.now);
      market.execution.cancel({ ...orders[move.pick % orders.length]!, tsLast: at });
    }
  }
  return { market, orders, displayed };
}

async function finish({ market, orders }: Run): Promise<void> {
  market.pass();
  for (const order of orders) market.execution.cancel({ ...order, tsLast: market.now });
  await market.execution.stop();
}

/** Fields that do not depend on delivery. */
function text(events: readonly KernelEvent[]): string {
  return JSON.stringify(events, (_key, value) => (typeof value === 'bigint' ? `${value}n` : value));
}

const CLOSED: ReadonlySet<EventKind> = new Set([
  EventKind.OrderCanceled,
  EventKind.OrderExpired,
  EventKind.OrderRejected,
]);

describe('simulated execution: properties', () => {
  it('never fills more than was displayed or traded', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const outcome = await run(script);
        const { market, displayed } = outcome;
        await finish(outcome);
        const byTrade = new Map<number, number>();
        const taken = [new Map<number, number>(), new Map<number, number>()];
        let crossed = 0;
        for (const order of outcome.orders) {
          for (const fill of market.fills(order)) {
            if (fill.liquidity === LiquiditySide.Taker) {
              const levels = taken[1 - order.side]!;
              levels.set(fill.price, (levels.get(fill.price) ?? 0) + fill.quantity);
            } else if (displayed.traded.has(fill.tsEvent)) {
              byTrade.set(fill.tsEvent, (byTrade.get(fill.tsEvent) ?? 0) + fill.quantity);
            } else crossed += fill.quantity;
          }
        }
        for (const [at, quantity] of byTrade) expect(quantity).toBeLessThanOrEqual(displayed.traded.get(at)!);
        let left = 0;
        for (const side of [Side.Buy, Side.Sell]) {
          for (const [price, quantity] of displayed.shown[side]) {
            const rest = quantity - (taken[side]!.get(price) ?? 0);
            expect(rest).toBeGreaterThanOrEqual(0);
            left += rest;
          }
          for (const price of taken[side]!.keys()) expect(displayed.shown[side].has(price)).toBe(true);
        }
        expect(crossed).toBeLessThanOrEqual(left);
      }),
      { numRuns: 150 },
    );
  });

  it('conserves both assets, locks what open orders need and never spends what is not there', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const { market, orders } = await run(script);
        await market.execution.stop();
        let base: Amount = parseAmount('0.2');
        let quote: Amount = parseAmount('30');
        let lockedBase: Amount = 0n;
        let lockedQuote: Amount = 0n;
        for (const order of orders) {
          const sign = order.side === Side.Buy ? 1n : -1n;
          for (const fill of market.fills(order)) {
            base += sign * baseAmount(INSTRUMENT, fill.quantity);
            quote -= sign * notional(INSTRUMENT, fill.price, fill.quantity);
            if (fill.feeAsset === 'BTC') base -= fill.fee;
            else quote -= fill.fee;
          }
          const kinds = market.kinds(order);
          const leaves = order.quantity - market.filled(order);
          if (!kinds.includes(EventKind.OrderAccepted) || kinds.some((kind) => CLOSED.has(kind))) continue;
          if (order.side === Side.Buy) lockedQuote += notional(INSTRUMENT, order.price, leaves);
          else lockedBase += baseAmount(INSTRUMENT, leaves);
        }
        expect(market.balance('BTC')).toEqual({ free: base - lockedBase, locked: lockedBase });
        expect(market.balance('USDT')).toEqual({ free: quote - lockedQuote, locked: lockedQuote });
        for (const event of market.events) {
          if (event.kind === EventKind.Balance) expect(event.free >= 0n && event.locked >= 0n).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('ends every order exactly once, with times that never go back', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const outcome = await run(script);
        await finish(outcome);
        const { market, orders } = outcome;
        expect(await market.execution.openOrders()).toEqual([]);
        let last = 0;
        for (const { tsInit } of market.events) {
          expect(tsInit).toBeGreaterThanOrEqual(last);
          last = tsInit;
        }
        for (const order of orders) {
          const closed = market.kinds(order).filter((kind) => CLOSED.has(kind)).length;
          const filled = market.filled(order);
          expect(filled).toBeLessThanOrEqual(order.quantity);
          expect(closed).toBe(filled === order.quantity ? 0 : 1);
          for (const { price } of market.fills(order)) {
            if (order.type === OrderType.Limit) {
              expect(order.side === Side.Buy ? price <= order.price : price >= order.price).toBe(true);
            }
          }
        }
        const ids = orders.flatMap((order) => market.fills(order).map(({ tradeId }) => tradeId));
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 150 },
    );
  });

  it('gives the same events and the same state for the same input', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(), async (script, seed) => {
        const [one, two] = [await run(script, seed), await run(script, seed)];
        expect(text(one.market.events)).toBe(text(two.market.events));
        expect(one.market.hash()).toBe(two.market.hash());
      }),
      { numRuns: 40 },
    );
  });

  it('never looks ahead: what happens later changes nothing that was told before', async () => {
    await fc.assert(
      fc.asyncProperty(steps, steps, fc.nat(), async (shared, other, cut) => {
        const prefix = shared.slice(0, cut % shared.length);
        const one = await run([...prefix, ...shared]);
        const two = await run([...prefix, ...other]);
        const until = 1_000_000 + prefix.length * STEP_US;
        const before = (events: readonly KernelEvent[]) => events.filter(({ tsInit }) => tsInit <= until);
        expect(text(before(one.market.events))).toBe(text(before(two.market.events)));
      }),
      { numRuns: 60 },
    );
  });
});

/**
 * The oracle: one price level with every order in it known, as the venue sees it. The public feed is what the level looks
 * like without us; the truth is how much of ours a first-in-first-out queue fills.
 */
interface Queued {
  readonly ours: boolean;
  quantity: number;
}

type Act =
  | { do: 'join'; quantity: number }
  | { do: 'leave'; pick: number }
  | { do: 'hit'; quantity: number; late: boolean };

const act = fc.oneof<fc.Arbitrary<Act>[]>(
  fc.record({ do: fc.constant('join' as const), quantity: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ do: fc.constant('leave' as const), pick: fc.nat(30) }),
  fc.record({
    do: fc.constant('hit' as const),
    quantity: fc.integer({ min: 1, max: 25 }),
    late: fc.boolean(),
  }),
);

async function againstQueue(ahead: number, quantity: number, acts: readonly Act[], leaveAhead: boolean) {
  const price = 9_900;
  const floor: Level = [9_000, 1];
  const market = await new Market({ latency: constantLatency({ entryUs: 0, responseUs: 0 }) }).start();
  // Without us, and with us: the same traders in both.
  let feed: Queued[] = [{ ours: false, quantity: ahead }];
  market.snapshot([[price, ahead], floor], [[10_000, 50]]);
  const order = market.place({ price, quantity });
  const mine: Queued = { ours: true, quantity };
  let truth: Queued[] = [{ ours: false, quantity: ahead }, mine];
  const twin = new Map<Queued, Queued>([[feed[0]!, truth[0]!]]);
  const size = () => feed.reduce((sum, queued) => sum + queued.quantity, 0);
  for (const move of acts) {
    market.now += 1_000;
    if (move.do === 'join') {
      const queued: Queued = { ours: false, quantity: move.quantity };
      const real: Queued = { ours: false, quantity: move.quantity };
      twin.set(queued, real);
      feed.push(queued);
      truth.push(real);
      market.delta([[price, size()]], []);
    } else if (move.do === 'leave') {
      const behind = truth.indexOf(mine);
      const candidates = feed.filter(
        (queued) => leaveAhead || behind < 0 || truth.indexOf(twin.get(queued)!) > behind,
      );
      const leaver = candidates[move.pick % Math.max(1, candidates.length)];
      if (leaver === undefined) continue;
      feed = feed.filter((queued) => queued !== leaver);
      truth = truth.filter((queued) => queued !== twin.get(leaver));
      market.delta([[price, size()]], []);
    } else {
      // The taker wants no more than the feed's level holds: trades through the level are another test's matter.
      const taken = Math.min(move.quantity, size());
      if (taken === 0) continue;
      feed = hit(feed, taken);
      truth = hit(truth, taken);
      if (move.late) market.delta([[price, size()]], []);
      market.trade(price, taken, Side.Sell);
      if (!move.late) market.delta([[price, size()]], []);
    }
  }
  await market.execution.stop();
  return { filled: market.filled(order), truth: quantity - mine.quantity };
}

function hit(queue: Queued[], quantity: number): Queued[] {
  let left = quantity;
  for (const queued of queue) {
    const taken = Math.min(left, queued.quantity);
    queued.quantity -= taken;
    left -= taken;
  }
  return queue.filter((queued) => queued.quantity > 0);
}

const scene = [
  fc.integer({ min: 1, max: 60 }),
  fc.integer({ min: 1, max: 40 }),
  fc.array(act, { maxLength: 30 }),
] as const;

describe('simulated execution against a queue of known orders', () => {
  it('fills exactly what the queue fills when only those behind us leave, told in any order', async () => {
    await fc.assert(
      fc.asyncProperty(...scene, async (ahead, quantity, acts) => {
        const { filled, truth } = await againstQueue(ahead, quantity, acts, false);
        expect(filled).toBe(truth);
      }),
      { numRuns: 400 },
    );
  });

  it('never fills more than the queue fills, whoever leaves', async () => {
    await fc.assert(
      fc.asyncProperty(...scene, async (ahead, quantity, acts) => {
        const { filled, truth } = await againstQueue(ahead, quantity, acts, true);
        expect(filled).toBeLessThanOrEqual(truth);
      }),
      { numRuns: 400 },
    );
  });
});
