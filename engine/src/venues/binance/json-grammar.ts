/** The bytes of JSON, and its numbers and strings (RFC 8259, sections 6 and 7) as functions over bytes, for the reader. */
import { escapeLength } from './json-escapes.js';

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const DOT = 0x2e;
export const ZERO = 0x30;
export const COLON = 0x3a;
export const OPEN_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_BRACKET = 0x5d;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;

/** The offset after the string that starts at `at`; `-offset - 1` where it is broken (`end` when it has no end). */
export function scanString(bytes: Uint8Array, start: number, end: number): number {
  let at = start + 1;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at + 1;
    if (byte < 0x20) return -at - 1;
    if (byte === BACKSLASH) {
      const length = escapeLength(bytes, at, end);
      if (length === 0) return -at - 1;
      at += length;
    } else at++;
  }
  return -end - 1;
}

/** The offset after the number that starts at `at`; `-offset - 1` where it is broken. */
export function scanNumber(bytes: Uint8Array, start: number, end: number): number {
  const whole = bytes[start] === MINUS ? start + 1 : start;
  let at = digitsFrom(bytes, whole, end);
  if (at === whole) return -at - 1;
  if (bytes[whole] === ZERO && at - whole > 1) return -whole - 1;
  if (at < end && bytes[at] === DOT) {
    const fraction = at + 1;
    at = digitsFrom(bytes, fraction, end);
    if (at === fraction) return -at - 1;
  }
  if (at < end && (bytes[at]! | 0x20) === 0x65) {
    at++;
    if (at < end && (bytes[at] === MINUS || bytes[at] === 0x2b)) at++;
    const exponent = at;
    at = digitsFrom(bytes, exponent, end);
    if (at === exponent) return -at - 1;
  }
  return at;
}

function digitsFrom(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at]! >= ZERO && bytes[at]! <= 0x39) at++;
  return at;
}
