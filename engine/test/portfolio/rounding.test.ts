import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  ceilDivide,
  comparableAmount,
  comparableCeil,
  comparableFloor,
  comparableFromProduct,
  doubleAbove,
  doubleBelow,
  floorDivide,
  productAbove,
  productFromComparable,
} from '../../src/portfolio/index.js';

const big = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n });

describe('rounding', () => {
  it('divides down and up', () => {
    fc.assert(
      fc.property(big, fc.bigInt({ min: 1n, max: 10n ** 20n }), (a, b) => {
        const low = floorDivide(a, b);
        const high = ceilDivide(a, b);
        expect(low * b <= a && (low + 1n) * b > a).toBe(true);
        expect(high * b >= a && (high - 1n) * b < a).toBe(true);
      }),
    );
  });

  it('brackets a bigint by doubles on the promised side', () => {
    fc.assert(
      fc.property(big, (value) => {
        expect(BigInt(doubleBelow(value)) <= value).toBe(true);
        expect(BigInt(doubleAbove(value)) >= value).toBe(true);
      }),
    );
    expect(doubleBelow(2n ** 53n + 1n)).toBe(2 ** 53);
    expect(Object.is(doubleAbove(0n), 0)).toBe(true);
  });

  it('never makes a cost cheaper than it is', () => {
    const units = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(units, units, (a, b) => {
        expect(BigInt(productAbove(a, b)) >= BigInt(a) * BigInt(b)).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 40 }), fc.integer({ min: 0, max: 18 }), (product, scale) => {
        const comparable = comparableFromProduct(product, scale);
        expect(comparable * 10 ** Math.max(0, scale - 8) >= product * 10 ** Math.max(0, 8 - scale)).toBe(
          true,
        );
        expect(productFromComparable(comparable, scale) >= product).toBe(true);
      }),
    );
  });

  it('turns money into comparable integers and back within one unit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), (amount) => {
        expect(comparableAmount(comparableFloor(amount)) <= amount).toBe(true);
        expect(comparableAmount(comparableCeil(amount)) >= amount).toBe(true);
        expect(comparableCeil(amount) - comparableFloor(amount) <= 1).toBe(true);
      }),
    );
  });
});
