import type { Clock, Logger, MetricRegistry } from '../../telemetry/index.js';
import type { OpenSocket } from './ws-api-connection.js';

/** An API key. `secret` is a PEM private key (ed25519, rsa) or the secret text (hmac); held in memory only. */
export interface BinanceCredentials {
  readonly apiKey: string;
  readonly kind: 'ed25519' | 'hmac' | 'rsa';
  readonly secret: string;
}

/** Base URLs without a trailing slash. */
export interface BinanceEndpoints {
  /** E.g. `https://api.binance.com`. */
  readonly rest: string;
  /** E.g. `wss://stream.binance.com:9443`. */
  readonly stream: string;
  /** E.g. `wss://ws-api.binance.com:443/ws-api/v3`. */
  readonly wsApi: string;
}

export interface ReconnectOptions {
  /** 0 = for ever. */
  readonly maxAttempts: number;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
}

export interface BinanceOptions {
  /** Dense index of this venue; stamped on its events. */
  readonly venueIndex: number;
  readonly endpoints: BinanceEndpoints;
  /** Without them the venue has market data only. */
  readonly credentials?: BinanceCredentials;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricRegistry;
  /** Levels a side of the book snapshot; default 1000. */
  readonly depthLimit?: number;
  /** How long the venue may take to begin with a signed request, milliseconds, at most 60000; default 5000. */
  readonly recvWindowMs?: number;
  /** Default 10000: Binance itself gives up on a request after 10 s. */
  readonly restTimeoutMs?: number;
  readonly reconnect?: ReconnectOptions;
  /** How orders travel; `websocket` (the default) falls back to REST while its session is down. */
  readonly orderEntry?: 'websocket' | 'rest';
  /** Called before a market data frame is decoded, with the monotonic time it was read: tick-to-trade starts here. */
  readonly onFrame?: (receivedNs: number) => void;
  /** Called after the bytes of a new order or a cancel were handed to the socket. */
  readonly onSend?: (sentNs: number) => void;
  /**
   * Asked right before each write that places or cancels an order, on the way to the wire and without any wait in between.
   * False: it is not written, and the kernel hears SendFailed with NOT_LEADER. Questions pass. Must be cheap.
   */
  readonly maySend?: () => boolean;
  /** An order of ours under an epoch above ours has been seen: somebody else leads. Once for each epoch. */
  readonly onSuperseded?: (epoch: number) => void;
  /** After this long without an answer a request's outcome is unknown, milliseconds; default 5000. */
  readonly requestTimeoutMs?: number;
  /**
   * An order that the venue does not know is given up only when it still does not, asked `recvWindowMs` plus this after it was
   * sent; default 10000, for as long as the venue waits for its own matching engine to answer a request it took in.
   */
  readonly notFoundMarginMs?: number;
  /** How often a silent socket is pinged, and how long the pong may take; default 10000 and 5000 ms. */
  readonly heartbeat?: { readonly intervalMs: number; readonly timeoutMs: number };
  /** A session is replaced at this age, before Binance ends it at 24 h; default 23.5 h. */
  readonly sessionLifetimeMs?: number;
  /** How often open orders and fills are compared with the venue's lists; 0 = never; default 60000. */
  readonly auditIntervalMs?: number;
  /** How often the venue's clock is asked; default 30000. */
  readonly timeSyncIntervalMs?: number;
  /** How sockets of the WebSocket API are opened; simulations give their own. */
  readonly openSocket?: OpenSocket;
}

/** What is left out altogether when it is not given. */
type Optional = 'credentials' | 'onFrame' | 'onSend' | 'openSocket' | 'maySend' | 'onSuperseded';

/** Every option with its default filled in. */
export type ResolvedOptions = Required<Omit<BinanceOptions, Optional>> & Pick<BinanceOptions, Optional>;

/** Fills in the defaults; throws a RangeError naming an option that Binance would refuse. */
export function resolveOptions(options: BinanceOptions): ResolvedOptions {
  const resolved: ResolvedOptions = {
    depthLimit: 1000,
    recvWindowMs: 5_000,
    restTimeoutMs: 10_000,
    reconnect: { maxAttempts: 0, minDelayMs: 250, maxDelayMs: 30_000 },
    orderEntry: 'websocket',
    requestTimeoutMs: 5_000,
    notFoundMarginMs: 10_000,
    heartbeat: { intervalMs: 10_000, timeoutMs: 5_000 },
    sessionLifetimeMs: 23.5 * 3_600_000,
    auditIntervalMs: 60_000,
    timeSyncIntervalMs: 30_000,
    ...options,
  };
  const { recvWindowMs } = resolved;
  if (!(recvWindowMs > 0 && recvWindowMs <= 60_000)) {
    throw new RangeError(`binance: recvWindowMs must be above 0 and at most 60000, was ${recvWindowMs}`);
  }
  return resolved;
}
