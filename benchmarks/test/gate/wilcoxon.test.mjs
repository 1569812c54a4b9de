import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { signedRank } from '../../gate/wilcoxon.mjs';

/** By its definition: every way to give signs to the ranks, counted. */
function naive(values, margin) {
  const differences = values.map((value) => value - margin).filter((d) => d !== 0);
  const sizes = differences.map(Math.abs);
  const rank = (size) => {
    const below = sizes.filter((other) => other < size).length;
    const same = sizes.filter((other) => other === size).length;
    return below + (same + 1) / 2;
  };
  const ranks = sizes.map(rank);
  const w = ranks.reduce((sum, each, i) => sum + (differences[i] > 0 ? each : 0), 0);
  let above = 0;
  for (let signs = 0; signs < 2 ** ranks.length; signs++) {
    const sum = ranks.reduce((total, each, i) => total + ((signs >> i) & 1 ? each : 0), 0);
    if (sum >= w) above++;
  }
  return { w, n: ranks.length, p: above / 2 ** ranks.length };
}

describe('the exact signed-rank test', () => {
  it('is what counting every sign gives', () => {
    // Few distinct values, so that ties and zeros are common.
    const value = fc.oneof(fc.integer({ min: -4, max: 4 }), fc.double({ min: -1, max: 1, noNaN: true }));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 11 }), fc.constantFrom(0, 1, 0.03), (values, margin) => {
        const [fast, slow] = [signedRank(values, margin), naive(values, margin)];
        expect(fast.n).toBe(slow.n);
        expect(fast.w).toBeCloseTo(slow.w, 9);
        expect(fast.p).toBeCloseTo(slow.p, 12);
      }),
    );
  });

  it('gives the published critical values', () => {
    // One-sided 0.01: the rank sum must be at least 50 of 55 for ten pairs, 101 of 120 for fifteen.
    const withSum = (n, w) => {
      let rest = (n * (n + 1)) / 2 - w;
      const values = [];
      for (let rank = n; rank >= 1; rank--) {
        if (rank <= rest) {
          values.push(-rank);
          rest -= rank;
        } else values.push(rank);
      }
      return signedRank(values, 0);
    };
    expect(withSum(10, 50)).toMatchObject({ w: 50, n: 10 });
    expect(withSum(10, 50).p).toBeLessThanOrEqual(0.01);
    expect(withSum(10, 49).p).toBeGreaterThan(0.01);
    expect(withSum(15, 101).p).toBeLessThanOrEqual(0.01);
    expect(withSum(15, 100).p).toBeGreaterThan(0.01);
  });

  it('says nothing where nothing differs', () => {
    expect(signedRank([], 0)).toEqual({ w: 0, n: 0, p: 1 });
    expect(signedRank([1, 1, 1], 1)).toEqual({ w: 0, n: 0, p: 1 });
  });
});
