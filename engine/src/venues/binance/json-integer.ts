/** JSON integers over bytes, for the reader. */
import { CLOSE_BRACE, COMMA, DOT, MINUS, ZERO } from './json-grammar.js';
import { JsonError } from './json-kinds.js';

const MAX_SAFE = Number.MAX_SAFE_INTEGER;

/** Where an integer ended, or what is wrong with it and where. One for all: it is read at once. */
export const integer: { at: number; error: JsonError } = { at: 0, error: JsonError.NONE };

/** An unsigned integer of at most 15 digits, followed at once by a comma or brace; -1 for anything else. */
export function plainInteger(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  let at = start;
  // Nine digits fit an int32, six more a double: almost all there are.
  for (const stop = Math.min(start + 9, end); at < stop; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) break;
    value = (value * 10 + digit) | 0;
  }
  if (at - start === 9) {
    for (const stop = Math.min(start + 15, end); at < stop; at++) {
      const digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
  }
  const next = at < end ? bytes[at]! : 0;
  if ((next !== COMMA && next !== CLOSE_BRACE) || at === start || bytes[start] === ZERO) return -1;
  integer.at = at;
  return value;
}

/** Any integer within the safe ones, signed or not. 0 and an error when there is none at `start`. */
export function anyInteger(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const negative = at < end && bytes[at] === MINUS;
  if (negative) at++;
  const first = at;
  let value = 0;
  let byte = at < end ? bytes[at]! : 0;
  while (byte >= ZERO && byte <= 0x39 && value <= MAX_SAFE) {
    value = value * 10 + (byte - ZERO);
    at++;
    byte = at < end ? bytes[at]! : 0;
  }
  integer.at = at;
  integer.error = JsonError.NONE;
  if (at === first) integer.error = negative || at >= end ? JsonError.SYNTAX : JsonError.TYPE;
  else if (value > MAX_SAFE) integer.error = JsonError.RANGE;
  else if (bytes[first] === ZERO && at - first > 1) {
    integer.at = first;
    integer.error = JsonError.SYNTAX;
  } else if (byte === DOT || byte === 0x65 || byte === 0x45) integer.error = JsonError.TYPE;
  return negative && value !== 0 ? -value : value;
}
