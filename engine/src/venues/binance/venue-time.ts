/** Times at or above this (the year 5138 in milliseconds, 1973 in microseconds) are in microseconds. */
const MICROSECOND_TIMES = 1e14;

/**
 * A venue time as integer microseconds since 1970: it comes in milliseconds, or in microseconds when the connection asked
 * for `timeUnit=MICROSECOND`. -1 for a time that cannot be one.
 */
export function toMicroseconds(time: number): number {
  if (time >= MICROSECOND_TIMES) return time;
  const us = time * 1000;
  return time >= 0 && us <= Number.MAX_SAFE_INTEGER ? us : -1;
}
