import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bucketHigh, bucketLow, bucketOf, HISTOGRAM_BUCKETS } from '../../src/telemetry/histogram.js';
import { HISTOGRAM_ERROR, HISTOGRAM_LIMIT, MetricRegistry } from '../../src/telemetry/index.js';

/** Whole numbers of every order of magnitude, not just large ones. */
const values = fc
  .tuple(fc.integer({ min: 0, max: 39 }), fc.double({ min: 1, max: 2, maxExcluded: true, noNaN: true }))
  .map(([exponent, mantissa]) => Math.floor(mantissa * 2 ** exponent));

function histogram() {
  return new MetricRegistry().histogram('tradewind_test_seconds', 'Test.', {}, { scale: 1e-9 });
}

describe('Histogram', () => {
  it('agrees with a sorted array within 1/32, and never reports a percentile too low', () => {
    fc.assert(
      fc.property(
        fc.array(values, { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (list, p) => {
          const h = histogram();
          for (const value of list) h.record(value);
          const sorted = [...list].sort((a, b) => a - b);
          const exact = sorted[Math.max(1, Math.ceil((p / 100) * sorted.length)) - 1]!;
          const got = h.percentile(p);
          expect(got).toBeGreaterThanOrEqual(exact);
          expect(got).toBeLessThanOrEqual(exact * (1 + HISTOGRAM_ERROR));
          expect(h.count).toBe(list.length);
          expect(h.sum).toBe(list.reduce((a, b) => a + b, 0));
          expect(h.max).toBe(sorted.at(-1));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('puts every value into the one bucket whose bounds hold it', () => {
    fc.assert(
      fc.property(values, (value) => {
        const bucket = bucketOf(value);
        expect(bucketLow(bucket)).toBeLessThanOrEqual(value);
        expect(bucketHigh(bucket)).toBeGreaterThanOrEqual(value);
      }),
    );
  });

  it('has buckets that follow one another without gap or overlap, each at most 1/32 wide', () => {
    for (let i = 0; i < HISTOGRAM_BUCKETS; i++) {
      expect(bucketOf(bucketLow(i))).toBe(i);
      expect(bucketOf(bucketHigh(i))).toBe(i);
      if (bucketLow(i) > 0)
        expect((bucketHigh(i) - bucketLow(i)) / bucketLow(i)).toBeLessThan(HISTOGRAM_ERROR);
    }
    expect(bucketHigh(HISTOGRAM_BUCKETS - 1)).toBe(HISTOGRAM_LIMIT - 1);
  });

  it.each([
    [0, 0],
    [-5, 0],
    [Number.NaN, 0],
    [31.9, 31],
    [2 ** 31 - 1, bucketOf(2 ** 31 - 1)],
    [2 ** 31, bucketOf(2 ** 31)],
    [HISTOGRAM_LIMIT, HISTOGRAM_BUCKETS - 1],
    [Number.POSITIVE_INFINITY, HISTOGRAM_BUCKETS - 1],
  ])('takes %p without harm', (value, bucket) => {
    const h = histogram();
    h.record(value);
    expect(h.count).toBe(1);
    expect(bucketOf(Math.max(0, value || 0))).toBe(bucket);
  });

  it('reports the true maximum past its range, and 0 when empty', () => {
    const h = histogram();
    expect([h.percentile(50), h.max, h.count]).toEqual([0, 0, 0]);
    h.record(HISTOGRAM_LIMIT * 3);
    expect(h.percentile(100)).toBe(HISTOGRAM_LIMIT * 3);
  });
});
