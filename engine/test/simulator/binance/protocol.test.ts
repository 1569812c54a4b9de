import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatFixed } from '../../../src/domain/index.js';
import {
  amount8,
  fixed8,
  generatedId,
  rate8,
  timeIn,
} from '../../../src/simulator/binance/protocol/format.js';
import { optional, ParamReader, param } from '../../../src/simulator/binance/protocol/params.js';
import {
  DEFAULT_LIMITS,
  IpBudget,
  OrderBudget,
} from '../../../src/simulator/binance/protocol/rate-limits.js';
import { parseStreamName } from '../../../src/simulator/binance/streams/stream-name.js';

const codeOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return (error as { code: number }).code;
  }
  return 0;
};

describe('numbers on the wire', () => {
  it('prints every price and quantity with eight decimals, exactly', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
        fc.integer({ min: 0, max: 8 }),
        (units, p) => {
          expect(fixed8(units, p)).toBe(formatFixed(BigInt(units) * 10n ** BigInt(8 - p), 8));
        },
      ),
    );
  });

  it('prints money cut off at eight decimals, and rates from millionths', () => {
    expect(amount8(1n)).toBe('0.00000000');
    expect(amount8(123_456_789_012_345_678_901n)).toBe('123.45678901');
    expect(rate8(1000)).toBe('0.00100000');
    expect(rate8(-50)).toBe('-0.00005000');
  });

  it('prints times in either unit, and keeps -1', () => {
    expect(timeIn('ms', 1_700_000_000_123_456)).toBe(1_700_000_000_123);
    expect(timeIn('us', 1_700_000_000_123_456)).toBe(1_700_000_000_123_456);
    expect(timeIn('us', -1)).toBe(-1);
  });

  it('makes ids a client could have made', () => {
    const ids = new Set(Array.from({ length: 1_000 }, () => generatedId()));
    expect(ids.size).toBe(1_000);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9]{22}$/);
  });
});

describe('parameters', () => {
  const reader = new ParamReader({
    symbol: param.symbol,
    quantity: optional(param.decimal),
    limit: optional(param.limit(1000)),
    time: optional(param.time),
    flag: optional(param.boolean),
    id: optional(param.clientOrderId),
  });
  const read = (params: Record<string, string>, extra = 0, signed = false) =>
    reader.read(new Map(Object.entries(params)), extra, signed);

  it('reads typed values', () => {
    const values = read({
      symbol: 'BTCUSDT',
      quantity: '1.50',
      limit: '5000',
      time: '1700000000123456',
      flag: 'true',
    });
    expect(values).toEqual({
      symbol: 'BTCUSDT',
      quantity: '1.50',
      limit: 1000,
      time: 1_700_000_000_123.456,
      flag: true,
    });
  });

  it.each([
    [{}, -1102],
    [{ symbol: '' }, -1105],
    [{ symbol: 'btc usdt' }, -1100],
    [{ symbol: 'BTCUSDT', quantity: '-1' }, -1100],
    [{ symbol: 'BTCUSDT', quantity: '1e3' }, -1100],
    [{ symbol: 'BTCUSDT', quantity: '.5' }, -1100],
    [{ symbol: 'BTCUSDT', quantity: '0.123456789' }, -1111],
    [{ symbol: 'BTCUSDT', limit: '0' }, -1130],
    [{ symbol: 'BTCUSDT', limit: 'ten' }, -1100],
    [{ symbol: 'BTCUSDT', limit: '99999999999999999999' }, -1108],
    [{ symbol: 'BTCUSDT', flag: 'yes' }, -1100],
    [{ symbol: 'BTCUSDT', id: 'x'.repeat(37) }, -1100],
    [{ symbol: 'BTCUSDT', other: '1' }, -1101],
  ])('refuses %j with %i', (params, code) => {
    expect(codeOf(() => read(params as Record<string, string>))).toBe(code);
  });

  it('counts what it did not read', () => {
    expect(() => read({ symbol: 'A', x: '1', timestamp: '1' }, 1, true)).toThrow(
      "Not all sent parameters were read; read '2' parameter(s) but was sent '3'.",
    );
    expect(() => read({ symbol: 'A', x: '1' })).toThrow(
      "Too many parameters; expected '6' and received '2'.",
    );
    expect(read({ symbol: 'A', quantity: '0.1230000000' }).quantity).toBe('0.1230000000');
  });

  it('never lets a wrong value through or another error out', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('symbol', 'quantity', 'limit', 'time', 'id', 'x'), fc.string()),
        (raw) => {
          const code = codeOf(() => read(raw));
          if (code !== 0) expect([-1100, -1101, -1102, -1105, -1108, -1111, -1130]).toContain(code);
          else expect(raw.symbol).toMatch(/^[A-Z0-9\-_.]{1,20}$/);
        },
      ),
    );
  });
});

describe('rate limits', () => {
  const NOW = 1_700_000_040_000; // a whole minute

  it('answers 429 past the weight, 418 past patience, and forgets with the minute', () => {
    const ip = new IpBudget({
      ...DEFAULT_LIMITS,
      weightPerMinute: 100,
      violationsToBan: 2,
      firstBanMs: 120_000,
    });
    ip.charge(100, NOW);
    expect(ip.usedWeight(NOW)).toBe(100);
    expect(() => ip.charge(1, NOW + 15_000)).toThrow(
      'Too much request weight used; current limit is 100 request weight',
    );
    expect(codeOf(() => ip.charge(1, NOW + 1))).toBe(-1003);
    expect(() => ip.charge(1, NOW + 2)).toThrow(`IP banned until ${NOW + 2 + 120_000}`);
    expect(() => ip.charge(1, NOW + 60_000)).toThrow('banned');
    expect(codeOf(() => ip.charge(1, NOW + 120_010))).toBe(0);
  });

  it('says how long to wait', () => {
    const ip = new IpBudget({ ...DEFAULT_LIMITS, weightPerMinute: 1 });
    try {
      ip.charge(2, NOW + 15_000);
    } catch (error) {
      expect(error).toMatchObject({ status: 429, retryAfter: 45 });
    }
  });

  it('limits connections', () => {
    const ip = new IpBudget({ ...DEFAULT_LIMITS, connectionsPer5Minutes: 2 });
    ip.connect(NOW);
    ip.connect(NOW);
    expect(codeOf(() => ip.connect(NOW))).toBe(-1034);
  });

  it('counts unfilled orders and gives fills their count back', () => {
    const orders = new OrderBudget({ ...DEFAULT_LIMITS, ordersPer10Seconds: 3, ordersPerDay: 1_000 });
    for (let i = 0; i < 3; i++) orders.add(NOW);
    expect(() => orders.check(NOW)).toThrow('Too many new orders; current limit is 3 orders per 10 SECOND.');
    orders.credit(NOW, false);
    orders.check(NOW);
    orders.add(NOW);
    orders.credit(NOW, true);
    expect(orders.counts(NOW)).toEqual({ short: 0, day: 0 });
    orders.add(NOW + 9_000);
    expect(orders.counts(NOW + 10_000)).toEqual({ short: 0, day: 1 });
  });
});

describe('stream names', () => {
  it.each([
    ['btcusdt@depth', { kind: 'depth', symbol: 'BTCUSDT', fast: false }],
    ['btcusdt@depth@100ms', { kind: 'depth', symbol: 'BTCUSDT', fast: true }],
    ['btcusdt@depth20@100ms', { kind: 'partialDepth', symbol: 'BTCUSDT', levels: 20, fast: true }],
    ['btcusdt@kline_1M', { kind: 'kline', symbol: 'BTCUSDT', interval: '1M', offsetMs: 0 }],
    ['btcusdt@kline_1d@+08:00', { kind: 'kline', symbol: 'BTCUSDT', interval: '1d', offsetMs: 28_800_000 }],
    ['!ticker_4h@arr', { kind: 'rollingTicker', symbol: null, window: '4h' }],
    ['!miniTicker@arr', { kind: 'miniTicker', symbol: null }],
  ])('%s', (name, meaning) => {
    expect(parseStreamName(name)).toEqual(meaning);
  });

  it.each([
    '',
    '@',
    'btcusdt',
    'BTCUSDT@trade',
    'btcusdt@depth7',
    'btcusdt@kline_7m',
    '!nothing',
    'a@constructor',
  ])('nothing is called %s', (name) => {
    expect(parseStreamName(name)).toBeNull();
  });
});
