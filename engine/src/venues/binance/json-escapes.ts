/** String escapes of JSON (RFC 8259, section 7) over bytes, for the reader. */
import { JsonError, MAX_ESCAPED } from './json-kinds.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;

/** Where {@link unescapeString} stopped, and why when it failed. One for all: it is read at once. */
export const unescaped: { at: number; error: JsonError } = { at: 0, error: JsonError.NONE };

/**
 * The string that begins at `start` (after its quote) and has its first backslash at `from`, decoded into `target` as
 * UTF-8. Its size, with {@link unescaped}.at after the closing quote; -1 when it is broken or larger than MAX_ESCAPED.
 */
export function unescapeString(
  bytes: Uint8Array,
  start: number,
  from: number,
  end: number,
  target: Uint8Array,
): number {
  let size = from - start;
  if (size > MAX_ESCAPED) return stop(from, JsonError.TOO_LONG);
  for (let i = 0; i < size; i++) target[i] = bytes[start + i]!;
  let at = from;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      unescaped.at = at + 1;
      return size;
    }
    if (byte < 0x20) return stop(at, JsonError.TEXT);
    // The longest escape, a surrogate pair, stands for four bytes of UTF-8.
    if (size + 4 > MAX_ESCAPED) return stop(at, JsonError.TOO_LONG);
    if (byte !== BACKSLASH) {
      target[size++] = byte;
      at++;
      continue;
    }
    const length = escapeLength(bytes, at, end);
    if (length === 0) return stop(at, JsonError.TEXT);
    const pair = length === 6 ? lowSurrogate(bytes, at, end) : 0;
    size = writeUtf8(target, size, pair > 0 ? pair : escapedUnit(bytes, at));
    at += pair > 0 ? 12 : length;
  }
  return stop(end, JsonError.TRUNCATED);
}

function stop(at: number, error: JsonError): number {
  unescaped.at = at;
  unescaped.error = error;
  return -1;
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
function escapedUnit(bytes: Uint8Array, at: number): number {
  const byte = bytes[at + 1]!;
  if (byte !== 0x75) return SIMPLE_ESCAPES[byte]!;
  let unit = 0;
  for (let i = 2; i < 6; i++) unit = unit * 16 + hexDigit(bytes[at + i]!);
  return unit;
}

/** The code point of the surrogate pair that starts at `at`, or 0 when there is none. */
function lowSurrogate(bytes: Uint8Array, at: number, end: number): number {
  const high = escapedUnit(bytes, at);
  if (high < 0xd800 || high > 0xdbff || at + 12 > end) return 0;
  if (bytes[at + 6] !== BACKSLASH || bytes[at + 7] !== 0x75 || escapeLength(bytes, at + 6, end) !== 6)
    return 0;
  const low = escapedUnit(bytes, at + 6);
  return low >= 0xdc00 && low <= 0xdfff ? 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00) : 0;
}

/** A lone surrogate has no UTF-8 form: it becomes U+FFFD, as everywhere in JavaScript. */
function writeUtf8(target: Uint8Array, at: number, point: number): number {
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
