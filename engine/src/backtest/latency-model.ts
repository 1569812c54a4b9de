/**
 * How long a request takes to the simulated venue and its answer back, in simulated microseconds.
 *
 * Market events are taken at the time *this process* learned of them, so the venue's clock runs one feed latency ahead of
 * the market the simulation sees. For a true picture put that into the entry latency (one way to the venue plus the feed
 * latency) and take it out of the response (one way back minus the feed latency, about 0 when both use one network).
 */
export interface LatencyModel {
  /** From handing over a request at `nowUs` until the venue acts on it. An integer, not negative. */
  entryUs(nowUs: number): number;
  /** From the venue's act at `venueUs` until we hear of it. An integer, not negative. */
  responseUs(venueUs: number): number;
}

export interface ConstantLatency {
  readonly entryUs: number;
  readonly responseUs: number;
}

/** The same latency always. Throws a RangeError on a negative or fractional one. */
export function constantLatency(latency: ConstantLatency): LatencyModel {
  const { entryUs, responseUs } = latency;
  check('entryUs', entryUs);
  check('responseUs', responseUs);
  return { entryUs: () => entryUs, responseUs: () => responseUs };
}

/** One measured order round trip, e.g. of an order that cannot execute, sent at regular intervals. */
export interface LatencySample {
  /** When the request left, when the venue acted on it, and when its answer arrived; microseconds, our clock. */
  readonly requestUs: number;
  readonly venueUs: number;
  readonly responseUs: number;
}

/**
 * Latency as it was measured over time: between two samples it is interpolated linearly, outside them the nearest sample
 * holds. The method is hftbacktest's `IntpOrderLatency` (its docs/latency_models.rst). A sample whose clocks disagree
 * (venue before request) counts as latency 0. Throws a RangeError when there is no sample.
 */
export function interpolatedLatency(samples: readonly LatencySample[]): LatencyModel {
  if (samples.length === 0) throw new RangeError('latency samples: at least one is needed');
  const entry = new Curve(
    samples,
    (s) => s.requestUs,
    (s) => s.venueUs - s.requestUs,
  );
  const response = new Curve(
    samples,
    (s) => s.venueUs,
    (s) => s.responseUs - s.venueUs,
  );
  return { entryUs: (now) => entry.at(now), responseUs: (now) => response.at(now) };
}

/** A piecewise linear function of time. */
class Curve {
  readonly #points: readonly { readonly at: number; readonly value: number }[];

  constructor(
    samples: readonly LatencySample[],
    at: (sample: LatencySample) => number,
    value: (sample: LatencySample) => number,
  ) {
    this.#points = samples
      .map((sample) => ({ at: at(sample), value: Math.max(0, value(sample)) }))
      .sort((a, b) => a.at - b.at);
  }

  at(time: number): number {
    const points = this.#points;
    let low = 0;
    let high = points.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (points[middle]!.at <= time) low = middle + 1;
      else high = middle;
    }
    const before = points[low - 1];
    const after = points[low];
    if (before === undefined) return Math.round(after!.value);
    if (after === undefined) return Math.round(before.value);
    const share = (time - before.at) / (after.at - before.at);
    return Math.round(before.value + share * (after.value - before.value));
  }
}

export interface JitteredLatency extends ConstantLatency {
  /** Added to each, drawn evenly from 0 to this. */
  readonly jitterUs: number;
  readonly seed: number;
}

/** Constant latency plus an even jitter from a seeded generator: the same seed gives the same latencies. */
export function jitteredLatency(latency: JitteredLatency): LatencyModel {
  const { entryUs, responseUs, jitterUs } = latency;
  check('entryUs', entryUs);
  check('responseUs', responseUs);
  check('jitterUs', jitterUs);
  const draw = mulberry32(latency.seed);
  const jitter = () => Math.floor(draw() * (jitterUs + 1));
  return { entryUs: () => entryUs + jitter(), responseUs: () => responseUs + jitter() };
}

/** mulberry32 by Tommy Ettinger (public domain): 32 bits of state, evenly distributed over [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function check(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(
      `latency: ${name} must be a whole number of microseconds, not negative, was ${value}`,
    );
  }
}
