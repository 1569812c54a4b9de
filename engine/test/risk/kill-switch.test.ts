import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DenialReason, parseAmount, Side, TradingState } from '../../src/domain/index.js';
import { CircuitBreaker, TokenBucket } from '../../src/risk/index.js';
import { instrument, START } from '../kernel/support/fixtures.js';
import { bench } from './support.js';

describe('KillSwitch', () => {
  it('latches a daily loss at the limit, not before, until a person re-arms', () => {
    const { gate, portfolio } = bench({ maxDailyLoss: parseAmount('10') });
    const { killSwitch } = gate;
    const mark = (bid: number) => {
      portfolio.mark(0, bid, bid + 100);
      killSwitch.onMark(START, 0, bid, bid + 100);
    };
    portfolio.onFill(instrument(), Side.Buy, 10_000_00, 1_00000, 'USDT', 0n);
    mark(9_990_01);
    expect(killSwitch.state).toBe(TradingState.Active);
    mark(9_990_00);
    expect(killSwitch).toMatchObject({ state: TradingState.Halted, reason: DenialReason.DAILY_LOSS_LIMIT });
    expect(killSwitch.why).toBe('daily loss limit reached in USDT');
    mark(10_100_00);
    expect(killSwitch.state).toBe(TradingState.Halted);
    mark(9_990_00);
    killSwitch.set(TradingState.Active, 'looked at it');
    mark(9_989_00);
    expect(killSwitch.state).toBe(TradingState.Active);
    mark(9_980_00);
    expect(killSwitch.state).toBe(TradingState.Halted);
  });

  it('halts on a fill as well as on a mark', () => {
    const { gate, portfolio } = bench({ maxDrawdown: parseAmount('1') });
    portfolio.onFill(instrument(), Side.Buy, 10_000_00, 1_00000, 'USDT', parseAmount('2'));
    gate.killSwitch.onEquity(0);
    expect(gate.killSwitch).toMatchObject({
      state: TradingState.Halted,
      reason: DenialReason.DRAWDOWN_LIMIT,
    });
  });

  it('keeps reducing when a person says so, and says why', () => {
    const { gate } = bench();
    gate.killSwitch.set(TradingState.Reducing, 'end of day');
    expect(gate.killSwitch).toMatchObject({ state: TradingState.Reducing, why: 'end of day' });
    gate.killSwitch.set(TradingState.Active, 'new day');
    expect(gate.killSwitch).toMatchObject({ state: TradingState.Active, why: '' });
  });
});

describe('CircuitBreaker', () => {
  const step = fc.record({
    wait: fc.oneof(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 50_000 })),
    price: fc.integer({ min: 19_000, max: 21_000 }),
  });

  it('sees every move within 15/16 of the window and none from outside it', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const breaker = new CircuitBreaker(200, 16_000);
        // A price stands until the next one comes.
        const seen: { until: number; price: number }[] = [];
        let now = START;
        for (const { wait, price } of steps) {
          now += wait;
          const last = seen.at(-1);
          if (last !== undefined) last.until = now;
          seen.push({ until: now, price });
          const far = (within: number) =>
            seen.some(
              (old) => now - old.until <= within && Math.abs(price - old.price) * 10_000 >= 200 * old.price,
            );
          const surely = far(15_000);
          const possibly = seen.some(
            (old) =>
              now - old.until < 16_000 &&
              Math.abs(price - old.price) * 10_000 >= 200 * Math.min(price, old.price),
          );
          const moved = breaker.moved(now, price);
          if (surely) expect(moved).toBe(true);
          if (moved) expect(possibly).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('sees a jump of a book that stood still for longer than the window', () => {
    const breaker = new CircuitBreaker(500, 60_000_000);
    expect(breaker.moved(START, 20_000)).toBe(false);
    expect(breaker.moved(START + 3_600_000_000, 16_000)).toBe(true);
  });

  it('forgets when re-armed', () => {
    const breaker = new CircuitBreaker(100, 1_000_000);
    expect(breaker.moved(START, 10_000)).toBe(false);
    expect(breaker.moved(START + 1, 10_100)).toBe(true);
    breaker.reset();
    expect(breaker.moved(START + 2, 10_100)).toBe(false);
  });
});

describe('TokenBucket', () => {
  it('agrees with a naive count of exact fractions', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: -5_000, max: 50_000 }), { maxLength: 100 }),
        (perSecond, burst, waits) => {
          const bucket = new TokenBucket(perSecond, burst);
          let now = START;
          let last = START;
          let millionths = BigInt(burst) * 1_000_000n;
          bucket.has({ now });
          for (const wait of waits) {
            now += wait;
            if (now > last) {
              const filled = millionths + BigInt(now - last) * BigInt(perSecond);
              const full = BigInt(burst) * 1_000_000n;
              millionths = filled > full ? full : filled;
              last = now;
            }
            expect(bucket.has({ now })).toBe(millionths >= 1_000_000n);
            if (millionths < 1_000_000n) continue;
            bucket.take();
            millionths -= 1_000_000n;
          }
        },
      ),
    );
  });

  it('refuses rates it cannot keep', () => {
    expect(() => new TokenBucket(0.5, 1)).toThrow(/perSecond/);
    expect(() => new TokenBucket(1, 0)).toThrow(/burst/);
    expect(new TokenBucket(0, 0).has({ now: START })).toBe(true);
  });
});
