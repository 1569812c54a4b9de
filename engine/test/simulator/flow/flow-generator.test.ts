import { describe, expect, it } from '@jest/globals';
import { OrderType, parseAmount, Side, StateHash } from '../../../src/domain/index.js';
import { FlowGenerator } from '../../../src/simulator/flow/index.js';
import type { SymbolSpec } from '../../../src/simulator/matching/index.js';
import { Exchange } from '../../../src/simulator/matching/index.js';

const START = 1_700_000_000_000_000;
const SECOND = 1_000_000;

const filters = { price: { min: 1, max: 0, step: 1 }, lot: { min: 1, max: 0, step: 1 } };
const BTC: SymbolSpec = {
  symbol: 'BTCUSDT',
  base: 'BTC',
  quote: 'USDT',
  pricePrecision: 2,
  sizePrecision: 5,
  filters,
};
const DOGE: SymbolSpec = { ...BTC, symbol: 'DOGEUSDT', base: 'DOGE', pricePrecision: 5, sizePrecision: 0 };

interface Setup {
  seed?: number;
  spec?: SymbolSpec;
  startPrice?: number;
}

function open({ seed = 7, spec = BTC, startPrice = 6_000_000 }: Setup = {}) {
  const exchange = new Exchange({ symbols: [spec] });
  const flow = new FlowGenerator({ exchange, symbol: 0, seed, startPrice, startUs: START });
  return { exchange, flow };
}

function quantile(values: readonly number[], at: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * at)]!;
}

/** The hash of everything the listeners hear in `seconds`, and of the exchange at the end. */
function hashOf(setup: Setup, seconds: number, stepUs: number): string {
  const { exchange, flow } = open(setup);
  const hash = new StateHash();
  exchange.listen({
    onTrade: ({ price, quantity, aggressor, timeUs }) =>
      hash.int(price).int(quantity).int(aggressor).int(timeUs),
    onLevel: (_, side, price, quantity, updateId) => hash.int(side).int(price).int(quantity).int(updateId),
  });
  for (let at = START; at < START + seconds * SECOND; at += stepUs) flow.advance(at);
  flow.advance(START + seconds * SECOND);
  exchange.hashInto(hash);
  return hash.digest();
}

describe('the seeded market', () => {
  it('is the same for the same seed however often it is asked, and another for another seed', () => {
    const first = hashOf({ seed: 1 }, 4, 4 * SECOND);
    expect(hashOf({ seed: 1 }, 4, 4 * SECOND)).toBe(first);
    expect(hashOf({ seed: 1 }, 4, 7_321)).toBe(first);
    expect(hashOf({ seed: 2 }, 4, 4 * SECOND)).not.toBe(first);
    expect(hashOf({ seed: 1 + 2 ** 32 }, 4, 4 * SECOND)).not.toBe(first);
  });

  it('opens with a deep book', () => {
    const { exchange } = open();
    for (const side of [Side.Buy, Side.Sell]) expect(exchange.levelCount(0, side)).toBeGreaterThan(200);
    const { bid, ask } = exchange.top(0);
    expect(ask - bid).toBeLessThanOrEqual(3);
  });

  it.each([
    ['a fine grid', { spec: BTC, startPrice: 6_000_000 }],
    ['a coarse grid', { spec: DOGE, startPrice: 10_000 }],
    ['a very low price', { spec: DOGE, startPrice: 60 }],
  ])('is never empty, crossed or wide for long on %s', (_name, setup) => {
    const { exchange, flow } = open(setup);
    const spreads: number[] = [];
    exchange.listen({
      onBest: (_symbol, { bid, ask, bidSize, askSize }) => {
        if (!(bid > 0 && ask > bid && bidSize > 0 && askSize > 0)) throw new Error(`bad top ${bid}/${ask}`);
      },
    });
    for (let at = START; at < START + 40 * SECOND; at += 50_000) {
      flow.advance(at);
      const { bid, ask } = exchange.top(0);
      spreads.push(ask - bid);
      for (const side of [Side.Buy, Side.Sell]) expect(exchange.levelCount(0, side)).toBeGreaterThan(20);
    }
    expect(quantile(spreads, 0.5)).toBeLessThanOrEqual(4);
    expect(quantile(spreads, 0.9)).toBeLessThanOrEqual(10);
    // Even the hole a sweep leaves is small against the price.
    expect(quantile(spreads, 1)).toBeLessThan(Math.max(10, setup.startPrice * 5e-4));
  });

  it('moves as fast as a liquid pair, in clusters, with sizes of a heavy tail', () => {
    const { exchange, flow } = open();
    const perWindow: number[] = [];
    const sizes: number[] = [];
    let updates = 0;
    let changed = 0;
    exchange.listen({
      onLevel: () => {
        updates++;
      },
      onTrade: ({ quantity }) => sizes.push(quantity),
    });
    const windows = 600;
    for (let i = 1; i <= windows; i++) {
      perWindow.push(flow.advance(START + i * 100_000));
      changed += updates;
      updates = 0;
    }
    const perSecond = changed / (windows / 10);
    expect(perSecond).toBeGreaterThan(200);
    expect(perSecond).toBeLessThan(700);
    // Index of dispersion: 1 for a Poisson process; clusters show more the longer one looks.
    const dispersion = (counts: readonly number[]) => {
      const mean = counts.reduce((a, b) => a + b) / counts.length;
      return counts.reduce((sum, n) => sum + (n - mean) ** 2, 0) / counts.length / mean;
    };
    const perSecondCounts = Array.from({ length: windows / 10 }, (_, second) =>
      perWindow.slice(second * 10, second * 10 + 10).reduce((a, b) => a + b),
    );
    expect(dispersion(perWindow)).toBeGreaterThan(1.5);
    expect(dispersion(perSecondCounts)).toBeGreaterThan(3);
    expect(quantile(sizes, 0.99) / quantile(sizes, 0.5)).toBeGreaterThan(5);
  });

  it('takes the quotes of a passive market maker', () => {
    const { exchange, flow } = open();
    const maker = exchange.addAccount({
      balances: { BTC: parseAmount('100'), USDT: parseAmount('10000000') },
    });
    const fills = new Map<number, number>();
    exchange.listen({
      onExecution: ({ execution, order }) => {
        if (execution === 'TRADE') fills.set(order.strategyId, (fills.get(order.strategyId) ?? 0) + 1);
      },
    });
    const seconds = 60;
    for (let i = 0; i < seconds; i++) {
      const now = START + i * SECOND;
      flow.advance(now);
      exchange.cancelAll(maker, 0, now);
      const { bid, ask } = exchange.top(0);
      const common = { account: maker, symbol: 0, type: OrderType.Limit, postOnly: true, quantity: 100 };
      for (const bps of [0, 1, 2]) {
        const distance = Math.round((bid * bps) / 10_000);
        const tag = { ...common, strategyId: bps };
        exchange.place({ ...tag, side: Side.Buy, price: bid - distance }, now);
        exchange.place({ ...tag, side: Side.Sell, price: ask + distance }, now);
      }
    }
    for (const bps of [0, 1, 2]) expect((fills.get(bps) ?? 0) / (seconds / 20)).toBeGreaterThan(2);
  });

  it('keeps a bounded number of orders over an hour', () => {
    const exchange = new Exchange({ symbols: [DOGE] });
    // A thin market: what is bounded does not depend on the pace.
    const options = { exchange, symbol: 0, seed: 7, startPrice: 10_000, startUs: START };
    const flow = new FlowGenerator({ ...options, eventsPerSecond: 8, ordersPerSide: 100 });
    let most = 0;
    for (let minute = 1; minute <= 60; minute++) {
      flow.advance(START + minute * 60 * SECOND);
      most = Math.max(most, flow.restingCount, exchange.openOrders(flow.account).length);
      expect(exchange.openOrders(flow.account).length).toBeLessThanOrEqual(flow.restingCount);
    }
    expect(most).toBeLessThanOrEqual(400);
    expect(most).toBeGreaterThan(100);
  });
});

describe('other accounts in the book', () => {
  function withClient() {
    const market = open({ seed: 3 });
    const client = market.exchange.addAccount({
      balances: { BTC: parseAmount('1000000000'), USDT: parseAmount('1000000000000000') },
    });
    const place = (side: Side, type: OrderType, quantity: number, price = 0, atUs = START + 1) =>
      market.exchange.place({ account: client, symbol: 0, side, type, quantity, price }, atUs);
    return { ...market, client, place };
  }

  it('a client that buys up the whole side finds it back with the next action', () => {
    const { exchange, flow, place } = withClient();
    place(Side.Buy, OrderType.Market, 10_000_000_000);
    expect(exchange.levelCount(0, Side.Sell)).toBe(0);
    flow.advance(START + SECOND);
    expect(exchange.levelCount(0, Side.Sell)).toBeGreaterThan(20);
    const { bid, ask } = exchange.top(0);
    expect(bid).toBeLessThan(ask);
  });

  it.each([
    ['a bid far above the market', Side.Buy, 6_300_000],
    ['an ask far below it', Side.Sell, 5_700_000],
  ])('%s is traded against, and the market goes on around it', (_name, side, price) => {
    const { exchange, flow, client, place } = withClient();
    // Far more than the generator trades in a while: first it takes the other side, then stands there.
    place(side, OrderType.Limit, 1_000_000_000, price);
    flow.advance(START + 5 * SECOND);
    expect(exchange.fills(client, 0).filter((fill) => fill.maker).length).toBeGreaterThan(20);
    const { bid, ask } = exchange.top(0);
    expect(bid).toBeLessThan(ask);
    exchange.cancelAll(client, 0, START + 5 * SECOND);
    flow.advance(START + 20 * SECOND);
    const after = exchange.top(0);
    expect(Math.abs((after.bid + after.ask) / 2 / 6_000_000 - 1)).toBeLessThan(0.01);
    expect(after.ask - after.bid).toBeLessThan(500);
  });

  it('a halt stops it, and it goes on when the symbol trades again', () => {
    const { exchange, flow } = withClient();
    let trades = 0;
    exchange.listen({ onTrade: () => trades++ });
    exchange.setStatus(0, 'halt');
    flow.advance(START + 10 * SECOND);
    expect(trades).toBe(0);
    exchange.setStatus(0, 'trading');
    flow.advance(START + 20 * SECOND);
    expect(trades).toBeGreaterThan(50);
  });

  it('skipping forgets the time between', () => {
    const { flow } = withClient();
    flow.skip(START + 86_400 * SECOND);
    expect(flow.advance(START + 86_401 * SECOND)).toBeLessThan(5000);
  });
});
