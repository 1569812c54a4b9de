/** Where a distribution is looked at: closer together towards its tail, as its plot is. */
export const PERCENTILES = [
  0, 10, 25, 50, 75, 90, 95, 97.5, 99, 99.5, 99.75, 99.9, 99.95, 99.99, 99.999, 100,
];

/**
 * `[percentile, value]` for each of {@link PERCENTILES}; those are left out between which `count` values can not tell.
 *
 * @param {(percentile: number) => number} at
 * @param {number} count
 * @returns {[number, number][]}
 */
export function percentileTable(at, count) {
  return PERCENTILES.filter((p) => p === 100 || (1 - p / 100) * count >= 1).map((p) => [p, at(p)]);
}

/**
 * Exactly the value at or below which `p` percent of them lie.
 *
 * @param {Float64Array} sorted
 * @param {number} p
 */
export function percentileOf(sorted, p) {
  // 99.9 % of 1,000 is 999 and not the next above, whatever its last binary digit.
  const rank = Math.ceil((p * sorted.length) / 100 - 1e-6);
  return sorted[Math.max(0, rank - 1)];
}
