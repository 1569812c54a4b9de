import type { Logger } from '../../telemetry/index.js';
import { Backoff } from '../backoff.js';
import { CredentialError } from './auth.js';
import type { ReconnectOptions } from './options.js';
import { type Heartbeat, type OpenSocket, WsApiConnection } from './ws-api-connection.js';

export interface SessionOptions {
  /** For the log. */
  readonly name: string;
  readonly url: string;
  readonly reconnect: ReconnectOptions;
  readonly heartbeat: Heartbeat;
  /** Age at which a connection is replaced, milliseconds. */
  readonly lifetimeMs: number;
  readonly logger: Logger;
  /** Logs on and subscribes; rejects when the connection cannot be used. */
  readonly authenticate: (connection: WsApiConnection) => Promise<void>;
  readonly onFrame: (connection: WsApiConnection, frame: Buffer) => void;
  /** `seamless`: the connection it replaces is still up, nothing was missed. */
  readonly onReady: (seamless: boolean) => void;
  /** There is no usable connection any more. */
  readonly onDown: (why: string) => void;
  /** The venue refused to be connected to. */
  readonly onRefused: (status: number, retryAfterMs: number) => void;
  /** Nobody trades over it yet: it is tried for ever. */
  readonly standsBy: () => boolean;
  /** Milliseconds during which the venue wants to hear nothing from us. */
  readonly holdOffMs: () => number;
  /** A connection (usable or not) ended: what was in flight on it will not be answered. */
  readonly onLost: (connectionNumber: number) => void;
  /** How sockets are opened, when not over the network. */
  readonly openSocket?: OpenSocket | undefined;
}

/** How long a replaced connection is kept for answers still on their way. */
const DRAIN_MS = 5_000;
/** A connection that was of use, or stood ready to be, for this long ends a run of failed attempts. */
const STABLE_MS = 10_000;
let connections = 0;

/**
 * Keeps one authenticated connection to the WebSocket API: reconnects with backoff when it breaks, and replaces it (the
 * new one is up before the old one goes) before its 24 hours end or when the server announces a shutdown.
 */
export class WsApiSession {
  readonly #options: SessionOptions;
  readonly #backoff: Backoff;
  #current: WsApiConnection | undefined;
  /** Since when it has been in use, monotonic. */
  #currentSinceMs = 0;
  #candidate: WsApiConnection | undefined;
  /** Since when it has been open, monotonic; Infinity before that. */
  #candidateSinceMs = Number.POSITIVE_INFINITY;
  #retry: NodeJS.Timeout | undefined;
  #lifetime: NodeJS.Timeout | undefined;
  #stopped = true;
  /** Who waits for a connection. */
  #waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  readonly #all = new Set<WsApiConnection>();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.reconnect);
  }

  /** The connection in use; undefined while there is none. */
  get connection(): WsApiConnection | undefined {
    return this.#current;
  }

  /** It is in use, or will be once it is authenticated. */
  holds(connection: WsApiConnection): boolean {
    return connection === this.#current || connection === this.#candidate;
  }

  /**
   * Resolves once a connection is authenticated. Rejects on refused credentials, after the last attempt, or when stopped.
   * Called again, it ends a wait before the next attempt, unless the venue asked for that.
   */
  start(): Promise<void> {
    this.#stopped = false;
    if (this.#current !== undefined) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (this.#candidate !== undefined) return;
      this.#backoff.reset();
      this.#connectAfter(this.#options.holdOffMs());
    });
  }

  /** Hands `frame` to the connection in use; its number, or 0 when nothing was sent. */
  send(frame: Uint8Array): number {
    const connection = this.#current;
    return connection?.send(frame) === true ? connection.number : 0;
  }

  /** Replaces the connection in use without a gap. */
  replace(why: string): void {
    if (this.#stopped || this.#candidate !== undefined || this.#current === undefined) return;
    this.#options.logger.info('replacing the session', { session: this.#options.name, why });
    this.#connect();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#lifetime);
    this.#refuse(new Error(`binance: the ${this.#options.name} session was stopped before it was up`));
    const open = [...this.#all];
    for (const connection of open) connection.close('stopped');
    const deadline = Date.now() + 1_500;
    while (this.#all.size > 0 && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 5));
  }

  #connect(): void {
    const { url, heartbeat, openSocket } = this.#options;
    const handlers = {
      onOpen: (opened: WsApiConnection) => {
        this.#authenticate(opened).catch((error: unknown) => this.#refused(opened, error));
      },
      onFrame: this.#options.onFrame,
      onRefused: this.#options.onRefused,
      onClose: (closed: WsApiConnection, why: string) => this.#closed(closed, why),
    };
    const connection = new WsApiConnection(url, ++connections, heartbeat, handlers, openSocket);
    this.#candidate = connection;
    this.#candidateSinceMs = Number.POSITIVE_INFINITY;
    this.#all.add(connection);
  }

  async #authenticate(connection: WsApiConnection): Promise<void> {
    this.#candidateSinceMs = performance.now();
    await this.#options.authenticate(connection);
    if (this.#stopped || !connection.open || connection !== this.#candidate) {
      connection.close('no longer wanted');
      return;
    }
    const old = this.#current;
    this.#current = connection;
    this.#candidate = undefined;
    this.#currentSinceMs = performance.now();
    clearTimeout(this.#lifetime);
    this.#lifetime = setTimeout(() => this.replace('planned'), this.#options.lifetimeMs);
    this.#lifetime.unref();
    if (old !== undefined) setTimeout(() => old.close('replaced'), DRAIN_MS).unref();
    this.#options.onReady(old !== undefined);
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  #refused(connection: WsApiConnection, error: unknown): void {
    const { logger, name } = this.#options;
    // Gone already: why, that has been told.
    if (!this.#all.has(connection)) return;
    logger.error('could not log on', { session: name, error: String(error) });
    if (error instanceof CredentialError && this.#waiting.length > 0) {
      this.#stopped = true;
      this.#refuse(error);
    }
    connection.terminate('could not log on');
  }

  #closed(connection: WsApiConnection, why: string): void {
    this.#all.delete(connection);
    const wasCandidate = connection === this.#candidate;
    const wasCurrent = connection === this.#current;
    if (wasCandidate) this.#candidate = undefined;
    if (wasCurrent) this.#current = undefined;
    this.#options.onLost(connection.number);
    const sinceMs = wasCurrent ? this.#currentSinceMs : this.#candidateSinceMs;
    if ((wasCurrent || wasCandidate) && performance.now() - sinceMs >= STABLE_MS) this.#backoff.reset();
    if (wasCurrent) {
      clearTimeout(this.#lifetime);
      if (!this.#stopped) this.#options.logger.warn('session lost', { session: this.#options.name, why });
      this.#options.onDown(why);
    }
    if (!this.#stopped && (wasCandidate || wasCurrent) && this.#candidate === undefined)
      this.#retryLater(why);
  }

  #retryLater(why: string): void {
    const { logger, name } = this.#options;
    const delay = this.#backoff.next(!this.#options.standsBy());
    if (delay < 0) {
      logger.error('giving up on the session', { session: name, attempts: this.#backoff.attempts, why });
      this.#refuse(new Error(`binance: no ${name} session: ${why}`));
      return;
    }
    const wait = Math.max(delay, this.#options.holdOffMs());
    logger.info('connecting again', { session: name, why, delayMs: wait });
    this.#connectAfter(wait);
  }

  #connectAfter(waitMs: number): void {
    clearTimeout(this.#retry);
    if (waitMs <= 0) {
      this.#connect();
      return;
    }
    this.#retry = setTimeout(() => {
      if (!this.#stopped && this.#candidate === undefined) this.#connect();
    }, waitMs);
  }

  #refuse(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
