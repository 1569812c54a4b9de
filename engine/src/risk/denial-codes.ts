import { DenialReason } from '../domain/index.js';

/** What a denial means and what a person does about it. */
export interface DenialCode {
  readonly meaning: string;
  readonly action: string;
}

type Code = keyof typeof DenialReason;

/** Every denial reason, for `docs/denial-codes.md`; that page is generated from this table. */
export const DENIAL_CODES: Readonly<Record<Code, DenialCode>> = {
  NONE: { meaning: 'The order passed every check.', action: 'Nothing.' },
  INSTRUMENT_NOT_FOUND: {
    meaning: 'The instrument index is not defined.',
    action: 'Fix the strategy: use the index it was given in `onInstrument`.',
  },
  INVALID_ORDER_SIDE: { meaning: 'The side is neither buy nor sell.', action: 'Fix the strategy.' },
  UNSUPPORTED_ORDER_TYPE: {
    meaning: 'The order type is unknown, or post-only is asked of a type that cannot be.',
    action: 'Fix the strategy: post-only goes with limit orders alone.',
  },
  UNSUPPORTED_TIME_IN_FORCE: {
    meaning: 'The time in force is unknown, or post-only is combined with IOC or FOK.',
    action: 'Fix the strategy: post-only orders are GTC.',
  },
  PRICE_NOT_POSITIVE: {
    meaning: 'The limit price is zero, negative or no integer of price units.',
    action: 'Fix the strategy.',
  },
  PRICE_NOT_ON_INCREMENT: {
    meaning: 'The limit price is not a multiple of the price increment.',
    action: 'Fix the strategy: round to `priceIncrement`.',
  },
  PRICE_BELOW_MINIMUM: {
    meaning: "The limit price is below the venue's minimum for the instrument.",
    action: 'Fix the strategy, or reload instruments if the venue has changed its rules.',
  },
  PRICE_EXCEEDS_MAXIMUM: {
    meaning: "The limit price is above the venue's maximum for the instrument.",
    action: 'Fix the strategy, or reload instruments if the venue has changed its rules.',
  },
  TRIGGER_PRICE_INVALID: {
    meaning: "The trigger price is missing, off the increment or outside the venue's bounds.",
    action: 'Fix the strategy.',
  },
  QUANTITY_NOT_ON_INCREMENT: {
    meaning: 'The quantity is not a multiple of the size increment.',
    action: 'Fix the strategy or `orderSize`: round to `sizeIncrement`.',
  },
  QUANTITY_BELOW_MINIMUM: {
    meaning: "The quantity is zero, negative or below the venue's minimum.",
    action: 'Raise the order size.',
  },
  QUANTITY_EXCEEDS_MAXIMUM: {
    meaning: "The quantity is above the venue's maximum or our `maxOrderQuantity`.",
    action: 'Lower the order size, or raise `maxOrderQuantity` after review.',
  },
  NOTIONAL_BELOW_MINIMUM: {
    meaning: "Price times quantity is below the venue's minimum order value.",
    action: 'Raise the order size.',
  },
  NOTIONAL_EXCEEDS_MAXIMUM: {
    meaning: "Price times quantity is above the venue's maximum order value.",
    action: 'Lower the order size.',
  },
  NOTIONAL_EXCEEDS_MAX_PER_ORDER: {
    meaning: 'Price times quantity is above our `maxOrderNotional`.',
    action: 'Lower the order size, or raise the limit after review.',
  },
  PRICE_COLLAR: {
    meaning:
      'The price is further from the middle of the book than `priceCollarBps`: a fat finger or a bad book.',
    action: 'Compare the book with the venue; then fix the strategy, or widen the collar after review.',
  },
  BOOK_INVALID: {
    meaning: 'The book is syncing, broken or has an empty side, so no price can be checked against it.',
    action: 'Wait for the resync; if it repeats, see the book fault counters and the connector log.',
  },
  BOOK_STALE: {
    meaning: 'The book has been silent for longer than its limit.',
    action: 'Check the market data connection; raise `staleAfter` only for a quiet instrument.',
  },
  POSITION_LIMIT: {
    meaning:
      'Position plus all open orders on that side, fills that the venue has not told yet, and this order would exceed `maxPosition`.',
    action: 'Wait for the inventory to shrink, or raise the limit after review.',
  },
  OPEN_ORDER_LIMIT: {
    meaning: 'The instrument already has `maxOpenOrders` open orders.',
    action: 'Cancel some; look for orders in flight that the venue does not answer.',
  },
  RATE_LIMIT_EXCEEDED: {
    meaning:
      'New orders come faster than `orderRate` allows; or it waited for its turn to leave for longer than `journal.maxHoldMs`.',
    action: "Slow the strategy (reprice interval, threshold), or raise the rate within the venue's budget.",
  },
  NOTIONAL_EXCEEDS_FREE_BALANCE: {
    meaning: 'The free balance, less what our orders in flight will lock, does not cover the order.',
    action: 'Fund the account, lower the order size, or cancel orders that lock the balance.',
  },
  TRADING_HALTED: {
    meaning: 'Trading is halted by an operator or the circuit breaker; only cancels pass.',
    action: 'Find out why from the log; when that is settled, `tradewind resume --why ...`.',
  },
  TRADING_STATE_REDUCING: {
    meaning: 'Only orders that shrink a position are allowed, and this one might grow it.',
    action: 'Nothing while reducing; set the trading state to active to end it.',
  },
  STREAM_RECONCILING: {
    meaning: "The venue's orders are being reconciled after a reconnect.",
    action: 'Wait; if it lasts, see the connector log.',
  },
  VENUE_DISCONNECTED: {
    meaning: "The venue's order channel or private stream is not up.",
    action: "Wait for the reconnect; if it lasts, check the network and the venue's status page.",
  },
  DAILY_LOSS_LIMIT: {
    meaning: 'The net loss since 00:00 UTC reached `maxDailyLoss`; trading is halted until resumed.',
    action: 'Review the day; `tradewind resume` starts a new budget from the current equity.',
  },
  DRAWDOWN_LIMIT: {
    meaning: 'Net profit fell by `maxDrawdown` from its peak; trading is halted until resumed.',
    action: 'Review the strategy; `tradewind resume` starts a new peak at the current equity.',
  },
  CAPITAL_LIMIT: {
    meaning: 'Positions with every open order filled would be worth more than `capital`.',
    action: 'Wait for inventory to shrink, or raise the capital after review.',
  },
  SELF_TRADE: {
    meaning: 'The order would trade against one of our own open orders.',
    action: 'Cancel the other side first; look for a stale order that was not cancelled.',
  },
  DUPLICATE_ORDER: {
    meaning: 'An order with this client order id, or a later one, has already been approved.',
    action: 'A defect in order numbering: report it.',
  },
  VENUE_RATE_BUDGET: {
    meaning: "The venue's own rate budget is spent; the connector did not send the order.",
    action: 'Slow down; check for other users of the same account or address.',
  },
  SUBMIT_FAILED: {
    meaning: 'The order could not be written to the socket; it never reached the wire.',
    action: 'Check the order connection.',
  },
  INVALID_CLIENT_ORDER_ID: {
    meaning: 'The client order id is out of range or of another epoch.',
    action: 'Restart with a fresh epoch; report it if it repeats.',
  },
  JOURNAL_BACKLOG: {
    meaning:
      'The journal is further behind the trading thread than `journal.backlogBytes`: the disk is too slow.',
    action: 'Nothing while it catches up by itself; if it repeats, look at the disk and its other users.',
  },
  JOURNAL_FAILED: {
    meaning: 'The journal can not be written (full or failing disk), so that a new order could be forgotten.',
    action: 'Free or replace the disk; trading goes on by itself once the journal is written again.',
  },
  NOT_LEADER: {
    meaning: 'This process may not send: it does not hold the lease, or could not renew it in time.',
    action: 'See `tradewind ha status`: another process leads, or the lease store can not be reached.',
  },
  JOURNAL_TIMEOUT: {
    meaning:
      'The order waited for its record for longer than `journal.maxHoldMs` and was given up: a quote that late is stale.',
    action:
      'Look at the disk, the standby and the link to it; raise the bound only if late orders are still wanted.',
  },
};

/** `docs/denial-codes.md`, whole. */
export function renderDenialCodes(): string {
  const rows = Object.entries(DenialReason).map(([name, code]) => {
    const { meaning, action } = DENIAL_CODES[name as Code];
    return `| ${code} | \`${name}\` | ${meaning} | ${action} |`;
  });
  return `# Denial codes

An order is *denied* by us before it is sent, and *rejected* by a venue after. Each denial is recorded with one of these
codes, counted per code, and told to the strategy. Cancels are never denied.

The table is generated from \`engine/src/risk/denial-codes.ts\`; a test compares the two. To write it again:
\`TRADEWIND_WRITE_DOCS=1 npm test -- engine/test/risk\`.

| Code | Name | Meaning | What to do |
|---:|---|---|---|
${rows.join('\n')}
`;
}
