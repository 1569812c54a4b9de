/** Time, injected wherever it is needed so that tests own it. */
export interface Clock {
  /** Wall clock, integer microseconds since 1970 (UTC). Monotonic within a process: never goes back. */
  nowUs(): number;
  /** Monotonic nanoseconds from an arbitrary origin, as a double (exact to 2^53 ns, 104 days). */
  nanos(): number;
}

const originUs = Math.round((performance.timeOrigin + performance.now()) * 1000);
const originNs = performance.now() * 1e6;

/** The process's clock: the wall clock at start, advanced by the monotonic clock. */
export const systemClock: Clock = {
  nowUs: () => originUs + Math.round((performance.now() * 1e6 - originNs) / 1000),
  nanos: () => performance.now() * 1e6,
};
