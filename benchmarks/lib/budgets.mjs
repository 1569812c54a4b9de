/**
 * @typedef {object} Budget
 * @property {string} stage what is held to it
 * @property {string} target as printed
 * @property {string} suite the one that measures it
 * @property {(row: import('./report.mjs').Row, baselines: readonly import('./report.mjs').Row[]) => boolean} met
 */

/** How many times a plain echo's latency a whole engine may take. */
const ECHO_RATIO = 1.3;

/** Steps too short for the clock are timed so many at a time: a sample is the mean of a batch, and a percentile one of those. */
export const BATCH = 64;
const BATCHED_P99 = `p99 of batches of ${BATCH} calls`;

/** The targets of the design, each said here and nowhere else. A row names the one it is held to. @type {Readonly<Record<string, Budget>>} */
export const BUDGETS = {
  decode: {
    ...{ stage: 'decode + book update, per message', suite: 'book' },
    ...{ target: 'p99 < 500 ns', met: ({ p99 }) => p99 < 500 },
  },
  'decode-ratio': {
    ...{ stage: 'the same against JSON.parse and sorted arrays', suite: 'book' },
    ...{ target: '>= 5x', met: ({ ratioTo }) => Object.values(ratioTo).every((ratio) => ratio >= 5) },
  },
  wire: {
    ...{ stage: 'wire to book through a WebSocket, one core', suite: 'wire' },
    ...{ target: '>= 1,000,000/s', met: ({ perSecond }) => perSecond >= 1_000_000 },
  },
  risk: {
    ...{ stage: 'pre-trade risk, all checks', suite: 'stages' },
    target: `${BATCHED_P99} < 1 us, >= 5,000,000/s`,
    met: ({ p99, perSecond }) => p99 < 1_000 && perSecond >= 5_000_000,
  },
  strategy: {
    ...{ stage: 'strategy decision (market making)', suite: 'stages' },
    ...{ target: 'p99 < 5 us', met: ({ p99 }) => p99 < 5_000 },
  },
  encode: {
    ...{ stage: 'order encode, session-authenticated', suite: 'stages' },
    ...{ target: `${BATCHED_P99} < 1 us`, met: ({ p99 }) => p99 < 1_000 },
  },
  'tick-to-trade': {
    ...{ stage: 'tick-to-trade, engine side', suite: 'tick-to-trade' },
    ...{ target: 'p50 < 25 us, p99 < 100 us', met: ({ p50, p99 }) => p50 < 25 && p99 < 100 },
  },
  'tick-to-trade-venue': {
    ...{ stage: 'the same seen from the venue', suite: 'tick-to-trade' },
    target: `p50 and p99 <= ${ECHO_RATIO}x the echo`,
    met: ({ p50, p99 }, [echo]) => p50 <= ECHO_RATIO * echo.p50 && p99 <= ECHO_RATIO * echo.p99,
  },
  orders: {
    ...{ stage: 'orders through risk, OMS, journal and a loopback venue, acknowledged', suite: 'orders' },
    ...{ target: '>= 50,000/s', met: ({ perSecond }) => perSecond >= 50_000 },
  },
  append: {
    ...{ stage: 'journal append, trading thread', suite: 'journal-append' },
    ...{ target: 'p99 < 1 us', met: ({ p99 }) => p99 < 1_000 },
  },
  durable: {
    ...{ stage: 'journal append until durable', suite: 'journal-append' },
    ...{ target: 'p99 < 5 ms', met: ({ p99 }) => p99 < 5_000 },
  },
  metric: {
    ...{ stage: 'metric update', suite: 'stages' },
    ...{ target: `${BATCHED_P99} < 10 ns`, met: ({ p99 }) => p99 < 10 },
  },
  log: {
    ...{ stage: 'log call, trading thread', suite: 'stages' },
    ...{ target: `${BATCHED_P99} < 1 us`, met: ({ p99 }) => p99 < 1_000 },
  },
  failover: {
    ...{ stage: "failover: primary killed to standby's first order", suite: 'failover' },
    ...{ target: 'p99 < 1000 ms', met: ({ p99 }) => p99 < 1_000 },
  },
  recovery: {
    ...{ stage: 'recovery from a snapshot and its tail', suite: 'recovery' },
    ...{ target: '< 2000 ms', met: ({ max }) => max < 2_000 },
  },
  memory: {
    ...{ stage: 'resident memory, 200 instruments', suite: 'memory' },
    ...{ target: '< 1024 MiB', met: ({ max }) => max < 1_024 },
  },
  allocation: {
    ...{ stage: 'heap growth per message, steady state', suite: 'memory' },
    ...{ target: 'each slice < 1 B', met: ({ max }) => max < 1 },
  },
};

/** @typedef {{ stage: string, target: string, suite: string, row: string | null, measured: string | null, met: boolean | null }} BudgetLine */

/**
 * Each budget with the rows that were held to it; one line where there is none.
 *
 * @param {readonly import('./report.mjs').Row[]} rows
 * @returns {BudgetLine[]}
 */
export function budgetLines(rows) {
  return Object.entries(BUDGETS).flatMap(([key, { stage, target, suite }]) => {
    const held = rows.filter(({ budget }) => budget === key);
    if (held.length === 0) return [{ stage, target, suite, row: null, measured: null, met: null }];
    return held.map((row) => ({
      stage,
      target,
      suite,
      row: row.name,
      measured: measured(row),
      met: row.met,
    }));
  });
}

function measured({ unit, p50, p99, max, perSecond, ratioTo }) {
  const parts = [`p50 ${p50}, p99 ${p99}, max ${max} ${unit}`];
  if (perSecond !== null) parts.push(`${perSecond.toLocaleString('en-US')}/s`);
  for (const [name, ratio] of Object.entries(ratioTo)) parts.push(`${ratio}x ${name}`);
  return parts.join('; ');
}
