import { POW10 } from './decimal.js';

const MINUS = 45;
const DOT = 46;
const ZERO = 48;

/** The text between the two offsets is no plain decimal number, or too large for a safe integer. */
export const DECIMAL_MALFORMED = -1;
/** A well-formed number with more decimals than the instrument has: its definition is out of date. */
export const DECIMAL_INEXACT = -2;

/**
 * The unsigned decimal number in `bytes[start, end)` as an integer in units of `10^-precision`, without making a string.
 * Returns {@link DECIMAL_MALFORMED} or {@link DECIMAL_INEXACT} (both negative) instead of throwing: venues send prices
 * and quantities, which are never negative. An `end` past the buffer reads as malformed: the tests on digits are
 * written so that what is not there fails them.
 */
export function readUnits(bytes: Uint8Array, start: number, end: number, precision: number): number {
  let units = 0;
  let i = start;
  let digits = 0;
  for (; i < end; i++) {
    const digit = bytes[i]! - ZERO;
    if (!(digit >= 0 && digit <= 9)) break;
    units = units * 10 + digit;
    digits++;
    if (units > Number.MAX_SAFE_INTEGER) return DECIMAL_MALFORMED;
  }
  if (digits === 0) return DECIMAL_MALFORMED;
  let missing = precision;
  if (i < end) {
    if (bytes[i] !== DOT || i + 1 === end) return DECIMAL_MALFORMED;
    let inexact = false;
    for (i++; i < end; i++) {
      const digit = bytes[i]! - ZERO;
      if (!(digit >= 0 && digit <= 9)) return DECIMAL_MALFORMED;
      if (missing > 0) {
        units = units * 10 + digit;
        missing--;
      } else if (digit !== 0) inexact = true;
    }
    if (inexact) return DECIMAL_INEXACT;
  }
  units *= POW10[missing]!;
  return units <= Number.MAX_SAFE_INTEGER ? units : DECIMAL_MALFORMED;
}

/**
 * Writes `units` of `10^-precision` as decimal text with exactly `precision` decimals and returns the offset after it.
 * The caller leaves room for 18 bytes more than `precision`.
 */
export function writeUnits(bytes: Uint8Array, offset: number, units: number, precision: number): number {
  let at = offset;
  let rest = units;
  if (rest < 0) {
    bytes[at++] = MINUS;
    rest = -rest;
  }
  let digits = 1;
  for (let bound = 10; rest >= bound && digits < 16; digits++) bound *= 10;
  const whole = digits > precision ? digits - precision : 1;
  const end = at + whole + (precision > 0 ? precision + 1 : 0);
  let cursor = end;
  for (let i = 0; i < precision; i++) {
    const next = Math.floor(rest / 10);
    bytes[--cursor] = ZERO + (rest - next * 10);
    rest = next;
  }
  if (precision > 0) bytes[--cursor] = DOT;
  while (cursor > at) {
    const next = Math.floor(rest / 10);
    bytes[--cursor] = ZERO + (rest - next * 10);
    rest = next;
  }
  return end;
}
