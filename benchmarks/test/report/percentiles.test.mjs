import { expect, it } from '@jest/globals';
import { percentileOf, percentileTable } from '../../lib/percentiles.mjs';

const sorted = (count) => Float64Array.from({ length: count }, (_, i) => i + 1);

it('a percentile is the least value that as many are at or below', () => {
  const values = sorted(1_000);
  const found = [0, 0.1, 50, 50.05, 99, 99.9, 100].map((p) => percentileOf(values, p));
  expect(found).toEqual([1, 1, 500, 501, 990, 999, 1_000]);
  expect(percentileOf(sorted(1), 99)).toBe(1);
});

it('a table goes as far into the tail as there are values to tell', () => {
  const tableOf = (count) => percentileTable((p) => percentileOf(sorted(count), p), count);
  expect(tableOf(100).map(([p]) => p)).toEqual([0, 10, 25, 50, 75, 90, 95, 97.5, 99, 100]);
  expect(tableOf(100_000).map(([p]) => p)).toContain(99.999);
  expect(tableOf(1)).toEqual([
    [0, 1],
    [100, 1],
  ]);
});
