/**
 * Binance's error vocabulary: each code with its HTTP status and its exact wording, written once. Source:
 * binance-spot-api-docs errors.md, and rest-api.md "HTTP Return Codes".
 */

/** What a failed request is answered with, over REST and the WebSocket API alike. */
export class VenueError extends Error {
  override readonly name = 'VenueError';
  readonly status: number;
  readonly code: number;
  /** Extra payload: the two halves of a cancel-replace, or `{serverTime, retryAfter}` on rate limits. */
  readonly data: object | undefined;
  /** Seconds, for the `Retry-After` header of a 429 or 418. */
  readonly retryAfter: number | undefined;

  constructor(
    status: number,
    code: number,
    message: string,
    extra: { data?: object; retryAfter?: number } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.data = extra.data;
    this.retryAfter = extra.retryAfter;
  }

  /** The body over REST, where the time to wait is in the `Retry-After` header alone. */
  restBody(): { code: number; msg: string; data?: object } {
    return this.retryAfter === undefined ? this.body() : { code: this.code, msg: this.message };
  }

  /** The JSON body: `{code, msg}` plus `data` where Binance has it. */
  body(): { code: number; msg: string; data?: object } {
    return this.data === undefined
      ? { code: this.code, msg: this.message }
      : { code: this.code, msg: this.message, data: this.data };
  }
}

const bad = (code: number, message: string) => new VenueError(400, code, message);

export const errors = {
  unknown: () => new VenueError(500, -1000, 'An unknown error occurred while processing the request.'),
  timeout: (status = 504) =>
    new VenueError(
      status,
      -1007,
      'Timeout waiting for response from backend server. Send status unknown; execution status unknown.',
    ),
  busy: () =>
    new VenueError(
      503,
      -1008,
      'Server is currently overloaded with other requests. Please try again in a few minutes.',
    ),
  tooMuchWeight: (limit: number, interval: string, retryAfter: number, data: object) =>
    new VenueError(
      429,
      -1003,
      `Too much request weight used; current limit is ${limit} request weight per ${interval}. ` +
        'Please use WebSocket Streams for live updates to avoid polling the API.',
      { retryAfter, data },
    ),
  tooManyRequests: (limit: number, interval: string, retryAfter: number, data: object) =>
    new VenueError(
      429,
      -1003,
      `Too many requests; current limit is ${limit} requests per ${interval}. ` +
        'Please use WebSocket Streams for live updates to avoid polling the API.',
      { retryAfter, data },
    ),
  banned: (untilMs: number, retryAfter: number, data: object) =>
    new VenueError(
      418,
      -1003,
      `Way too much request weight used; IP banned until ${untilMs}. ` +
        'Please use WebSocket Streams for live updates to avoid bans.',
      { retryAfter, data },
    ),
  tooManyOrders: (limit: number, interval: string, retryAfter: number, data: object) =>
    new VenueError(429, -1015, `Too many new orders; current limit is ${limit} orders per ${interval}.`, {
      retryAfter,
      data,
    }),
  tooManyConnections: (limit: number, interval: string) =>
    new VenueError(
      429,
      -1034,
      `Too many connection attempts from IP; current limit is ${limit} per '${interval}'.`,
    ),

  staleTimestamp: () => bad(-1021, 'Timestamp for this request is outside of the recvWindow.'),
  futureTimestamp: () => bad(-1021, "Timestamp for this request was 1000ms ahead of the server's time."),
  badSignature: () => bad(-1022, 'Signature for this request is not valid.'),
  malformedApiKey: () => new VenueError(401, -2014, 'API-key format invalid.'),
  rejectedApiKey: () => new VenueError(401, -2015, 'Invalid API-key, IP, or permissions for action.'),

  illegalChars: (name: string, legal: string) =>
    bad(-1100, `Illegal characters found in parameter '${name}'; legal range is '${legal}'.`),
  tooManyParameters: (expected: number, received: number) =>
    bad(-1101, `Too many parameters; expected '${expected}' and received '${received}'.`),
  duplicateParameter: () => bad(-1101, 'Duplicate values for a parameter detected.'),
  mandatory: (name: string) =>
    bad(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`),
  eitherMandatory: (one: string, other: string) =>
    bad(-1102, `Param '${one}' or '${other}' must be sent, but both were empty/null!`),
  tooGreat: (name: string, maximum: number) =>
    bad(-1102, `'${name}' contains unexpected value. Cannot be greater than ${maximum}.`),
  unreadParameters: (read: number, sent: number) =>
    bad(-1104, `Not all sent parameters were read; read '${read}' parameter(s) but was sent '${sent}'.`),
  emptyParameter: (name: string) => bad(-1105, `Parameter '${name}' was empty.`),
  notRequired: (name: string) => bad(-1106, `Parameter '${name}' sent when not required.`),
  overflow: (name: string) => bad(-1108, `Parameter '${name}' overflowed.`),
  tooMuchPrecision: (name: string) => bad(-1111, `Parameter '${name}' has too much precision.`),
  badTimeInForce: () => bad(-1115, 'Invalid timeInForce.'),
  badOrderType: () => bad(-1116, 'Invalid orderType.'),
  badSide: () => bad(-1117, 'Invalid side.'),
  badInterval: () => bad(-1120, 'Invalid interval.'),
  badSymbol: () => bad(-1121, 'Invalid symbol.'),
  badSymbolStatus: () => bad(-1122, 'Invalid symbolStatus.'),
  gone: () => new VenueError(410, -1016, 'This service is no longer available.'),
  badListenKey: () => bad(-1125, 'This listenKey does not exist.'),
  lookupTooLong: (hours: number) => bad(-1127, `More than ${hours} hours between startTime and endTime.`),
  badCombination: () => bad(-1128, 'Combination of optional parameters invalid.'),
  invalidData: (name: string) => bad(-1130, `Data sent for parameter '${name}' is not valid.`),
  badStrategyType: () => bad(-1134, '`strategyType` was less than 1000000.'),
  invalidJson: () => bad(-1135, 'Invalid JSON Request'),
  invalidJsonParameter: (name: string) => bad(-1135, `JSON sent for parameter '${name}' is not valid`),
  badTickerType: () => bad(-1139, 'Invalid ticker type.'),
  badCancelRestrictions: () => bad(-1145, 'Invalid cancelRestrictions'),
  duplicateSymbols: () => bad(-1151, 'Symbol is present multiple times in the list.'),
  badTimeUnit: () => bad(-1194, 'Invalid value for time unit; expected either MICROSECOND or MILLISECOND.'),
  statusMismatch: () => bad(-1220, "The symbol's status does not match the requested symbolStatus."),

  filterFailure: (filter: string) => bad(-1013, `Filter failure: ${filter}`),
  refusedMessage: (message: string) => bad(-1013, message),
  orderRejected: (message: string) => bad(-2010, message),
  cancelRejected: (message: string) => bad(-2011, message),
  unknownOrderSent: () => bad(-2011, 'Unknown order sent.'),
  noSuchOrder: () => bad(-2013, 'Order does not exist.'),
  amendRejected: (message: string) => bad(-2038, message),
  badClientOrderId: () => bad(-2039, 'Client order ID is not correct for this order ID.'),
  cancelReplacePartial: (status: number, data: object) =>
    new VenueError(status, -2021, 'Order cancel-replace partially failed.', { data }),
  cancelReplaceFailed: (status: number, data: object) =>
    new VenueError(status, -2022, 'Order cancel-replace failed.', { data }),
  subscriptionActive: () => bad(-2035, 'User Data Stream subscription already active.'),
  subscriptionInactive: () => bad(-2036, 'User Data Stream subscription not active.'),
  subscriptionLimit: () => bad(-2042, 'Maximum subscription ID reached for this connection.'),
} as const;
