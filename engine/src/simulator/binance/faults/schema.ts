/**
 * The faults the venue can be told to commit, as validated JSON. Each is bounded: by `count` (applications), by
 * `durationMs`, or both. What is left out applies to everything.
 */
import { z } from 'zod';

const count = z.int().min(1).max(1_000_000).optional();
const durationMs = z.number().min(1).max(86_400_000).optional();
const symbol = z.string().min(1).max(20).optional();
const delayMs = z.number().min(0).max(600_000);
/** A WebSocket API method name (`order.place`); REST calls carry the name of the same method. */
const methods = z.array(z.string().min(1).max(64)).max(64).optional();
const channel = z.enum(['market', 'user', 'wsapi', 'all']);

/** On market frames; `stream` is the part after `@` up to the next one: `depth`, `bookTicker`, `trade`. */
const market = { symbol, stream: z.string().min(1).max(32).optional(), count, durationMs };
/** On requests; without `methods`, those that place, change or cancel orders. */
const request = { methods, count, durationMs };
/** On one order of an account: by venue id or client id; else the account's latest open order. */
const order = {
  account: z.string().min(1).max(64).optional(),
  symbol,
  orderId: z.int().min(1).optional(),
  clientOrderId: z.string().min(1).max(36).optional(),
};

export const faultSchema = z.discriminatedUnion('kind', [
  /** Events are made but never sent: a hole in the U/u chain when they are depth events. */
  z.strictObject({ kind: z.literal('gap'), ...market }),
  /** Events are sent twice. */
  z.strictObject({ kind: z.literal('duplicate'), ...market }),
  /** An event is sent after the next one of its stream. */
  z.strictObject({ kind: z.literal('reorder'), ...market }),
  /** Events are replaced with bytes that are not JSON. */
  z.strictObject({ kind: z.literal('corrupt'), ...market }),
  /** Events are cut in half. */
  z.strictObject({ kind: z.literal('truncate'), ...market }),
  /** Sockets are cut at once, without a close frame unless `clean`. */
  z.strictObject({ kind: z.literal('disconnect'), channel, clean: z.boolean().optional() }),
  /** Present sockets go silent: nothing is sent, read or ponged; then they are cut. */
  z.strictObject({ kind: z.literal('halfOpen'), channel, durationMs }),
  /** New connections (and with `all` also REST requests) are cut before they are answered. */
  z.strictObject({
    kind: z.literal('refuseConnections'),
    channel: z.enum(['market', 'wsapi', 'rest', 'all']),
    durationMs,
  }),
  /** Requests are executed at once and answered late. */
  z.strictObject({ kind: z.literal('slowAck'), delayMs, ...request }),
  /** Requests are executed and never answered; with `close` the connection is cut instead. */
  z.strictObject({ kind: z.literal('lostAck'), close: z.boolean().optional(), ...request }),
  /** Requests are neither executed nor answered; with `close` the connection is cut. */
  z.strictObject({ kind: z.literal('lostRequest'), close: z.boolean().optional(), ...request }),
  /** Requests are refused with 429 (-1003), as if the weight were spent. */
  z.strictObject({
    kind: z.literal('rateLimit'),
    retryAfterSeconds: z.int().min(1).max(86_400).optional(),
    ...request,
  }),
  /** Every request of every IP is refused with 418 (-1003) for `durationMs`. */
  z.strictObject({ kind: z.literal('ban'), durationMs: z.number().min(1).max(259_200_000) }),
  /** Requests are answered with a 5xx; `executed` says whether they happened. The body is -1007, or with `html` a proxy's page. */
  z.strictObject({
    kind: z.literal('serverError'),
    status: z.union([z.literal(500), z.literal(502), z.literal(503), z.literal(504)]).optional(),
    executed: z.boolean().optional(),
    html: z.boolean().optional(),
    ...request,
  }),
  /** The venue's clock is wrong by this much: server time, event times, and the recvWindow check. */
  z.strictObject({
    kind: z.literal('clockSkew'),
    offsetMs: z.number().min(-86_400_000).max(86_400_000),
    durationMs,
  }),
  /** New orders are refused with this code. */
  z.strictObject({
    kind: z.literal('reject'),
    code: z.int().min(-9_999).max(-1),
    message: z.string().min(1).max(200),
    status: z.int().min(400).max(499).optional(),
    symbol,
    count,
    durationMs,
  }),
  /**
   * User-stream events are held back: for `delayMs`, or (`drop`) for ever. `events` picks execution types (`TRADE`, ...)
   * or event names (`outboundAccountPosition`). A late fill after a cancel is this with `events: ["TRADE"]`.
   */
  z.strictObject({
    kind: z.literal('stallUserStream'),
    drop: z.boolean().optional(),
    delayMs: delayMs.optional(),
    events: z.array(z.string().min(1).max(32)).max(16).optional(),
    account: z.string().min(1).max(64).optional(),
    count,
    durationMs,
  }),
  /** Somebody trades against a resting order, behind the client's back; `quantity` in decimals, else all of it. */
  z.strictObject({ kind: z.literal('fill'), quantity: z.string().max(40).optional(), ...order }),
  /** The venue cancels an open order, behind the client's back. */
  z.strictObject({ kind: z.literal('cancel'), ...order }),
]);

/** A fault as asked for. */
export type Fault = z.infer<typeof faultSchema>;
export type FaultKind = Fault['kind'];

/** One fault, or several. */
export const faultRequestSchema = z.union([faultSchema, z.array(faultSchema).min(1).max(64)]);
