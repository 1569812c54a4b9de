/**
 * The largest rate at which `hits` or fewer of `trials` still happen with a probability of `alpha`: the upper bound of a
 * one-sided exact interval (Clopper and Pearson 1934).
 */
export function atMost(hits, trials, alpha) {
  if (hits >= trials) return 1;
  let [low, high] = [hits / trials, 1];
  // Bisection: the probability falls as the rate grows.
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (probabilityUpTo(hits, trials, middle) > alpha) low = middle;
    else high = middle;
  }
  return high;
}

function probabilityUpTo(hits, trials, rate) {
  let logTerm = trials * Math.log1p(-rate);
  let sum = Math.exp(logTerm);
  for (let i = 1; i <= hits; i++) {
    logTerm += Math.log((trials - i + 1) / i) + Math.log(rate) - Math.log1p(-rate);
    sum += Math.exp(logTerm);
  }
  return sum;
}
