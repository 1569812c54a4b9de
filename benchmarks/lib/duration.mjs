const MS = { s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * `90s`, `10m` or `1h` in milliseconds.
 *
 * @param {string} text
 * @throws {RangeError} on anything else
 */
export function durationMs(text) {
  const [, number, unit] = /^(\d+)([smh])$/.exec(text) ?? [];
  const ms = Number(number) * MS[unit];
  if (!(ms > 0)) throw new RangeError(`${text}: not a duration like 90s, 10m or 1h`);
  return ms;
}
