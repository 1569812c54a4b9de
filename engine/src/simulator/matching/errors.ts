/** Why the exchange refused a request. A protocol face maps it to its venue's codes and words. */
export type ExchangeErrorCode =
  /** A field is missing, of the wrong sign or not legal with the order type; `message` names it. */
  | 'INVALID_REQUEST'
  | 'UNKNOWN_SYMBOL'
  | 'UNKNOWN_ACCOUNT'
  /** The symbol is not trading. */
  | 'MARKET_CLOSED'
  /** `filter` says which. */
  | 'FILTER'
  | 'INSUFFICIENT_BALANCE'
  /** The client order id is in use by an open order of the account. */
  | 'DUPLICATE_ORDER'
  /** A post-only order would match at once. */
  | 'WOULD_TAKE'
  /** A stop's trigger price is already reached. */
  | 'WOULD_TRIGGER'
  /** Cancel, amend: no such open order. Query: no such order in the retained history. */
  | 'UNKNOWN_ORDER'
  /** Cancel: both ids were given and name different orders. */
  | 'ORDER_MISMATCH'
  /** Cancel: the order's status is not the one the restriction asks for. */
  | 'CANCEL_RESTRICTED'
  /** Amend: only a lower quantity, still above what is filled, is legal. */
  | 'AMEND_NOT_LOWER'
  /** Amend: the new quantity is the present one. */
  | 'AMEND_NO_CHANGE';

/** Names of filters as Binance prints them. */
export type FilterName =
  | 'PRICE_FILTER'
  | 'LOT_SIZE'
  | 'MARKET_LOT_SIZE'
  | 'MIN_NOTIONAL'
  | 'NOTIONAL'
  | 'PERCENT_PRICE_BY_SIDE'
  | 'MAX_NUM_ORDERS'
  | 'MAX_NUM_ALGO_ORDERS'
  | 'MAX_NUM_ICEBERG_ORDERS'
  | 'ICEBERG_PARTS'
  | 'MAX_POSITION'
  | 'MAX_NUM_ORDER_AMENDS';

/** A refusal, as data: refusals are everyday answers, not exceptions. `message` is in Binance's words where it has any. */
export interface ExchangeError {
  readonly code: ExchangeErrorCode;
  readonly message: string;
  readonly filter?: FilterName;
}

const MESSAGES: Readonly<Record<Exclude<ExchangeErrorCode, 'INVALID_REQUEST' | 'FILTER'>, string>> = {
  UNKNOWN_SYMBOL: 'Invalid symbol.',
  UNKNOWN_ACCOUNT: 'This account may not place or cancel orders.',
  MARKET_CLOSED: 'Market is closed.',
  INSUFFICIENT_BALANCE: 'Account has insufficient balance for requested action.',
  DUPLICATE_ORDER: 'Duplicate order sent.',
  WOULD_TAKE: 'Order would immediately match and take.',
  WOULD_TRIGGER: 'Stop price would trigger immediately.',
  UNKNOWN_ORDER: 'Unknown order sent.',
  ORDER_MISMATCH: 'Cancel order is invalid. Check origClOrdId and orderId.',
  CANCEL_RESTRICTED: 'Order was not canceled due to cancel restrictions.',
  AMEND_NOT_LOWER: 'Order amend (quantity increase) is not supported.',
  AMEND_NO_CHANGE: 'The requested action would change no state; rejecting.',
};

/** @internal */
export function refusal(code: keyof typeof MESSAGES): ExchangeError {
  return { code, message: MESSAGES[code] };
}

/** @internal */
export function invalid(message: string): ExchangeError {
  return { code: 'INVALID_REQUEST', message };
}

/** @internal */
export function filterFailure(filter: FilterName): ExchangeError {
  return { code: 'FILTER', message: `Filter failure: ${filter}`, filter };
}
