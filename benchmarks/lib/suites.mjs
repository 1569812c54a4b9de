/** The suites, in the order they run in. */
export const DEFAULT_SUITES = [
  'book',
  'kernel',
  'recovery',
  'journal-append',
  'durability',
  'failover',
  'wire',
  'tick-to-trade',
  'orders',
  'stages',
  'scale',
  'memory',
  'rivals',
  'limits',
  'warm-up',
];
/** Runs for as long as it is told to. */
export const SUITES = [...DEFAULT_SUITES, 'soak'];
