import type { Clock, Logger, MetricRegistry } from '../../telemetry/index.js';

/** Base URLs, without a trailing slash: production, testnet or the simulator. */
export interface BinanceEndpoints {
  /** e.g. `https://api.binance.com` */
  readonly rest: string;
  /** e.g. `wss://stream.binance.com:9443` */
  readonly stream: string;
  /** e.g. `wss://ws-api.binance.com:443/ws-api/v3` */
  readonly wsApi: string;
}

/** An API key. `secret` is a PEM private key for Ed25519 and the secret text for HMAC. */
export interface BinanceCredentials {
  readonly apiKey: string;
  readonly kind: 'ed25519' | 'hmac';
  readonly secret: string;
}

export interface ReconnectOptions {
  /** Consecutive failed attempts before giving up; 0 = never give up. */
  readonly maxAttempts: number;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
}

export interface BinanceOptions {
  /** Dense index the engine gave this venue. */
  readonly venueIndex: number;
  readonly endpoints: BinanceEndpoints;
  /** Absent: public market data only. */
  readonly credentials?: BinanceCredentials;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricRegistry;
  /** Levels a side of the depth snapshot: 100, 500, 1000 or 5000. */
  readonly depthLimit: number;
  /** How late a signed request may arrive and still be executed. */
  readonly recvWindowMs: number;
  readonly restTimeoutMs: number;
  readonly reconnect: ReconnectOptions;
  readonly orderEntry: 'websocket' | 'rest';
  /** Called with `clock.nanos()` when a market data frame arrives, before it is decoded: the start of tick-to-trade. */
  readonly onFrame?: (receivedNs: number) => void;
  /** Called with `clock.nanos()` after an order's bytes were handed to the socket: its end. */
  readonly onSend?: (sentNs: number) => void;
}
