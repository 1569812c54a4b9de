/**
 * A log-linear histogram over shared slots: 32 buckets to each octave, so that a bucket is never wider than 1/32 of its
 * lower bound. The idea is HdrHistogram's (https://hdrhistogram.github.io/HdrHistogram/); the layout is ours.
 */

const SUB_BITS = 5;
const SUB_BUCKETS = 1 << SUB_BITS;
const MAX_BITS = 40;
/** Values of 2^31 and more are halved this many times before the 32-bit bit operations see them. */
const WIDE_SHIFT = 10;
const WIDE = 2 ** 31;
const WIDE_DIVISOR = 2 ** WIDE_SHIFT;

/** Values at or above this are counted in the last bucket; `max` and `sum` stay true. */
export const HISTOGRAM_LIMIT = 2 ** MAX_BITS;
/** Buckets of one histogram. */
export const HISTOGRAM_BUCKETS = (MAX_BITS - SUB_BITS + 1) * SUB_BUCKETS;
/** The largest relative distance between a recorded value and the one a percentile reports for it. */
export const HISTOGRAM_ERROR = 1 / SUB_BUCKETS;

const COUNT = 0;
const SUM = 1;
const MAX = 2;
const BUCKETS = 3;
/** Slots one histogram takes: count, sum, max, then the buckets. */
export const HISTOGRAM_SLOTS = BUCKETS + HISTOGRAM_BUCKETS;

/** The smallest integer that bucket `index` holds. */
export function bucketLow(index: number): number {
  if (index < 2 * SUB_BUCKETS) return index;
  const shift = (index >> SUB_BITS) - 1;
  return ((index & (SUB_BUCKETS - 1)) + SUB_BUCKETS) * 2 ** shift;
}

/** The largest integer that bucket `index` holds. */
export function bucketHigh(index: number): number {
  return bucketLow(index + 1) - 1;
}

/** The bucket of `value`, which is not negative; fractions count as the integer below them. */
export function bucketOf(value: number): number {
  if (value < WIDE) {
    const units = value | 0;
    if (units < SUB_BUCKETS) return units;
    const shift = 31 - SUB_BITS - Math.clz32(units);
    return (shift << SUB_BITS) + (units >>> shift);
  }
  if (value >= HISTOGRAM_LIMIT) return HISTOGRAM_BUCKETS - 1;
  const units = (value / WIDE_DIVISOR) | 0;
  const shift = 31 - SUB_BITS - Math.clz32(units);
  return ((shift + WIDE_SHIFT) << SUB_BITS) + (units >>> shift);
}

/** One writer, any number of readers; plain stores, no allocation. */
export class Histogram {
  readonly #slots: Float64Array;
  readonly #base: number;

  /** Use `MetricRegistry.histogram`. */
  constructor(slots: Float64Array, base: number) {
    this.#slots = slots;
    this.#base = base;
  }

  /** Counts one value in the recorded unit (e.g. nanoseconds). Negative values and NaN count as 0. */
  record(value: number): void {
    const slots = this.#slots;
    const base = this.#base;
    // Not Math.max: NaN must become 0 too.
    let kept = 0;
    if (value > 0) kept = value;
    slots[base + BUCKETS + bucketOf(kept)]! += 1;
    slots[base + COUNT]! += 1;
    slots[base + SUM]! += kept;
    if (kept > slots[base + MAX]!) slots[base + MAX] = kept;
  }

  /** Values recorded so far. */
  get count(): number {
    return this.#slots[this.#base + COUNT]!;
  }

  /** Their sum, in the recorded unit. */
  get sum(): number {
    return this.#slots[this.#base + SUM]!;
  }

  /** The largest of them, exactly; 0 when there is none. */
  get max(): number {
    return this.#slots[this.#base + MAX]!;
  }

  /**
   * The value below or at which `p` percent (0 to 100) of the recorded values lie: the upper end of its bucket, so
   * never too low, and too high by at most {@link HISTOGRAM_ERROR}. 0 when nothing was recorded.
   */
  percentile(p: number): number {
    const first = this.#base + BUCKETS;
    let total = 0;
    for (let i = 0; i < HISTOGRAM_BUCKETS; i++) total += this.#slots[first + i]!;
    if (total === 0) return 0;
    const rank = Math.max(1, Math.ceil((Math.min(Math.max(p, 0), 100) / 100) * total));
    let seen = 0;
    for (let i = 0; i < HISTOGRAM_BUCKETS - 1; i++) {
      seen += this.#slots[first + i]!;
      if (seen >= rank) return Math.min(bucketHigh(i), this.max);
    }
    return this.max;
  }
}

/** How many of the values recorded at `base` lie in buckets whose every value is at most `limit` (recorded unit). */
export function countUpTo(slots: Float64Array, base: number, limit: number): number {
  let seen = 0;
  for (let i = 0; i < HISTOGRAM_BUCKETS && bucketHigh(i) <= limit; i++) seen += slots[base + BUCKETS + i]!;
  return seen;
}

/** Everything recorded at `base`, as the exporter needs it; `count` is the buckets' own sum, so that the two agree. */
export function readHistogram(
  slots: Float64Array,
  base: number,
): { count: number; sum: number; max: number } {
  let count = 0;
  for (let i = 0; i < HISTOGRAM_BUCKETS; i++) count += slots[base + BUCKETS + i]!;
  return { count, sum: slots[base + SUM]!, max: slots[base + MAX]! };
}
