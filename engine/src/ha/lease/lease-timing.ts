/** The lease's times as the agents and the recovery budget share them. All milliseconds of a host's own monotonic clock. */
export interface LeaseTiming {
  /** The holder writes the lease this often. */
  readonly renewEveryMs: number;
  /** The other side reads it this often. */
  readonly observeEveryMs: number;
  /** A holder that could not renew for this long kills its engine. */
  readonly selfFenceMs: number;
  /** A version that did not change for this long may be taken over. */
  readonly expireAfterMs: number;
  /** One request to the lease table is given up after this long. */
  readonly requestTimeoutMs: number;
  /** Longest time between two looks at the clock, of the agent and of its guard. */
  readonly tickMs: number;
  /** From the decision to kill to the engine's death. */
  readonly killMs: number;
  /** Largest error of a host clock's rate, parts per million. */
  readonly clockRatePpm: number;
}

/**
 * The contract's 500 / 1500 / 2500 ms. 90,000 ppm covers a host whose chrony slews at its default limit (83,333 ppm,
 * chrony.conf `maxslewrate`), which CLOCK_MONOTONIC follows; a disciplined clock is a thousand times better.
 */
export const DEFAULT_LEASE_TIMING: LeaseTiming = {
  renewEveryMs: 500,
  observeEveryMs: 250,
  selfFenceMs: 1_500,
  expireAfterMs: 2_500,
  requestTimeoutMs: 250,
  tickMs: 20,
  killMs: 300,
  clockRatePpm: 90_000,
};

/**
 * For an engine that leads by itself: to stop it is to close its gate, which the sending thread looks at before each order.
 * {@link takeoverBoundMs} is 770 ms.
 */
export const ENGINE_LEASE_TIMING: LeaseTiming = {
  renewEveryMs: 100,
  observeEveryMs: 50,
  selfFenceMs: 250,
  expireAfterMs: 400,
  requestTimeoutMs: 50,
  tickMs: 5,
  killMs: 1,
  clockRatePpm: 90_000,
};

/**
 * What is left between the latest death of the old engine and the earliest claim by the other side, true milliseconds.
 *
 * The holder counts `selfFenceMs` from before it SENT its last successful renewal; the observer counts `expireAfterMs`
 * from after it RECEIVED that version, so delays of the network only add to the distance. What subtracts: the holder's
 * clock may run slow, the observer's fast, the guard looks every `tickMs`, and killing takes `killMs`:
 *
 *     expireAfterMs / (1 + r)  -  (selfFenceMs + tickMs) / (1 - r)  -  killMs        with r = clockRatePpm / 1e6
 *
 * Must be positive: otherwise two engines may send at one instant.
 */
export function safetyMarginMs(timing: LeaseTiming): number {
  const rate = timing.clockRatePpm / 1e6;
  return (
    timing.expireAfterMs / (1 + rate) - (timing.selfFenceMs + timing.tickMs) / (1 - rate) - timing.killMs
  );
}

/** What follows the claim until the engine may trade; zero when left out. */
export interface PromotionTiming {
  /** Awaited steps of the promotion (fencing first, moving the address), milliseconds. */
  readonly promotionMs?: number;
  /** From `systemctl start` to a ready engine, milliseconds. */
  readonly engineStartMs?: number;
}

/** One summand of {@link takeoverTerms}. */
export interface TimingTerm {
  readonly what: string;
  readonly ms: number;
}

/**
 * The arithmetic of {@link takeoverBoundMs}, term by term, for messages. It assumes a lease table that answers within
 * `requestTimeoutMs` and one living, willing candidate; each request that is lost adds `requestTimeoutMs`.
 */
export function takeoverTerms(timing: LeaseTiming, promotion: PromotionTiming = {}): readonly TimingTerm[] {
  const slowest = 1 - timing.clockRatePpm / 1e6;
  const terms = [
    {
      what: 'last renewal still on its way when the holder died (requestTimeoutMs)',
      ms: timing.requestTimeoutMs,
    },
    { what: 'until the other side reads again (observeEveryMs)', ms: timing.observeEveryMs / slowest },
    { what: 'that read (requestTimeoutMs)', ms: timing.requestTimeoutMs / slowest },
    {
      what: 'its version unchanged (expireAfterMs on the slowest clock)',
      ms: timing.expireAfterMs / slowest,
    },
    { what: 'until the agent looks at its clock (tickMs)', ms: timing.tickMs / slowest },
    // A read may have just begun: the claim waits for it.
    { what: 'a read in flight (requestTimeoutMs)', ms: timing.requestTimeoutMs / slowest },
    { what: 'the claim (requestTimeoutMs)', ms: timing.requestTimeoutMs / slowest },
    { what: 'awaited steps of the promotion (promotionMs)', ms: promotion.promotionMs ?? 0 },
    { what: 'start of the engine (engineStartMs)', ms: promotion.engineStartMs ?? 0 },
  ];
  return terms.filter(({ ms }) => ms > 0);
}

/**
 * Upper bound from a holder's death (process or host) to the other side's claim, plus what `promotion` adds to it: the
 * sum of {@link takeoverTerms}. With the defaults 4.3 s before the engine's own start.
 */
export function takeoverBoundMs(timing: LeaseTiming, promotion: PromotionTiming = {}): number {
  return Math.ceil(takeoverTerms(timing, promotion).reduce((sum, { ms }) => sum + ms, 0));
}

/** Everything wrong with a set of lease times, each line naming the field, its value and the fix; empty when sound. */
export function timingProblems(timing: LeaseTiming): readonly string[] {
  const problems: string[] = [];
  for (const [name, value] of Object.entries(timing)) {
    if (!Number.isFinite(value) || value < 0 || (value === 0 && name !== 'clockRatePpm')) {
      problems.push(`${name} ${value}: must be a positive number`);
    }
  }
  if (problems.length > 0) return problems;
  const { renewEveryMs, requestTimeoutMs, selfFenceMs, expireAfterMs } = timing;
  if (timing.clockRatePpm >= 500_000) {
    problems.push(`clockRatePpm ${timing.clockRatePpm}: no clock is that wrong; give at most 500000`);
    return problems;
  }
  if (requestTimeoutMs > renewEveryMs / 2) {
    problems.push(
      `requestTimeoutMs ${requestTimeoutMs}: a lost request and its repetition must fit into renewEveryMs ${renewEveryMs}; give at most ${renewEveryMs / 2}`,
    );
  }
  if (selfFenceMs < renewEveryMs + 2 * requestTimeoutMs) {
    problems.push(
      `selfFenceMs ${selfFenceMs}: one lost renewal would kill the engine; give at least renewEveryMs + 2 x requestTimeoutMs = ${renewEveryMs + 2 * requestTimeoutMs}`,
    );
  }
  const margin = safetyMarginMs(timing);
  if (margin <= 0) {
    const rate = timing.clockRatePpm / 1e6;
    const least = Math.ceil(((selfFenceMs + timing.tickMs) / (1 - rate) + timing.killMs) * (1 + rate)) + 1;
    problems.push(
      `expireAfterMs ${expireAfterMs}: two engines could run at once, by ${Math.ceil(-margin)} ms, after selfFenceMs ${selfFenceMs}, tickMs ${timing.tickMs}, killMs ${timing.killMs} and clocks ${timing.clockRatePpm} ppm off; give at least ${least}`,
    );
  }
  return problems;
}
