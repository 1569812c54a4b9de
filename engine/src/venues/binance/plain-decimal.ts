import { POW10 } from '../../domain/index.js';
import { DOT, QUOTE, ZERO } from './json-grammar.js';

/** Digits an int32 holds without doubt; also the most decimals {@link plainUnits} takes. */
export const PLAIN_DIGITS = 9;
const MAX_SAFE = Number.MAX_SAFE_INTEGER;

/** Offset of the quote that ends the number {@link plainUnits} read. */
export let plainEnd = 0;

/**
 * The decimal from `from` to a closing quote in units of `10^-precision`, written the way the venue writes them; -1 for
 * anything that the general reader should look at (long numbers, more decimals, escapes, errors). It looks for no end of
 * input: the caller checks that {@link plainEnd} lies within it.
 */
export function plainUnits(bytes: Uint8Array, from: number, precision: number): number {
  let at = from;
  let whole = 0;
  let digit = bytes[at]! - ZERO;
  while (digit >= 0 && digit <= 9) {
    whole = (whole * 10 + digit) | 0;
    digit = bytes[++at]! - ZERO;
  }
  if (at === from || at - from > PLAIN_DIGITS) return -1;
  if (digit === QUOTE - ZERO) {
    plainEnd = at;
    const units = whole * POW10[precision]!;
    return units <= MAX_SAFE ? units : -1;
  }
  if (digit !== DOT - ZERO) return -1;
  const first = at + 1;
  const stop = first + precision;
  let fraction = 0;
  for (at = first; at < stop; at++) {
    digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) break;
    fraction = (fraction * 10 + digit) | 0;
  }
  const missing = stop - at;
  if (missing === 0) while (bytes[at] === ZERO) at++;
  if (bytes[at] !== QUOTE || at === first) return -1;
  plainEnd = at;
  const units = whole * POW10[precision]! + fraction * POW10[missing]!;
  return units <= MAX_SAFE ? units : -1;
}
