import { describe, expect, it } from '@jest/globals';
import { OrderType, parseAmount, Side } from '../../../src/domain/index.js';
import type { PlaceRequest, SymbolFilters } from '../../../src/simulator/matching/index.js';
import { Exchange } from '../../../src/simulator/matching/index.js';
import { TestMarket } from './market-fixture.js';

const { Buy, Sell } = Side;
const { Limit, Market, StopLimit } = OrderType;

describe('filters', () => {
  const cases: [string, Partial<SymbolFilters>, OrderType, Partial<PlaceRequest>, Partial<PlaceRequest>][] = [
    ['PRICE_FILTER', { price: { min: 10_00, max: 0, step: 5 } }, Limit, { price: 10_03 }, { price: 10_05 }],
    ['PRICE_FILTER', { price: { min: 10_00, max: 0, step: 5 } }, Limit, { price: 9_95 }, { price: 10_00 }],
    ['PRICE_FILTER', { price: { min: 0, max: 20_00, step: 0 } }, Limit, { price: 20_01 }, { price: 20_00 }],
    ['LOT_SIZE', { lot: { min: 10, max: 500, step: 10 } }, Limit, { quantity: 15 }, { quantity: 20 }],
    ['LOT_SIZE', { lot: { min: 10, max: 500, step: 10 } }, Limit, { quantity: 510 }, { quantity: 500 }],
    ['MARKET_LOT_SIZE', { marketLot: { min: 1, max: 5, step: 0 } }, Market, { quantity: 6 }, { quantity: 5 }],
    [
      'NOTIONAL',
      {
        notional: {
          min: parseAmount('5'),
          max: parseAmount('50'),
          applyMinToMarket: true,
          applyMaxToMarket: false,
        },
      },
      Limit,
      { quantity: 499 },
      { quantity: 500 },
    ],
    [
      'NOTIONAL',
      {
        notional: {
          min: parseAmount('5'),
          max: parseAmount('50'),
          applyMinToMarket: true,
          applyMaxToMarket: false,
        },
      },
      Limit,
      { quantity: 5001 },
      { quantity: 5000 },
    ],
    [
      'MIN_NOTIONAL',
      { notional: { min: parseAmount('5'), max: 0n, applyMinToMarket: true, applyMaxToMarket: false } },
      Market,
      { quantity: 499 },
      { quantity: 500 },
    ],
    ['MAX_POSITION', { maxPosition: 10_500 }, Limit, { quantity: 501 }, { quantity: 500 }],
    [
      'PERCENT_PRICE_BY_SIDE',
      { percentPriceBySide: { bidUp: 12_000, bidDown: 8_000, askUp: 50_000, askDown: 2_000 } },
      Limit,
      { price: 12_01 },
      { price: 12_00 },
    ],
    [
      'PERCENT_PRICE_BY_SIDE',
      { percentPriceBySide: { bidUp: 12_000, bidDown: 8_000, askUp: 50_000, askDown: 2_000 } },
      Limit,
      { price: 7_99 },
      { price: 8_00 },
    ],
    ['ICEBERG_PARTS', { icebergParts: 10 }, Limit, { icebergQuantity: 9 }, { icebergQuantity: 10 }],
  ];

  it.each(cases)('%s %#', (name, filters, type, wrong, right) => {
    const market = new TestMarket(filters);
    // Somebody outside the filters trades at 10.00 and leaves liquidity.
    const house = market.exchange.addAccount({ internal: true });
    const common = { account: house, symbol: 0, type: Limit, price: 10_00 };
    market.exchange.place({ ...common, side: Sell, quantity: 1_000_000 }, market.now);
    market.exchange.place({ ...common, side: Buy, quantity: 1 }, market.now);
    const base = type === Market ? { quantity: 100 } : { price: 10_00, quantity: 100 };
    const fill = (rest: Partial<PlaceRequest>) =>
      market.refusal(market.alice, Buy, type, { ...base, ...rest });
    expect(fill(wrong)).toBe(`Filter failure: ${name}`);
    expect(fill(right)).toBeUndefined();
  });

  it('MAX_NUM_ORDERS and MAX_NUM_ALGO_ORDERS count what is open', () => {
    const market = new TestMarket({ maxOrders: 3, maxAlgoOrders: 1 });
    const stop = { stopPrice: 120_00, price: 120_00, quantity: 1 };
    const first = market.accept(market.alice, Buy, StopLimit, stop);
    expect(market.refusal(market.alice, Buy, StopLimit, stop)).toBe('Filter failure: MAX_NUM_ALGO_ORDERS');
    market.buy(market.alice, 90_00, 1);
    market.buy(market.alice, 90_00, 1);
    const order = { price: 90_00, quantity: 1 };
    expect(market.refusal(market.alice, Buy, Limit, order)).toBe('Filter failure: MAX_NUM_ORDERS');
    market.exchange.cancel({ account: market.alice, symbol: 0, orderId: first.orderId }, market.now);
    expect(market.refusal(market.alice, Buy, Limit, order)).toBeUndefined();
  });

  it('a dry run gives the same answer and changes nothing', () => {
    const market = new TestMarket({ lot: { min: 10, max: 0, step: 10 } });
    const request = { account: market.alice, symbol: 0, side: Buy, type: Limit, price: 1_00, quantity: 5 };
    expect(market.exchange.check(request, 1)).toMatchObject({ code: 'FILTER', filter: 'LOT_SIZE' });
    expect(market.exchange.check({ ...request, quantity: 10 }, 1)).toBeUndefined();
    expect(market.exchange.openOrders(market.alice)).toEqual([]);
    expect(market.reports).toEqual([]);
  });
});

describe('requests that make no sense', () => {
  it.each<[string, OrderType, Partial<PlaceRequest>]>([
    ['no quantity', Limit, { price: 1 }],
    ['no price', Limit, { quantity: 1 }],
    ['a price on a market order', Market, { quantity: 1, price: 1 }],
    ['a stop without trigger', StopLimit, { quantity: 1, price: 1 }],
    ['a trigger without stop', Limit, { quantity: 1, price: 1, stopPrice: 1 }],
    ['half a unit', Limit, { quantity: 0.5, price: 1 }],
    ['a negative price', Limit, { quantity: 1, price: -1 }],
    ['not a number', Limit, { quantity: Number.NaN, price: 1 }],
    ['both quantities', Market, { quantity: 1, quoteQuantity: 1n }],
    ['a post-only market order', Market, { quantity: 1, postOnly: true }],
    ['a slice larger than the order', Limit, { quantity: 1, price: 1, icebergQuantity: 2 }],
    ['an empty name', Limit, { quantity: 1, price: 1, clientOrderId: '' }],
  ])('%s is refused as invalid', (_name, type, rest) => {
    const market = new TestMarket();
    const result = market.place(market.alice, Buy, type, rest);
    expect(result).toMatchObject({ ok: false, error: { code: 'INVALID_REQUEST' } });
    expect(market.exchange.openOrders(market.alice)).toEqual([]);
  });

  it('an unknown symbol or account, a halted market', () => {
    const market = new TestMarket();
    const order = { price: 1_00, quantity: 1 };
    const code = (rest: Partial<PlaceRequest>) => {
      const result = market.place(market.alice, Buy, Limit, { ...order, ...rest });
      return result.ok ? undefined : result.error.code;
    };
    expect(code({ symbol: 3 })).toBe('UNKNOWN_SYMBOL');
    expect(code({ account: 99 })).toBe('UNKNOWN_ACCOUNT');
    const resting = market.buy(market.alice, 1_00, 1);
    market.exchange.setStatus(0, 'halt');
    expect(code({})).toBe('MARKET_CLOSED');
    const reference = { account: market.alice, symbol: 0, orderId: resting.orderId };
    expect(market.exchange.cancel(reference, market.now).ok).toBe(true);
  });

  it('an impossible symbol does not open', () => {
    const filters = { price: { min: 1, max: 0, step: 1 }, lot: { min: 1, max: 0, step: 0.5 } };
    const spec = { symbol: 'X', base: 'A', quote: 'B', pricePrecision: 9, sizePrecision: 8, filters };
    expect(() => new Exchange({ symbols: [spec] })).toThrow('filter lot');
    expect(() => new Exchange({ symbols: [{ ...spec, pricePrecision: 12 }] })).toThrow('precisions');
  });
});

describe('prices over time', () => {
  it('average over five minutes by volume, and over a day', () => {
    const market = new TestMarket();
    const deal = (price: number, quantity: number, atUs: number) => {
      market.now = atUs;
      market.sell(market.alice, price, quantity);
      market.buy(market.bob, price, quantity);
    };
    const start = 1_700_000_100_000_000;
    const { exchange } = market;
    expect(exchange.averagePrice(0, start)).toBe(0);
    deal(100_00, 100, start);
    deal(103_00, 200, start + 60_000_000);
    expect(exchange.lastPrice(0)).toBe(103_00);
    expect(exchange.averagePrice(0, start + 61_000_000)).toBe(102_00);
    expect(exchange.averagePrice(0, start + 310_000_000)).toBe(103_00);
    expect(exchange.averagePrice(0, start + 900_000_000)).toBe(103_00);
    expect(exchange.statistics(0, start + 900_000_000)).toMatchObject({
      open: 100_00,
      high: 103_00,
      low: 100_00,
      last: 103_00,
      quantity: 300,
      quote: parseAmount('30.6'),
      trades: 2,
      firstTradeId: 1,
      lastTradeId: 2,
    });
    expect(exchange.statistics(0, start + 90_000_000_000).trades).toBe(0);
  });
});
