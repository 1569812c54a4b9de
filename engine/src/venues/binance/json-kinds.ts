/** Why a JsonReader stopped. The first error is kept; everything read after it is empty. */
export const JsonError = {
  NONE: 0,
  /** Not JSON, or something after the end of the value. */
  SYNTAX: 1,
  /** The bytes end inside a value. */
  TRUNCATED: 2,
  /** Nested deeper than {@link MAX_DEPTH} inside a skipped value. */
  DEPTH: 3,
  /** A value of another type than the one asked for. */
  TYPE: 4,
  /** A number that no safe integer (or the asked for precision) can hold at all. */
  RANGE: 5,
  /** A decimal with more digits than the asked for precision. */
  INEXACT: 6,
  /** A raw control character or a bad escape in a string. */
  TEXT: 7,
  /** A string with escapes longer than {@link MAX_ESCAPED}. */
  TOO_LONG: 8,
} as const;
export type JsonError = (typeof JsonError)[keyof typeof JsonError];

/** What the next value is, without reading it. */
export const JsonKind = {
  /** An error, or nothing there. */
  NONE: 0,
  OBJECT: 1,
  ARRAY: 2,
  STRING: 3,
  NUMBER: 4,
  BOOLEAN: 5,
  NULL: 6,
} as const;
export type JsonKind = (typeof JsonKind)[keyof typeof JsonKind];

/** Deepest nesting `JsonReader.skipValue` walks into. */
export const MAX_DEPTH = 64;
/** Longest text, in bytes, that a string with escapes may stand for. */
export const MAX_ESCAPED = 4096;

/** A name to compare keys and strings with: make it once, outside any loop. */
export function ascii(name: string): Uint8Array {
  return Uint8Array.from(name, (char) => char.charCodeAt(0));
}
