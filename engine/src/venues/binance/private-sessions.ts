import type { Logger } from '../../telemetry/index.js';
import type { AccountApi } from './account-api.js';
import { ApiDispatcher, type DispatcherOptions } from './api-dispatcher.js';
import type { Signer } from './auth.js';
import type { ExecutionMetrics } from './execution-metrics.js';
import type { BinanceLimits } from './limits.js';
import type { ResolvedOptions } from './options.js';
import type { Patience } from './patience.js';
import { SessionLogon } from './session-logon.js';
import type { TimeSync } from './time-sync.js';
import type { WsApiConnection } from './ws-api-connection.js';
import { WsApiSession } from './ws-api-session.js';

export interface PrivateSessionsOptions
  extends Pick<DispatcherOptions, 'onResponse' | 'onUnanswered' | 'onEvent' | 'onBroken'> {
  readonly options: ResolvedOptions;
  readonly signer: Signer;
  readonly limits: BinanceLimits;
  readonly time: TimeSync;
  readonly api: AccountApi;
  readonly patience: Patience;
  readonly metrics: ExecutionMetrics;
  readonly logger: Logger;
  /** User data is subscribed to. `seamless`: there was no time without. Not before {@link PrivateSessions.begin}. */
  readonly onReady: (seamless: boolean) => void;
  /** User data is not subscribed to any more. */
  readonly onDown: () => void;
}

/**
 * The authenticated sessions of one account: one for user data and, unless orders travel over REST, one for orders. Both are
 * logged on before anybody trades; user data is subscribed to from {@link begin} on.
 */
export class PrivateSessions {
  readonly dispatcher: ApiDispatcher;
  readonly logon: SessionLogon;
  readonly user: WsApiSession;
  /** Absent when orders travel over REST. */
  readonly orders: WsApiSession | undefined;
  readonly #options: PrivateSessionsOptions;
  readonly #ending = new AbortController();
  /** The venue's time and limits are known and both sessions told to connect. */
  #connecting: Promise<void> | undefined;
  #hasBegun = false;
  /** Prepared, and nobody waits for it to {@link connect}. */
  #standsBy = false;
  /** The connection for user data that has logged on and waits to subscribe. There is one: who is lost waits no more. */
  #waiting: { readonly connection: number; go(): void; fail(why: Error): void } | undefined;

  constructor(options: PrivateSessionsOptions) {
    this.#options = options;
    const { signer, limits, time, metrics } = options;
    const { clock, recvWindowMs, requestTimeoutMs, orderEntry } = options.options;
    const { onResponse, onUnanswered, onEvent, onBroken, onReady, onDown } = options;
    this.dispatcher = new ApiDispatcher({
      ...{ clock, limits, metrics, onResponse, onUnanswered, onEvent, onBroken },
      timeoutMs: requestTimeoutMs,
      nowMs: () => time.nowMs(),
    });
    const { dispatcher } = this;
    this.logon = new SessionLogon({ signer, limits, time, dispatcher, recvWindowMs });
    this.user = this.#session('user', {
      authenticate: (connection) => this.#subscribe(connection),
      onReady,
      onDown: () => {
        onDown();
        if (!this.stopping.aborted) metrics.reconnects.add(1);
      },
    });
    if (orderEntry === 'rest') return;
    this.orders = this.#session('orders', {
      authenticate: (connection) => this.logon.logOn(connection),
      onReady: () => metrics.fallback.set(0),
      onDown: () => {
        if (this.stopping.aborted) return;
        metrics.reconnects.add(1);
        metrics.fallback.set(1);
      },
    });
  }

  /** Aborted by {@link stop}. */
  get stopping(): AbortSignal {
    return this.#ending.signal;
  }

  /** Every session is logged on, and subscribed when it is to be. */
  get connected(): boolean {
    const user = this.user.connection !== undefined || this.#waiting !== undefined;
    return user && (this.orders === undefined || this.orders.connection !== undefined);
  }

  /** The session that `connection` is of now, in use or not yet. */
  using(connection: WsApiConnection): WsApiSession | undefined {
    return [this.user, this.orders].find((session) => session?.holds(connection));
  }

  /** Begins to connect, and tries for as long as nobody calls {@link connect}; what fails is told to the log. */
  prepare(symbols: readonly string[]): void {
    this.#standsBy = true;
    this.#connecting = this.#connect(symbols);
    this.#connecting.catch(() => {});
  }

  /** Resolves once the venue's time and limits are known: the sessions connect. Rejects after the last attempt. */
  async connect(symbols: readonly string[]): Promise<void> {
    const again = () => this.#connect(symbols);
    this.#standsBy = false;
    this.#connecting = this.#connecting?.catch(again) ?? again();
    await this.#connecting;
  }

  /** User data is subscribed to from here on. Resolves once both sessions are up. */
  async begin(): Promise<void> {
    this.#hasBegun = true;
    this.#waiting?.go();
    this.#waiting = undefined;
    await Promise.all([this.user.start(), this.orders?.start()]);
  }

  /** Ends all of it; nobody is told of anything any more once it resolves. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await Promise.all([this.user.stop(), this.orders?.stop()]);
    // Whoever waited for it is told that it failed; here it only has to be over.
    await this.#connecting?.catch(() => {});
    this.dispatcher.stop();
    this.#options.time.stop();
  }

  async #connect(symbols: readonly string[]): Promise<void> {
    const { options, time, limits, patience, api } = this.#options;
    const waiting = () => !this.#standsBy;
    await patience.persist(() => time.start(options.timeSyncIntervalMs), this.stopping, waiting);
    const exchange = await patience.persist(() => api.exchange(symbols), this.stopping, waiting);
    limits.configure(exchange.rateLimits);
    this.dispatcher.start();
    // Who waits for them is told; until then the sessions tell the log themselves.
    for (const session of [this.user, this.orders]) session?.start().catch(() => {});
  }

  async #subscribe(connection: WsApiConnection): Promise<void> {
    await this.logon.logOn(connection);
    await this.#untilBegun(connection.number);
    await this.logon.subscribe(connection);
  }

  /** Rejects when the connection is lost before that. */
  #untilBegun(connection: number): Promise<void> {
    if (this.#hasBegun) return Promise.resolve();
    return new Promise((go, fail) => {
      this.#waiting = { connection, go, fail };
    });
  }

  #lost(connection: number): void {
    this.dispatcher.lost(connection);
    if (this.#waiting?.connection !== connection) return;
    this.#waiting.fail(new Error('the connection was lost before it was of use'));
    this.#waiting = undefined;
  }

  #session(
    name: string,
    hooks: {
      authenticate: (connection: WsApiConnection) => Promise<void>;
      onReady: (seamless: boolean) => void;
      onDown: () => void;
    },
  ): WsApiSession {
    const { limits, options, logger } = this.#options;
    const { endpoints, reconnect, heartbeat, sessionLifetimeMs, openSocket } = options;
    return new WsApiSession({
      ...{ name, url: endpoints.wsApi, reconnect, heartbeat, openSocket, logger, ...hooks },
      lifetimeMs: sessionLifetimeMs,
      onFrame: (connection, frame) => this.dispatcher.receive(connection, frame),
      onLost: (connection) => this.#lost(connection),
      onRefused: (status, retryAfterMs) => limits.penalize(status, 0, retryAfterMs),
      standsBy: () => this.#standsBy,
      holdOffMs: () => limits.blockedForMs,
    });
  }
}
