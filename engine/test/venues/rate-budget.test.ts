import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RateBudget, RateWindow } from '../../src/venues/rate-budget.js';

const TEN_SECONDS = 10_000;

describe('RateWindow', () => {
  it('counts what is pending until it is settled, and forgets what is settled when the window ends', () => {
    const window = new RateWindow(5, TEN_SECONDS);
    window.book(2, 1_000);
    expect(window.left(1_000)).toBe(3);
    window.settle(1, 2_000);
    expect(window.left(2_000)).toBe(3);
    expect(window.left(10_000)).toBe(4);
    expect(window.resetIn(12_500)).toBe(7_500);
  });

  it('believes the venue, in both directions', () => {
    const window = new RateWindow(50, TEN_SECONDS);
    window.book(1, 0);
    window.settle(1, 0);
    window.confirm(40, 0);
    expect(window.left(0)).toBe(10);
    // Filled orders give their count back.
    window.confirm(3, 0);
    expect(window.left(0)).toBe(47);
  });

  it('gives back what was never sent', () => {
    const window = new RateWindow(1, TEN_SECONDS);
    window.book(1, 0);
    window.refund(1);
    expect(window.left(0)).toBe(1);
  });

  it('never lets more through than its limit in any of its windows', () => {
    const step = fc.record({
      wait: fc.integer({ min: 0, max: 4_000 }),
      amount: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 20 }), (steps, limit) => {
        const budget = new RateBudget('test', [new RateWindow(limit, TEN_SECONDS)]);
        const spent = new Map<number, number>();
        let now = 1_000_000;
        for (const { wait, amount } of steps) {
          now += wait;
          if (!budget.take(amount, now)) continue;
          budget.settle(amount, now);
          const window = Math.floor(now / TEN_SECONDS);
          spent.set(window, (spent.get(window) ?? 0) + amount);
        }
        for (const total of spent.values()) expect(total).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 100 },
    );
  });
});

describe('RateBudget', () => {
  const budget = () => new RateBudget('test', [new RateWindow(10, 1_000), new RateWindow(100, 60_000)]);

  it('needs room in every window', () => {
    const both = budget();
    expect(both.take(8, 0)).toBe(true);
    expect(both.take(3, 0)).toBe(false);
    expect(both.left(0)).toBe(2);
    expect(both.waitMs(3, 0)).toBe(1_000);
  });

  it('keeps a reserve for more important requests', () => {
    const both = budget();
    expect(both.take(9, 0, 0.2)).toBe(false);
    expect(both.take(8, 0, 0.2)).toBe(true);
    expect(both.take(1, 0, 0.2)).toBe(false);
    expect(both.take(2, 0)).toBe(true);
  });

  it('is not blocked for longer, nor for less, because the clock was set', () => {
    for (const stepMs of [-7_000, 7_000, -3_600_000, 3_600_000]) {
      const both = budget();
      const now = 10_000_000;
      both.take(10, now);
      both.settle(10, now);
      both.block(now + 2_000);
      both.shift(stepMs);
      expect(both.waitMs(1, now + stepMs)).toBe(2_000);
      expect(both.take(10, now + stepMs + 2_000)).toBe(true);
    }
  });

  it('lets nothing pass while blocked, and never shortens a block', () => {
    const both = budget();
    both.block(5_000);
    both.block(1_000);
    expect(both.take(1, 4_999)).toBe(false);
    expect(both.left(4_999)).toBe(0);
    expect(both.waitMs(1, 2_000)).toBe(3_000);
    expect(both.take(1, 5_000)).toBe(true);
  });

  it('takes new limits without forgetting usage', () => {
    const both = budget();
    both.book(4, 0);
    both.configure([{ limit: 5, intervalMs: 1_000 }]);
    expect(both.left(0)).toBe(1);
    expect(both.windows).toHaveLength(1);
  });
});
