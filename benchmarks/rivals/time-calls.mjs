import { interleave, nanos, Samples } from '../lib/measure.mjs';

const CALLS = 500;
const BATCHES = 400;
const PLAN = { warmUp: 2, rounds: 5 };

/**
 * What one call costs, for calls too short to be timed one by one: batches of 500, each batch's mean a sample, so that what
 * hits a single call shows in the tail divided by 500. The sides run in turn.
 *
 * @param {Record<string, { call: (i: number) => void, after?: () => void }>} sides `after` a batch comes uncounted work
 * @returns summaries by side, and how often each was called
 */
export function timeCalls(sides) {
  const samples = Object.fromEntries(
    Object.keys(sides).map((name) => [name, new Samples(BATCHES * PLAN.rounds)]),
  );
  interleave(
    Object.entries(sides).map(([name, side]) => (counted) => {
      for (let batch = 0; batch < BATCHES; batch++) {
        const took = timeBatch(side.call);
        side.after?.();
        if (counted) samples[name].add(took / CALLS);
      }
    }),
    PLAN,
  );
  const summaries = Object.fromEntries(Object.entries(samples).map(([name, of]) => [name, of.summary()]));
  return { summaries, calls: CALLS * BATCHES * (PLAN.warmUp + PLAN.rounds) };
}

function timeBatch(call) {
  const start = nanos();
  for (let i = 0; i < CALLS; i++) call(i);
  return nanos() - start;
}
