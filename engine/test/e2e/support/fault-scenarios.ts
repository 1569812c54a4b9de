import type { Fault } from '../../../src/simulator/index.js';
import type { LogLine } from './engine-process.js';

/** A fault, and how the engine must show that it noticed. */
export interface Scenario {
  readonly name: string;
  readonly faults: readonly Fault[];
  /** A series that must grow. */
  readonly metric: readonly [name: string, labels?: Readonly<Record<string, string>>];
  readonly log: (line: LogLine) => boolean;
}

/** A line with this message and these fields. */
export const says =
  (msg: string, fields: Readonly<Record<string, unknown>> = {}) =>
  (line: LogLine) =>
    line.msg === msg &&
    Object.entries(fields).every(([key, value]) =>
      value instanceof RegExp ? value.test(String(line[key])) : line[key] === value,
    );

const BOOK_FAULTS = 'tradewind_book_faults_total';
const UNKNOWN = 'tradewind_venue_unknown_outcomes_total';
const REJECTIONS = 'tradewind_order_rejections_total';
const PENALTIES = 'tradewind_venue_rate_penalties_total';
const PRIVATE_RECONNECTS = 'tradewind_venue_private_reconnects_total';
const PLACE = ['order.place'];
const ASKS = says('outcome unknown: asking the venue');

export const SCENARIOS: readonly Scenario[] = [
  {
    // First: what never arrived is given up only when its receive window has long passed.
    name: 'a lost order request',
    faults: [{ kind: 'lostRequest', methods: PLACE, count: 1 }],
    metric: [UNKNOWN],
    log: says('the venue does not know the order'),
  },
  {
    name: 'depth events told twice',
    faults: [{ kind: 'duplicate', symbol: 'BTCUSDT', count: 3 }],
    metric: ['tradewind_market_repeated_deltas_total'],
    log: says('depth event told twice', { symbol: 'BTCUSDT' }),
  },
  {
    name: 'a gap in the depth stream',
    faults: [{ kind: 'gap', symbol: 'BTCUSDT', count: 1 }],
    metric: [BOOK_FAULTS, { symbol: 'BTCUSDT', fault: 'SEQUENCE_GAP' }],
    log: says('book invalid, resyncing', { symbol: 'BTCUSDT', fault: 'SEQUENCE_GAP' }),
  },
  {
    name: 'depth events out of order',
    faults: [{ kind: 'reorder', symbol: 'ETHUSDT', count: 1 }],
    metric: [BOOK_FAULTS, { symbol: 'ETHUSDT', fault: 'SEQUENCE_GAP' }],
    log: says('book invalid, resyncing', { symbol: 'ETHUSDT', fault: 'SEQUENCE_GAP' }),
  },
  {
    name: 'a frame that is not JSON',
    faults: [{ kind: 'corrupt', symbol: 'ETHUSDT', count: 1 }],
    metric: ['tradewind_market_messages_total', { kind: 'failed' }],
    log: says('a market data frame could not be decoded'),
  },
  {
    name: 'a frame cut in half',
    faults: [{ kind: 'truncate', symbol: 'BTCUSDT', count: 1 }],
    metric: [BOOK_FAULTS, { symbol: 'BTCUSDT', fault: 'MALFORMED' }],
    // The line about the frame itself is throttled.
    log: says('book invalid, resyncing', { symbol: 'BTCUSDT', fault: 'MALFORMED' }),
  },
  {
    name: 'market data cut off',
    faults: [{ kind: 'disconnect', channel: 'market' }],
    metric: ['tradewind_market_disconnects_total'],
    log: says('market data connection lost'),
  },
  {
    name: 'the user stream cut off',
    faults: [{ kind: 'disconnect', channel: 'user' }],
    metric: [PRIVATE_RECONNECTS],
    log: says('session lost', { session: 'user' }),
  },
  {
    name: 'order entry cut off, with the user stream',
    faults: [{ kind: 'disconnect', channel: 'wsapi' }],
    metric: [PRIVATE_RECONNECTS],
    log: says('session lost', { session: 'orders' }),
  },
  {
    name: 'everything closed politely',
    faults: [{ kind: 'disconnect', channel: 'all', clean: true }],
    metric: ['tradewind_market_disconnects_total'],
    log: says('session lost', { session: 'user' }),
  },
  {
    name: 'everything cut off and refused for a while',
    faults: [
      { kind: 'refuseConnections', channel: 'all', durationMs: 1_500 },
      { kind: 'disconnect', channel: 'all' },
    ],
    metric: ['tradewind_market_disconnects_total'],
    log: says('connecting again'),
  },
  {
    name: 'half-open market data',
    faults: [{ kind: 'halfOpen', channel: 'market', durationMs: 20_000 }],
    metric: ['tradewind_market_disconnects_total'],
    log: says('market data connection lost', { why: /half-open/ }),
  },
  {
    name: 'half-open private sessions',
    faults: [{ kind: 'halfOpen', channel: 'wsapi', durationMs: 20_000 }],
    metric: [PRIVATE_RECONNECTS],
    log: says('session lost', { why: /half-open/ }),
  },
  {
    name: 'acknowledgements later than the engine waits',
    faults: [{ kind: 'slowAck', delayMs: 1_600, methods: PLACE, count: 2 }],
    metric: ['tradewind_venue_unmatched_responses_total'],
    log: ASKS,
  },
  {
    name: 'an acknowledgement that never comes',
    faults: [{ kind: 'lostAck', methods: PLACE, count: 1 }],
    metric: [UNKNOWN],
    log: ASKS,
  },
  {
    name: 'an acknowledgement lost with its connection',
    faults: [{ kind: 'lostAck', methods: PLACE, close: true, count: 1 }],
    metric: [UNKNOWN],
    log: ASKS,
  },
  {
    name: 'a cancel nobody answers',
    faults: [{ kind: 'lostRequest', methods: ['order.cancel'], count: 1 }],
    metric: [UNKNOWN],
    log: ASKS,
  },
  {
    name: 'a venue clock that is seconds ahead',
    faults: [{ kind: 'clockSkew', offsetMs: 7_000, durationMs: 2_500 }],
    metric: ['tradewind_venue_clock_refusals_total'],
    log: says('the venue refused our clock: asking for its time'),
  },
  {
    name: 'a venue clock that is seconds behind',
    faults: [{ kind: 'clockSkew', offsetMs: -7_000, durationMs: 2_500 }],
    metric: ['tradewind_venue_clock_refusals_total'],
    log: says('the venue refused our clock: asking for its time'),
  },
  {
    name: '429 with Retry-After',
    faults: [{ kind: 'rateLimit', retryAfterSeconds: 1, methods: PLACE, count: 1 }],
    metric: [PENALTIES, { status: '429' }],
    log: says('rate limited by the venue', { status: 429 }),
  },
  {
    name: '418: a ban',
    faults: [{ kind: 'ban', durationMs: 2_000 }],
    metric: [PENALTIES, { status: '418' }],
    log: says('banned by the venue', { status: 418 }),
  },
  {
    name: '504 for an order that was executed',
    faults: [{ kind: 'serverError', executed: true, methods: PLACE, count: 1 }],
    metric: [UNKNOWN],
    log: ASKS,
  },
  {
    name: '503 for an order that was not executed',
    faults: [{ kind: 'serverError', executed: false, status: 503, methods: PLACE, count: 1 }],
    metric: [UNKNOWN],
    log: ASKS,
  },
  {
    name: "a gateway's HTML page instead of an answer",
    faults: [{ kind: 'serverError', html: true, methods: PLACE, count: 1 }],
    metric: [UNKNOWN],
    log: says('session lost', { session: 'orders' }),
  },
  {
    name: 'orders refused for want of funds',
    faults: [
      {
        kind: 'reject',
        code: -2010,
        message: 'Account has insufficient balance for requested action.',
        count: 2,
      },
    ],
    metric: [REJECTIONS, { reason: 'INSUFFICIENT_BALANCE' }],
    log: says('order rejected by the venue', { reason: 'INSUFFICIENT_BALANCE' }),
  },
  {
    name: 'a fill the user stream never tells',
    faults: [
      { kind: 'stallUserStream', events: ['TRADE'], drop: true, count: 1 },
      { kind: 'fill', symbol: 'BTCUSDT' },
    ],
    metric: ['tradewind_venue_recovered_fills_total'],
    log: says('fills the stream had not told', { symbol: 'BTCUSDT' }),
  },
  {
    name: 'a user stream that lags',
    faults: [
      { kind: 'stallUserStream', delayMs: 1_500, durationMs: 1_500 },
      { kind: 'fill', symbol: 'ETHUSDT' },
    ],
    metric: ['tradewind_fills_total'],
    log: says('ETHUSDT order filled'),
  },
  {
    name: 'part of an order filled behind our back',
    faults: [{ kind: 'fill', symbol: 'BTCUSDT', quantity: '0.001' }],
    metric: ['tradewind_fills_total'],
    log: says('BTCUSDT order filled'),
  },
  {
    name: 'an order canceled behind our back',
    faults: [{ kind: 'cancel', symbol: 'ETHUSDT' }],
    metric: ['tradewind_unasked_cancels_total'],
    log: says('order canceled by the venue, unasked'),
  },
];
