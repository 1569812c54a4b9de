/** Monotonic milliseconds as the process's own clock has them; all threads see one and the same. */
export function exactMonotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

const SAMPLES = 16;

/** From this thread's `performance.now()` to the process's clock. */
const offsetMs = (() => {
  let least = Number.POSITIVE_INFINITY;
  // The second clock is read later, so that each sample is too large by what came between; the least is best.
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const now = performance.now();
    least = Math.min(least, exactMonotonicMs() - now);
  }
  return least;
})();

/**
 * {@link exactMonotonicMs} for the trading thread: never behind it and ahead by about a microsecond, so that a permission
 * may only seem shorter. Goes on while the process is stopped, and is not moved by changes of the wall clock. Costs about
 * 100 ns and allocates nothing.
 */
export function monotonicMs(): number {
  return performance.now() + offsetMs;
}
