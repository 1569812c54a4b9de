import { expect, it } from '@jest/globals';
import { Latencies } from '../../lib/latency.mjs';
import { slope } from '../../lib/slope.mjs';

it('finds how fast something grows through its ups and downs', () => {
  expect(
    slope([
      [0, 5],
      [1, 7],
      [2, 9],
    ]),
  ).toBeCloseTo(2);
  expect(
    slope([
      [0, 10],
      [1, 12],
      [2, 10],
      [3, 12],
    ]),
  ).toBeCloseTo(0.4);
  expect(
    slope([
      [1, 3],
      [5, 3],
    ]),
  ).toBe(0);
});

it('keeps latencies to three digits, and their extremes', () => {
  const latencies = new Latencies();
  expect(latencies.summaryUs()).toBeUndefined();
  for (let i = 1; i <= 10_000; i++) latencies.add(i * 1_000);
  const { count, p50, p99, max, distribution } = latencies.summaryUs();
  expect(count).toBe(10_000);
  expect(Math.abs(p50 - 5_000)).toBeLessThan(5);
  expect(Math.abs(p99 - 9_900)).toBeLessThan(10);
  expect(Math.abs(max - 10_000)).toBeLessThan(10);
  expect(distribution.map(([p]) => p)).toContain(99.99);
  latencies.reset();
  expect(latencies.count).toBe(0);
});
