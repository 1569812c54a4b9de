import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DenialReason, type Order, OrderStatus, parseAmount, Side } from '../../src/domain/index.js';
import { instrument, START } from '../kernel/support/fixtures.js';
import { bench, order } from './support.js';

/** Increments of 5 so that "off the increment" can be told from "below the minimum". */
const traded = () => [instrument(0, { priceIncrement: 5, sizeIncrement: 5, minPrice: 10, minQuantity: 10 })];

describe('RiskGate.check', () => {
  it('shares one balance among all instruments that spend it', () => {
    const eth = instrument(1, { symbol: 'ETHBTC', base: 'ETH', quote: 'BTC' });
    const { gate, portfolio, view, open } = bench({}, [instrument(), eth]);
    portfolio.balances.set(0, 'BTC', parseAmount('1'), 0n, START - 1);
    const sell = order({ side: Side.Sell, quantity: 60_000, price: 10_001_00 });
    open(order({ instrument: 1, price: 50, quantity: 1_00000 })); // will lock 0.5 BTC as quote
    expect(gate.check(sell, view)).toBe(DenialReason.NOTIONAL_EXCEEDS_FREE_BALANCE);
    open();
    expect(gate.check(sell, view)).toBe(DenialReason.NONE);
  });

  it('denies any garbage intent without throwing', () => {
    const any = fc.oneof(
      fc.constantFrom(0, 1, 2, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60),
      fc.double(),
      fc.integer(),
    ) as fc.Arbitrary<never>;
    const garbage = fc.record({
      instrument: any,
      side: any,
      type: any,
      timeInForce: any,
      quantity: any,
      price: any,
      triggerPrice: any,
      postOnly: fc.boolean(),
    });
    fc.assert(
      fc.property(garbage, (changes) => {
        const { gate, view } = bench({ priceCollarBps: 50, maxPosition: { BTCUSDT: '1' } }, traded());
        const asked = order(changes);
        const reason = gate.check(asked, view);
        if (reason === DenialReason.NONE) {
          expect(Number.isSafeInteger(asked.quantity) && asked.quantity > 0).toBe(true);
          expect(asked.instrument).toBe(0);
        }
        expect(reason in Object.values(DenialReason)).toBe(true);
      }),
    );
  });

  it('never lets position and open orders pass the limit, whatever is filled', () => {
    const step = fc.record({
      side: fc.constantFrom(Side.Buy, Side.Sell),
      quantity: fc.integer({ min: 1, max: 60 }).map((n) => n * 100),
      fill: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { gate, portfolio, view, open } = bench({ maxPosition: { BTCUSDT: '0.1' } });
        const working: Order[] = [];
        for (const { side, quantity, fill } of steps) {
          const price = side === Side.Buy ? 9_990_00 : 10_010_00;
          const next = order({ side, quantity, price, status: OrderStatus.Submitted });
          if (gate.check(next, view) === DenialReason.NONE) working.push(gate.approve(next));
          const filled = fill ? working.shift() : undefined;
          if (filled !== undefined) {
            portfolio.onFill(instrument(), filled.side, filled.price, filled.quantity, 'USDT', 0n);
          }
          open(...working);
          const sum = (of: Side) =>
            working.reduce((total, { side: s, quantity: q }) => total + (s === of ? q : 0), 0);
          const held = portfolio.position(0).quantity;
          expect(held + sum(Side.Buy)).toBeLessThanOrEqual(10_000);
          expect(held - sum(Side.Sell)).toBeGreaterThanOrEqual(-10_000);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('RiskGate.approve', () => {
  it('takes only the order that has just passed, once', () => {
    const { gate, view } = bench();
    const first = order();
    expect(() => gate.approve(first)).toThrow(/has not passed/);
    expect(gate.check(first, view)).toBe(DenialReason.NONE);
    expect(() => gate.approve(order())).toThrow(/has not passed/);
    expect(gate.approve(first)).toBe(first);
    expect(() => gate.approve(first)).toThrow(/has not passed/);
    expect(gate.check(order({ price: 0 }), view)).toBe(DenialReason.PRICE_NOT_POSITIVE);
    expect(() => gate.approve(first)).toThrow(/has not passed/);
  });

  it('spends a token for an approved order alone', () => {
    const { gate, view } = bench({ orderRate: { perSecond: 2, burst: 2 } });
    for (let i = 0; i < 10; i++) gate.check(order(), view);
    for (let i = 0; i < 2; i++) {
      const next = order();
      expect(gate.check(next, view)).toBe(DenialReason.NONE);
      gate.approve(next);
    }
    expect(gate.check(order(), view)).toBe(DenialReason.RATE_LIMIT_EXCEEDED);
    view.now += 499_999;
    expect(gate.check(order(), view)).toBe(DenialReason.RATE_LIMIT_EXCEEDED);
    view.now += 1;
    expect(gate.check(order(), view)).toBe(DenialReason.NONE);
  });
});
