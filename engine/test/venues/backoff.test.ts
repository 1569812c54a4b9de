import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Backoff } from '../../src/venues/backoff.js';

describe('Backoff', () => {
  it('doubles from the least delay to the greatest', () => {
    const backoff = new Backoff({ minDelayMs: 100, maxDelayMs: 1000, maxAttempts: 0 }, () => 1);
    expect(Array.from({ length: 6 }, () => backoff.next())).toEqual([100, 200, 400, 800, 1000, 1000]);
    backoff.reset();
    expect(backoff.next()).toBe(100);
  });

  it('ends after the last attempt', () => {
    const backoff = new Backoff({ minDelayMs: 1, maxDelayMs: 1, maxAttempts: 2 });
    expect([backoff.next() >= 0, backoff.next() >= 0, backoff.next()]).toEqual([true, true, -1]);
    expect(backoff.attempts).toBe(2);
  });

  it('counts no attempt towards the last one while nobody needs it, though each wait is longer', () => {
    const backoff = new Backoff({ minDelayMs: 1, maxDelayMs: 4, maxAttempts: 2 }, () => 1);
    expect(Array.from({ length: 5 }, () => backoff.next(false))).toEqual([1, 2, 4, 4, 4]);
    expect(Array.from({ length: 3 }, () => backoff.next())).toEqual([4, 4, -1]);
    expect(backoff.attempts).toBe(2);
  });

  it('always waits between half the ceiling and the ceiling', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 60 }),
        (random, times) => {
          const backoff = new Backoff({ minDelayMs: 250, maxDelayMs: 30_000, maxAttempts: 0 }, () => random);
          for (let i = 0; i < times; i++) {
            const ceiling = Math.min(30_000, 250 * 2 ** i);
            const delay = backoff.next();
            expect(delay).toBeGreaterThanOrEqual(Math.floor(ceiling / 2));
            expect(delay).toBeLessThanOrEqual(ceiling);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
