import { AMOUNT_SCALE, type Amount, POW10 } from '../domain/index.js';

/**
 * Comparisons on the trading line must not allocate, and bigints allocate. They are made on doubles that hold whole
 * multiples of 10^-8 of an asset. Exact up to 2^53 of them
 * (90 million units of the asset), a relative 2^-53 beyond; each conversion names the direction it rounds in.
 */
export const COMPARE_SCALE = 8;
const COMPARE_UNIT = 10n ** BigInt(AMOUNT_SCALE - COMPARE_SCALE);

/** Largest quotient not above `a / b`; `b` is positive. */
export function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a < 0n && quotient * b !== a ? quotient - 1n : quotient;
}

/** Smallest quotient not below `a / b`; `b` is positive. */
export function ceilDivide(a: bigint, b: bigint): bigint {
  return -floorDivide(-a, b);
}

/** The largest double that is certainly not above `value`. */
export function doubleBelow(value: bigint): number {
  const nearest = Number(value);
  if (BigInt(nearest) <= value) return nearest;
  return nearest > 0 ? nearest * (1 - Number.EPSILON) : nearest * (1 + Number.EPSILON);
}

/** The smallest double that is certainly not below `value`. */
export function doubleAbove(value: bigint): number {
  const below = doubleBelow(-value);
  return below === 0 ? 0 : -below;
}

/** Money in units of 10^-8, rounded down. */
export function comparableFloor(amount: Amount): number {
  return doubleBelow(floorDivide(amount, COMPARE_UNIT));
}

/** Money in units of 10^-8, rounded up. */
export function comparableCeil(amount: Amount): number {
  return doubleAbove(ceilDivide(amount, COMPARE_UNIT));
}

/** The money that a comparable integer stands for. */
export function comparableAmount(units: number): Amount {
  return BigInt(units) * COMPARE_UNIT;
}

/** `a × b` for integers, rounded up when a double cannot hold the product. */
export function productAbove(a: number, b: number): number {
  const product = a * b;
  return product <= Number.MAX_SAFE_INTEGER ? product : product * (1 + Number.EPSILON);
}

/**
 * A price × size product (units of 10^-`scale`, `scale` = price precision + size precision, at most 18) in units of
 * 10^-8, rounded up.
 */
export function comparableFromProduct(product: number, scale: number): number {
  return scale > COMPARE_SCALE
    ? Math.ceil(product / POW10[scale - COMPARE_SCALE]!)
    : product * POW10[COMPARE_SCALE - scale]!;
}

/** The reverse of {@link comparableFromProduct}, rounded up. */
export function productFromComparable(units: number, scale: number): number {
  return scale > COMPARE_SCALE
    ? units * POW10[scale - COMPARE_SCALE]!
    : Math.ceil(units / POW10[COMPARE_SCALE - scale]!);
}
