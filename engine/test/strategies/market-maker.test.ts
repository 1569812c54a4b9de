import { describe, expect, it } from '@jest/globals';
import { BookFault, OrderStatus, Side, StateHash, TradingState } from '../../src/domain/index.js';
import { createStrategy, MarketMaker, type StrategyKind } from '../../src/strategies/index.js';
import { instrument } from '../kernel/support/fixtures.js';
import { FakeContext, fill, maker, PARAMS, tell } from './support.js';

const prices = (context: FakeContext) => context.submitted.map(({ side, price }) => [side, price]);

describe('MarketMaker quotes', () => {
  it('around the middle, rounded away from it to the increment', () => {
    const { strategy, context } = maker({}, new FakeContext(instrument(0, { priceIncrement: 7 })));
    context.setTop(10_000_00, 10_020_03);
    strategy.onBook(context, 0);
    // Middle 10,010.015; half the spread is 5.0050075.
    expect(prices(context)).toEqual([
      [Side.Buy, 1_000_496],
      [Side.Sell, 1_001_504],
    ]);
    expect(1_000_496 % 7).toBe(0);
    expect(1_001_504 % 7).toBe(0);
    expect(context.submitted[0]).toMatchObject({ quantity: 1000, postOnly: true, instrument: 0 });
  });

  it('never at or through the opposite best, however small its spread', () => {
    const { strategy, context } = maker({ spreadBps: 0.001, inventorySkewBps: 50 });
    context.position().fill(Side.Sell, 10_000_00, 1500);
    context.setTop(10_000_00, 10_000_01);
    strategy.onBook(context, 0);
    const [bid, ask] = context.submitted;
    expect(bid).toMatchObject({ side: Side.Buy, price: 10_000_00 });
    expect(ask!.price).toBeGreaterThan(10_000_00);
  });

  it('lower when long, higher when short, by the skew at full inventory', () => {
    for (const [side, sign] of [
      [Side.Buy, -1],
      [Side.Sell, 1],
    ] as const) {
      const { strategy, context } = maker({ inventorySkewBps: 4 });
      context.position().fill(side, 10_000_00, 1250);
      strategy.onBook(context, 0);
      // Half the maximum: 2 of 4 basis points of 10,010.00.
      const middle = (context.last(Side.Buy).price + context.last(Side.Sell).price) / 2;
      expect(middle).toBeCloseTo(10_010_00 * (1 + (sign * 2) / 10_000), -1);
    }
  });

  it('only what the inventory leaves room for, and not less than the venue takes', () => {
    const { strategy, context } = maker();
    context.position().fill(Side.Buy, 10_000_00, 2000);
    strategy.onBook(context, 0);
    expect(context.last(Side.Buy).quantity).toBe(500);
    expect(context.last(Side.Sell).quantity).toBe(1000);
    const full = maker();
    full.context.position().fill(Side.Buy, 10_000_00, 2480);
    full.strategy.onBook(full.context, 0);
    expect(full.context.submitted.map(({ side }) => side)).toEqual([Side.Sell]);
  });

  it('only while the others leave the minimum spread, its own quotes taken out', () => {
    const { strategy, context } = maker({ minSpreadBps: 15, spreadBps: 4 });
    context.setTop(10_000_00, 10_014_00);
    strategy.onBook(context, 0);
    expect(context.submitted).toHaveLength(0);
    context.setTop(10_000_00, 10_020_00);
    strategy.onBook(context, 0);
    expect(context.submitted).toHaveLength(2);
    const [bid, ask] = context.submitted;
    for (const each of [bid!, ask!]) tell(strategy, context, each, OrderStatus.Accepted);
    // The book now shows our quotes at the top, with nobody else there.
    context.now += 1_000_000;
    context.setTop(bid!.price, ask!.price, 1000, 1000);
    strategy.onBook(context, 0);
    expect(context.canceled).toHaveLength(2);
    // Without the rest of the market it is ours alone: 1.00 further out is the others' best.
    expect(context.book().levels.bidPrice(1)).toBe(bid!.price - 100);
  });

  it('does not chase its own quote', () => {
    const { strategy, context } = maker({ spreadBps: 5, repriceThresholdBps: 0.5 });
    strategy.onBook(context, 0);
    const [bid, ask] = context.submitted;
    for (const each of [bid!, ask!]) tell(strategy, context, each, OrderStatus.Accepted);
    context.now += 1_000_000;
    const before = context.submitted.length;
    context.setTop(bid!.price, 10_020_00, 1000);
    // The others' best bid is one level down, at bid - 100: close to where it was is not needed, far from ours is.
    strategy.onBook(context, 0);
    expect(context.submitted.length).toBe(before);
  });
});

describe('MarketMaker moves a quote', () => {
  it('by cancelling, waiting for the end, then quoting anew, one order a side all along', () => {
    const { strategy, context } = maker();
    strategy.onBook(context, 0);
    const [bid, ask] = context.submitted;
    for (const each of [bid!, ask!]) tell(strategy, context, each, OrderStatus.Accepted);
    context.setTop(10_100_00, 10_120_00);
    strategy.onBook(context, 0);
    expect(context.canceled).toEqual([]);
    context.now += 100_000;
    strategy.onBook(context, 0);
    expect(context.canceled).toEqual([bid, ask]);
    strategy.onBook(context, 0);
    expect(context.submitted).toHaveLength(2);
    tell(strategy, context, bid!, OrderStatus.Canceled);
    // The new bid would meet our old ask: it waits for its end.
    expect(context.submitted).toHaveLength(2);
    tell(strategy, context, ask!, OrderStatus.Canceled);
    expect(prices(context).slice(2)).toEqual([
      [Side.Buy, 10_104_94],
      [Side.Sell, 10_115_06],
    ]);
  });

  it('not within the threshold, but at its timeout', () => {
    const { strategy, context } = maker({ repriceThresholdBps: 20 });
    strategy.onBook(context, 0);
    for (const each of context.submitted) tell(strategy, context, each, OrderStatus.Accepted);
    context.now += 4_000_000;
    context.setTop(10_015_00, 10_035_00);
    strategy.onBook(context, 0);
    expect(context.canceled).toEqual([]);
    context.now += 1_000_000;
    strategy.onTimer(context);
    expect(context.canceled).toHaveLength(2);
  });

  it('again when a cancel was refused, but not at once', () => {
    const { strategy, context } = maker();
    strategy.onBook(context, 0);
    const bid = context.last(Side.Buy);
    context.isReady = false;
    strategy.onTimer(context);
    expect(context.canceled).toHaveLength(2);
    tell(strategy, context, bid, OrderStatus.Accepted);
    expect(context.canceled).toHaveLength(2);
    context.now += 100_000;
    strategy.onTimer(context);
    expect(context.canceled).toHaveLength(3);
  });
});

describe('MarketMaker withdraws at once', () => {
  const REASONS: readonly (readonly [string, (context: FakeContext) => void])[] = [
    ['the book breaks', (context) => void context.book().setStatus(BookFault.SEQUENCE_GAP)],
    ['the book is stale', (context) => void context.book().checkStale(context.now + 100, 10)],
    ['trading is halted', (context) => (context.tradingState = TradingState.Halted)],
    ['trading is reducing', (context) => (context.tradingState = TradingState.Reducing)],
    ['the venue is away', (context) => (context.isReady = false)],
  ];
  it.each(REASONS)('when %s, and comes back', (_title, change) => {
    const { strategy, context } = maker();
    strategy.onBook(context, 0);
    change(context);
    strategy.onBook(context, 0);
    expect(context.canceled).toHaveLength(2);
    for (const each of context.submitted.slice()) tell(strategy, context, each, OrderStatus.Canceled);
    expect(context.submitted).toHaveLength(2);
    context.tradingState = TradingState.Active;
    context.isReady = true;
    context.now += 1_000_000;
    context.setTop(10_000_00, 10_020_00);
    strategy.onBook(context, 0);
    expect(context.submitted).toHaveLength(4);
  });

  it('when stopped, for good', () => {
    const { strategy, context } = maker();
    strategy.onBook(context, 0);
    strategy.onStop(context);
    expect(context.canceled).toHaveLength(2);
    for (const each of context.submitted.slice()) tell(strategy, context, each, OrderStatus.Canceled);
    context.now += 10_000_000;
    strategy.onBook(context, 0);
    expect(context.submitted).toHaveLength(2);
  });

  it('a quote that a late fill has made too large', () => {
    const { strategy, context } = maker();
    strategy.onBook(context, 0);
    const bid = context.last(Side.Buy);
    context.position().fill(Side.Buy, 10_000_00, 2000);
    strategy.onBook(context, 0);
    expect(context.canceled).toEqual([bid]);
  });
});

describe('MarketMaker is told', () => {
  it('of a fill: quotes that side again after the interval', () => {
    const { strategy, context } = maker();
    strategy.onBook(context, 0);
    fill(strategy, context, context.last(Side.Buy));
    expect(context.submitted).toHaveLength(2);
    context.now += 100_000;
    strategy.onTimer(context);
    expect(context.submitted).toHaveLength(3);
    expect(context.last(Side.Buy).price).toBeLessThan(context.submitted[0]!.price);
  });

  it('of denials: waits, longer each time, and never loops', () => {
    const { strategy, context } = maker({ repriceIntervalMs: 0 });
    context.deny = true;
    let asked = 0;
    const submit = context.submit.bind(context);
    context.submit = (intent) => {
      asked++;
      return submit(intent);
    };
    for (let ms = 0; ms < 10_000; ms++) {
      context.now += 1000;
      strategy.onBook(context, 0);
    }
    // Per side at 0, 0.1, 0.3, 0.7, 1.5, 3.1, 6.3 s.
    expect(asked).toBe(14);
    context.deny = false;
    context.now += 5_000_000;
    strategy.onBook(context, 0);
    expect(context.submitted).toHaveLength(2);
  });

  it.each([
    ['Rejected', OrderStatus.Rejected],
    ['Denied after a failed send', OrderStatus.Denied],
    ['Expired', OrderStatus.Expired],
    ['Canceled by the venue', OrderStatus.Canceled],
  ] as const)('of an order %s: waits before the next', (_title, status) => {
    const { strategy, context } = maker({ repriceIntervalMs: 0 });
    strategy.onBook(context, 0);
    tell(strategy, context, context.last(Side.Buy), status);
    strategy.onBook(context, 0);
    expect(context.submitted).toHaveLength(2);
    context.now += 100_000;
    strategy.onBook(context, 0);
    expect(context.submitted).toHaveLength(3);
  });

  it('of another instrument: nothing happens', () => {
    const { strategy, context } = maker();
    strategy.onInstrument(context, instrument(1));
    strategy.onBook(context, 1);
    expect(context.submitted).toEqual([]);
  });
});

describe('MarketMaker parameters', () => {
  it.each([
    ['symbol', ''],
    ['spreadBps', 0],
    ['spreadBps', Number.NaN],
    ['minSpreadBps', -1],
    ['orderSize', '0'],
    ['orderSize', '1e-3'],
    ['maxInventory', '-1'],
    ['inventorySkewBps', 10_000],
    ['repriceIntervalMs', -1],
    ['repriceThresholdBps', Number.POSITIVE_INFINITY],
    ['orderTimeoutMs', 0],
  ] as const)('%s %j is refused by name', (field, value) => {
    expect(() => new MarketMaker({ ...PARAMS, [field]: value })).toThrow(field);
  });

  it('that the instrument cannot take are refused when it is met', () => {
    const context = new FakeContext();
    const meet = (changes: object) => () =>
      new MarketMaker({ ...PARAMS, ...changes }).onInstrument(context, instrument());
    expect(meet({ orderSize: '0.000001' })).toThrow(/orderSize/);
    expect(meet({ maxInventory: '0.001' })).toThrow(/maxInventory/);
  });

  it('reach the strategy through the registry, which knows its kinds', () => {
    expect(createStrategy('market-maker', PARAMS)).toBeInstanceOf(MarketMaker);
    expect(() => createStrategy('toString' as StrategyKind, PARAMS)).toThrow(/known are market-maker/);
  });

  it('and orders are in the hash', () => {
    const digest = (strategy: MarketMaker) => {
      const hash = new StateHash();
      strategy.hashInto(hash);
      return hash.digest();
    };
    const { strategy, context } = maker();
    const before = digest(strategy);
    expect(digest(maker().strategy)).toBe(before);
    strategy.onBook(context, 0);
    expect(digest(strategy)).not.toBe(before);
  });
});
