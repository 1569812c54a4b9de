import { nameOf, RejectReason } from '../../domain/index.js';

/**
 * Binance's errors in the engine's vocabulary. Source: errors.md of the API documentation. The table is printed into
 * `docs/venues/binance-errors.md` by {@link errorTableMarkdown}; a test keeps the two equal.
 */

/** What a failed request means. */
export interface Verdict {
  readonly reason: RejectReason;
  /**
   * True when the answer proves that the request did nothing. When false the order may live: it stays in flight and the
   * venue is asked.
   */
  readonly refused: boolean;
}

interface Rule extends Verdict {
  readonly code: number;
  /** Start of the message, for codes that mean several things; absent = any other message. */
  readonly message?: string;
}

const refused = (code: number, reason: RejectReason, message?: string): Rule =>
  message === undefined ? { code, reason, refused: true } : { code, reason, refused: true, message };
const unknown = (code: number): Rule => ({ code, reason: RejectReason.OUTCOME_UNKNOWN, refused: false });

const R = RejectReason;

/** Messages the matching engine sends with -1010, -2010 and -2011. */
const ENGINE_MESSAGES: readonly (readonly [string, RejectReason])[] = [
  ['Account has insufficient balance', R.INSUFFICIENT_BALANCE],
  ['Order would immediately match and take', R.POST_ONLY_WOULD_TAKE],
  ['Order would trigger immediately', R.TRIGGER_WOULD_FIRE],
  ['Unknown order sent', R.UNKNOWN_ORDER],
  ['Market is closed', R.MARKET_CLOSED],
  ['Price * QTY is zero or less', R.NOTIONAL_FILTER],
  ['This action is disabled', R.PERMISSION_DENIED],
  ['This account may not place or cancel orders', R.PERMISSION_DENIED],
  ['This symbol is not permitted', R.PERMISSION_DENIED],
  ['This symbol is restricted', R.PERMISSION_DENIED],
  ['Rest API trading is not enabled', R.PERMISSION_DENIED],
  ['WebSocket API trading is not enabled', R.PERMISSION_DENIED],
  ['Order book liquidity is', R.NO_LIQUIDITY],
  ['Too many new orders', R.TOO_MANY_ORDERS],
  ['Filter failure: ', R.OTHER_FILTER],
];

/** `Filter failure: NAME`, longest names first where one begins another. */
const FILTER_MESSAGES: readonly (readonly [string, RejectReason])[] = [
  ['Filter failure: PRICE_FILTER', R.PRICE_FILTER],
  ['Filter failure: PERCENT_PRICE', R.PERCENT_PRICE_FILTER],
  ['Filter failure: LOT_SIZE', R.QUANTITY_FILTER],
  ['Filter failure: MARKET_LOT_SIZE', R.QUANTITY_FILTER],
  ['Filter failure: MIN_NOTIONAL', R.NOTIONAL_FILTER],
  ['Filter failure: NOTIONAL', R.NOTIONAL_FILTER],
  ['Filter failure: MAX_NUM_', R.TOO_MANY_ORDERS],
  ['Filter failure: EXCHANGE_MAX_NUM_', R.TOO_MANY_ORDERS],
  ['Filter failure: ', R.OTHER_FILTER],
];

const withMessages = (code: number, messages: readonly (readonly [string, RejectReason])[]): Rule[] =>
  messages.map(([message, reason]) => refused(code, reason, message));

/**
 * Client order ids are never used twice, so a duplicate proves that an order of this id is open: ours, sent once and
 * delivered twice. It is asked about, not given up.
 */
const duplicate = (code: number): Rule => ({
  code,
  reason: R.DUPLICATE_ORDER,
  refused: false,
  message: 'Duplicate order sent',
});

const RULES: readonly Rule[] = [
  unknown(-1000),
  unknown(-1001),
  refused(-1002, R.PERMISSION_DENIED),
  refused(-1003, R.BANNED, 'Way too much request weight used; IP banned'),
  refused(-1003, R.RATE_LIMITED),
  unknown(-1006),
  unknown(-1007),
  refused(-1008, R.VENUE_BUSY),
  duplicate(-1010),
  ...withMessages(-1010, ENGINE_MESSAGES),
  refused(-1010, R.UNKNOWN),
  ...withMessages(-1013, FILTER_MESSAGES),
  ...withMessages(
    -1013,
    ENGINE_MESSAGES.filter(([message]) => !message.startsWith('Filter')),
  ),
  refused(-1013, R.BAD_PARAMETER),
  refused(-1014, R.BAD_PARAMETER),
  refused(-1015, R.RATE_LIMITED),
  refused(-1016, R.VENUE_BUSY),
  refused(-1020, R.BAD_PARAMETER),
  refused(-1021, R.CLOCK_SKEW),
  refused(-1022, R.BAD_SIGNATURE),
  refused(-1034, R.RATE_LIMITED),
  ...[-1100, -1101, -1102, -1103, -1104, -1105, -1106, -1108].map((code) => refused(code, R.BAD_PARAMETER)),
  refused(-1111, R.BAD_PRECISION),
  refused(-1112, R.NO_LIQUIDITY),
  ...[-1114, -1115, -1116, -1117, -1118, -1119].map((code) => refused(code, R.BAD_PARAMETER)),
  refused(-1121, R.BAD_SYMBOL),
  refused(-1122, R.BAD_SYMBOL),
  ...[-1128, -1130, -1134, -1135, -1145, -1194].map((code) => refused(code, R.BAD_PARAMETER)),
  refused(-1220, R.MARKET_CLOSED),
  duplicate(-2010),
  ...withMessages(-2010, ENGINE_MESSAGES),
  refused(-2010, R.UNKNOWN),
  ...withMessages(-2011, ENGINE_MESSAGES),
  refused(-2011, R.UNKNOWN),
  refused(-2013, R.UNKNOWN_ORDER),
  refused(-2014, R.BAD_API_KEY),
  refused(-2015, R.BAD_API_KEY),
  refused(-2016, R.MARKET_CLOSED),
  refused(-2026, R.UNKNOWN_ORDER),
  refused(-2039, R.UNKNOWN_ORDER),
];

const byCode = new Map<number, Rule[]>();
for (const rule of RULES) {
  const rules = byCode.get(rule.code);
  if (rules === undefined) byCode.set(rule.code, [rule]);
  else rules.push(rule);
}

const OUTCOME_UNKNOWN: Verdict = { reason: R.OUTCOME_UNKNOWN, refused: false };

/** Statuses that decide whatever the code says. */
function byStatus(status: number): Verdict | undefined {
  if (status === 418) return { reason: R.BANNED, refused: true };
  // Not in the 4xx range: the venue's own trouble (5xx), or nothing an API answers with. 408: it gave up waiting.
  // 409: half of a request was done.
  if (status < 400 || status >= 500 || status === 408 || status === 409) return OUTCOME_UNKNOWN;
  return undefined;
}

/**
 * The meaning of a failed request: HTTP (or WebSocket API) `status`, error `code` (0 when the body had none) and message.
 * "5XX: execution status is UNKNOWN and could have been a success" (rest-api.md) outranks every code.
 */
export function verdictOf(status: number, code: number, message: string): Verdict {
  const decided = byStatus(status);
  if (decided !== undefined) return decided;
  for (const rule of byCode.get(code) ?? []) {
    if (rule.message === undefined || message.startsWith(rule.message)) return rule;
  }
  if (status === 429) return { reason: R.RATE_LIMITED, refused: true };
  if (status === 401) return { reason: R.BAD_API_KEY, refused: true };
  if (status === 403) return { reason: R.PERMISSION_DENIED, refused: true };
  return { reason: R.UNKNOWN, refused: true };
}

/** Reasons that no later attempt with the same key will overcome. */
export function isCredentialFault(reason: RejectReason): boolean {
  return reason === R.BAD_API_KEY || reason === R.BAD_SIGNATURE || reason === R.PERMISSION_DENIED;
}

/** {@link RULES} as the Markdown page `docs/venues/binance-errors.md`. */
export function errorTableMarkdown(): string {
  const rows = RULES.map(
    ({ code, message, reason, refused }) =>
      `| ${code} | ${message === undefined ? 'any other' : `\`${message}\`…`} | ${nameOf(RejectReason, reason)} | ${refused ? 'refused' : 'unknown: the venue is asked'} |`,
  );
  return `${HEADER}\n${rows.join('\n')}\n`;
}

const HEADER = `# Binance errors

How the engine reads each Binance error code. Generated from \`engine/src/venues/binance/errors.ts\`
(\`errorTableMarkdown\`); a test fails when the two differ. Rows are tried from the top; the message is compared from its start.

The status goes first: 418 is BANNED; 5xx, 408, 409, a timeout and a lost connection mean that the outcome is unknown
whatever the code says; the table decides the rest. Codes not listed here: 429 is RATE_LIMITED, 401 BAD_API_KEY,
403 PERMISSION_DENIED, any other 4xx UNKNOWN; all of them refused.

| Code | Message | Reason | Outcome |
|---|---|---|---|`;
