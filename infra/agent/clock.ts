/** Milliseconds of CLOCK_MONOTONIC: one and the same for all processes of a host, which the guard relies on. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
