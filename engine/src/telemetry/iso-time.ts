const LATEST_MS = 8.64e15;

/** ISO 8601 in UTC with microseconds: `2026-01-31T12:00:00.123456Z`. Anything that is no time becomes 1970. */
export function isoMicros(tsUs: number): string {
  const whole = tsUs >= 0 && tsUs / 1000 <= LATEST_MS ? Math.floor(tsUs) : 0;
  const iso = new Date(Math.floor(whole / 1000)).toISOString();
  return `${iso.slice(0, -1)}${String(whole % 1000).padStart(3, '0')}Z`;
}
