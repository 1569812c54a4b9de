import { expect, it } from '@jest/globals';
import { atMost } from '../../gate/binomial.mjs';

it('bounds a rate by what was seen', () => {
  // Nothing in n: 1 - alpha^(1/n), which for 300 is just below one percent.
  expect(atMost(0, 300, 0.05)).toBeCloseTo(1 - 0.05 ** (1 / 300), 9);
  expect(atMost(0, 300, 0.05)).toBeLessThan(0.01);
  // Tables of exact intervals: 5 of 100, one-sided 95 %: 10.23 %; 1 of 10: 39.42 %.
  expect(atMost(5, 100, 0.05)).toBeCloseTo(0.1023, 4);
  expect(atMost(1, 10, 0.05)).toBeCloseTo(0.3942, 4);
  expect(atMost(10, 10, 0.05)).toBe(1);
});
