/**
 * Exact one-sided signed-rank test (Wilcoxon 1945): how likely are ranks as high as these if `values` were symmetric about
 * `margin` or lower? Zero differences are dropped, equal ones share their mean rank; the distribution is counted, not
 * approximated, so it holds for ten pairs as for fifty.
 *
 * @param {readonly number[]} values
 * @param {number} margin
 * @returns {{ w: number, n: number, p: number }} rank sum of what lies above the margin, pairs that count, its probability
 */
export function signedRank(values, margin) {
  const differences = values.map((value) => value - margin).filter((difference) => difference !== 0);
  const n = differences.length;
  const order = differences
    .map((_, i) => i)
    .sort((a, b) => Math.abs(differences[a]) - Math.abs(differences[b]));
  // Twice each rank, so that shared ones stay whole.
  const ranks = new Array(n);
  for (let from = 0; from < n; ) {
    let to = from;
    const size = Math.abs(differences[order[from]]);
    while (to + 1 < n && Math.abs(differences[order[to + 1]]) === size) to++;
    for (let i = from; i <= to; i++) ranks[order[i]] = from + to + 2;
    from = to + 1;
  }
  const w = ranks.reduce((sum, rank, i) => sum + (differences[i] > 0 ? rank : 0), 0);
  return { w: w / 2, n, p: upperTail(ranks, w) };
}

/** The share of all 2^n ways to give signs to the ranks whose sum of positive ones is at least `w`. */
function upperTail(ranks, w) {
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  let ways = new Float64Array(total + 1);
  ways[0] = 1;
  for (const rank of ranks) {
    const next = ways.slice();
    for (let sum = rank; sum <= total; sum++) next[sum] += ways[sum - rank];
    ways = next;
  }
  let above = 0;
  for (let sum = w; sum <= total; sum++) above += ways[sum];
  return above / 2 ** ranks.length;
}
