import { beforeEach, describe, expect, it } from '@jest/globals';
import { MetricRegistry, nullLogger } from '../../../src/telemetry/index.js';
import { BinanceLimits, LimitType } from '../../../src/venues/binance/limits.js';

let now: number;
let metrics: MetricRegistry;
let limits: BinanceLimits;
const left = (scope: string) =>
  metrics.gauge('tradewind_venue_rate_budget_left', 'What is left of a venue rate limit in its window', {
    venue: 'binance',
    scope,
  }).value;

beforeEach(() => {
  now = 1_700_000_000_000;
  metrics = new MetricRegistry();
  limits = new BinanceLimits(() => now, metrics, nullLogger);
});

describe('BinanceLimits', () => {
  it('stops orders at the order limit, and lets cancels pass', () => {
    limits.configure([{ rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 3 }]);
    expect([1, 2, 3, 4].map(() => limits.tryOrder())).toEqual([true, true, true, false]);
    expect(limits.tryRequest(1, true)).toBe(true);
    for (let i = 0; i < 3; i++) limits.settle(1, true);
    now += 10_000;
    expect(limits.tryOrder()).toBe(true);
  });

  it('gets budget back when the venue says that orders were filled', () => {
    limits.configure([{ rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 2 }]);
    limits.tryOrder();
    limits.tryOrder();
    limits.settle(1, true);
    limits.settle(1, true);
    expect(limits.tryOrder()).toBe(false);
    limits.confirm(LimitType.ORDERS, 10_000, 0);
    expect(limits.tryOrder()).toBe(true);
  });

  it('keeps a reserve of weight for cancels and queries', () => {
    limits.configure([{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 100 }]);
    limits.confirm(LimitType.REQUEST_WEIGHT, 60_000, 80);
    expect(limits.tryOrder()).toBe(false);
    expect(limits.tryRequest(1, false)).toBe(false);
    expect(limits.tryRequest(20, true)).toBe(true);
    expect(limits.tryRequest(1, true)).toBe(false);
    expect(limits.waitMs(1, true)).toBeGreaterThan(0);
  });

  it('reads the usage headers and publishes what is left', () => {
    limits.confirmHeaders({
      'x-mbx-used-weight': '5',
      'x-mbx-used-weight-1m': '1500',
      'x-mbx-order-count-10s': '12',
      'x-mbx-order-count-1d': '4043',
      'x-mbx-uuid': 'abc',
      'x-mbx-order-count-2h': 'nonsense',
    });
    expect(left('weight')).toBe(4_500);
    expect(left('orders')).toBe(38);
  });

  it('closes only the orders scope on -1015', () => {
    limits.penalize(429, -1015, 7_000);
    expect(limits.tryOrder()).toBe(false);
    expect(limits.tryRequest(1, true)).toBe(true);
    now += 7_000;
    expect(limits.tryOrder()).toBe(true);
  });

  it('closes the address on any other 429, for as long as it says', () => {
    limits.penalize(429, -1003, 3_000);
    expect([limits.tryOrder(), limits.tryRequest(1, true)]).toEqual([false, false]);
    expect(limits.blockedForMs).toBe(3_000);
    expect(limits.banned).toBe(false);
    now += 3_000;
    expect(limits.tryRequest(1, false)).toBe(true);
  });

  it('opens the circuit on 418, with two minutes when it does not say how long', () => {
    limits.penalize(418, -1003, -1);
    expect(limits.banned).toBe(true);
    now += 119_999;
    expect(limits.tryRequest(1, true)).toBe(false);
    now += 1;
    expect([limits.banned, limits.tryRequest(1, true)]).toEqual([false, true]);
  });

  it('never waits longer than a timer can: the longest ban is three days', () => {
    limits.penalize(418, -1003, Number.POSITIVE_INFINITY);
    expect(limits.blockedForMs).toBe(3 * 86_400_000);
  });

  it('gives back what was never sent', () => {
    limits.configure([{ rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 1 }]);
    expect(limits.tryOrder()).toBe(true);
    limits.refund(1, true);
    expect(limits.tryOrder()).toBe(true);
  });
});
