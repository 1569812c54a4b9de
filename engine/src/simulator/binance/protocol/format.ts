/** Numbers and times as Binance prints them: decimals as text with eight places, times in milliseconds or microseconds. */
import { randomBytes } from 'node:crypto';
import { type Amount, formatFixed } from '../../../domain/index.js';

/** Unit of every time in a response or event. */
export type TimeUnit = 'ms' | 'us';

/** Microseconds since 1970 in `unit`; -1 stays -1. */
export function timeIn(unit: TimeUnit, us: number): number {
  if (us < 0) return -1;
  return unit === 'us' ? us : Math.floor(us / 1000);
}

export const ZERO8 = '0.00000000';
const ZEROS = '00000000';

/** A non-negative price or quantity (`units` of 10^-precision) with eight decimals. */
export function fixed8(units: number, precision: number): string {
  if (units === 0) return ZERO8;
  const digits = String(units);
  if (precision === 0) return `${digits}.${ZEROS}`;
  const pad = ZEROS.slice(precision);
  const whole = digits.length - precision;
  if (whole > 0) return `${digits.slice(0, whole)}.${digits.slice(whole)}${pad}`;
  return `0.${ZEROS.slice(0, -whole)}${digits}${pad}`;
}

const AMOUNT_TO_8 = 10n ** 10n;

/** Money with eight decimals, cut off (the venue never shows more than there is). */
export function amount8(amount: Amount): string {
  return amount === 0n ? ZERO8 : formatFixed(amount / AMOUNT_TO_8, 8);
}

/** A rate in millionths with eight decimals: 1000 is `0.00100000`. */
export function rate8(millionths: number): string {
  return millionths < 0 ? `-${fixed8(-millionths, 6)}` : fixed8(millionths, 6);
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
let pool = Buffer.alloc(0);
let poolAt = 0;

/** A client order id of the venue's own making: 22 letters and digits. */
export function generatedId(length = 22): string {
  let id = '';
  while (id.length < length) {
    if (poolAt >= pool.length) {
      pool = randomBytes(4096);
      poolAt = 0;
    }
    const value = pool[poolAt++]! & 63;
    if (value < 62) id += ALPHABET[value];
  }
  return id;
}
