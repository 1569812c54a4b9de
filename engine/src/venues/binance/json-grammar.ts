/** Numbers, strings and escapes of JSON (RFC 8259, sections 6 and 7) as functions over bytes, for the reader. */

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

function hexDigit(byte: number): number {
  if (byte >= ZERO && byte <= 0x39) return byte - ZERO;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** Bytes of the escape that starts at `at`, 0 when it is none. */
export function escapeLength(bytes: Uint8Array, at: number, end: number): number {
  if (at + 1 >= end) return 0;
  const byte = bytes[at + 1]!;
  if (byte !== 0x75) return SIMPLE_ESCAPES[byte]! > 0 ? 2 : 0;
  if (at + 6 > end) return 0;
  for (let i = 2; i < 6; i++) if (hexDigit(bytes[at + i]!) < 0) return 0;
  return 6;
}

/** What `\x` stands for, by the byte x; 0 for no escape. */
const SIMPLE_ESCAPES = new Uint8Array(256);
for (const [name, code] of Object.entries({ '"': 34, '\\': 92, '/': 47, b: 8, f: 12, n: 10, r: 13, t: 9 })) {
  SIMPLE_ESCAPES[name.charCodeAt(0)] = code;
}

/** The UTF-16 unit of a checked escape. */
export function escapedUnit(bytes: Uint8Array, at: number): number {
  const byte = bytes[at + 1]!;
  if (byte !== 0x75) return SIMPLE_ESCAPES[byte]!;
  let unit = 0;
  for (let i = 2; i < 6; i++) unit = unit * 16 + hexDigit(bytes[at + i]!);
  return unit;
}

/** The code point of the surrogate pair that starts at `at`, or 0 when there is none. */
export function lowSurrogate(bytes: Uint8Array, at: number, end: number): number {
  const high = escapedUnit(bytes, at);
  if (high < 0xd800 || high > 0xdbff || at + 12 > end) return 0;
  if (bytes[at + 6] !== BACKSLASH || bytes[at + 7] !== 0x75 || escapeLength(bytes, at + 6, end) !== 6)
    return 0;
  const low = escapedUnit(bytes, at + 6);
  return low >= 0xdc00 && low <= 0xdfff ? 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00) : 0;
}

/** A lone surrogate has no UTF-8 form: it becomes U+FFFD, as everywhere in JavaScript. */
export function writeUtf8(target: Uint8Array, at: number, point: number): number {
  const code = point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
  if (code < 0x80) {
    target[at] = code;
    return at + 1;
  }
  if (code < 0x800) {
    target[at] = 0xc0 | (code >> 6);
    target[at + 1] = 0x80 | (code & 0x3f);
    return at + 2;
  }
  if (code < 0x10000) {
    target[at] = 0xe0 | (code >> 12);
    target[at + 1] = 0x80 | ((code >> 6) & 0x3f);
    target[at + 2] = 0x80 | (code & 0x3f);
    return at + 3;
  }
  target[at] = 0xf0 | (code >> 18);
  target[at + 1] = 0x80 | ((code >> 12) & 0x3f);
  target[at + 2] = 0x80 | ((code >> 6) & 0x3f);
  target[at + 3] = 0x80 | (code & 0x3f);
  return at + 4;
}
