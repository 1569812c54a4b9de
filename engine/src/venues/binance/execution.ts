import {
  type ApprovedOrder,
  ConnectionState,
  DenialReason,
  EventKind,
  type EventSink,
  type Instrument,
  type Order,
  VenueChannel,
} from '../../domain/index.js';
import type { Logger } from '../../telemetry/index.js';
import { Backoff } from '../backoff.js';
import type { ExecutionPort, VenueOpenOrder } from '../port.js';
import { AccountApi } from './account-api.js';
import { ApiDispatcher } from './api-dispatcher.js';
import type { Signer } from './auth.js';
import { EventOutlet } from './event-outlet.js';
import { type ExecutionMetrics, executionMetrics } from './execution-metrics.js';
import type { BinanceLimits } from './limits.js';
import type { ResolvedOptions } from './options.js';
import { OrderEncoder } from './order-encoder.js';
import { OrderGateway } from './order-gateway.js';
import { OrderRegistry } from './order-registry.js';
import { ownIdOf, Reconciler } from './reconciler.js';
import { BinanceApiError, type RestClient } from './rest-client.js';
import { RestOrders } from './rest-orders.js';
import { SessionLogon } from './session-logon.js';
import { SymbolIndex } from './symbol-index.js';
import type { TimeSync } from './time-sync.js';
import { UserStream, UserStreamAction } from './user-stream.js';
import type { WsApiConnection } from './ws-api-connection.js';
import { WsApiSession } from './ws-api-session.js';

/** Least time between two comparisons that undecodable messages cause. */
const RECONCILE_PACE_MS = 1_000;

/** What `execution.ts` shares with the rest of the venue. */
export interface ExecutionParts {
  readonly options: ResolvedOptions;
  readonly signer: Signer;
  readonly rest: RestClient;
  readonly limits: BinanceLimits;
  readonly time: TimeSync;
}

/** Everything that exists from `start` on, when the instruments are known. */
interface Running {
  readonly gateway: OrderGateway;
  readonly reconciler: Reconciler;
  readonly stream: UserStream;
  readonly dispatcher: ApiDispatcher;
  readonly logon: SessionLogon;
  readonly user: WsApiSession;
  readonly orders: WsApiSession | undefined;
}

/**
 * Order entry and the private stream of one Binance account: two authenticated sessions of the WebSocket API (one for
 * orders, one for user data, so that neither waits for the other), REST as the fallback, and reconciliation at every
 * point where something may have been missed.
 */
export class BinanceExecution implements ExecutionPort {
  readonly #parts: ExecutionParts;
  readonly #logger: Logger;
  readonly #metrics: ExecutionMetrics;
  readonly #registry = new OrderRegistry();
  readonly #outlet: EventOutlet;
  readonly #api: AccountApi;
  #running: Running | undefined;
  #stopped = false;
  /** Grows with every reason to compare with the venue: an older run then tells nothing. */
  #reconcileRun = 0;
  #reconciling: Promise<void> | undefined;
  #reconcileTimer: NodeJS.Timeout | undefined;
  /** No subscription to user data: a comparison now would miss what comes after it, so none may open trading. */
  #blind = true;
  #lastReconcileUs = 0;
  #audit: NodeJS.Timeout | undefined;

  constructor(parts: ExecutionParts) {
    this.#parts = parts;
    this.#logger = parts.options.logger.child({ venue: 'binance', channel: 'private' });
    this.#metrics = executionMetrics(parts.options.metrics);
    this.#outlet = new EventOutlet(parts.options.venueIndex, this.#registry, this.#metrics);
    this.#api = new AccountApi(parts.rest);
  }

  async start(instruments: readonly Instrument[], sink: EventSink): Promise<void> {
    const { options, time, limits } = this.#parts;
    if (this.#running !== undefined) throw new Error('binance: execution has already been started');
    this.#outlet.sink = sink;
    this.#stopped = false;
    this.#setChannels(ConnectionState.Connecting);
    const running = this.#assemble(instruments);
    this.#running = running;
    await this.#persist(() => time.start(options.timeSyncIntervalMs));
    const exchange = await this.#persist(() => this.#api.exchange(instruments.map(({ symbol }) => symbol)));
    limits.configure(exchange.rateLimits);
    running.dispatcher.start();
    this.#outlet.hold();
    await Promise.all([running.user.start(), running.orders?.start()]);
    await this.#reconciling;
    if (options.auditIntervalMs > 0) {
      this.#audit = setInterval(() => this.#runAudit(), options.auditIntervalMs);
      this.#audit.unref();
    }
  }

  submit(order: ApprovedOrder): void {
    if (this.#running === undefined) this.#notSent(order, true);
    else this.#running.gateway.submit(order);
  }

  cancel(order: Order): void {
    if (this.#running === undefined) this.#notSent(order, false);
    else this.#running.gateway.cancel(order);
  }

  query(order: Order): void {
    this.#running?.gateway.query(order);
  }

  async openOrders(): Promise<VenueOpenOrder[]> {
    const rows = await this.#api.openOrders();
    return rows.map(({ symbol, clientOrderId, orderId }) => ({
      symbol,
      clientOrderId,
      venueOrderId: String(orderId),
      own: ownIdOf(clientOrderId) !== undefined,
    }));
  }

  async cancelOpen(order: VenueOpenOrder): Promise<void> {
    if (!order.own || ownIdOf(order.clientOrderId) === undefined) {
      throw new Error(`binance: order ${order.venueOrderId} is not ours to cancel`);
    }
    await this.#api.cancel(order.symbol, Number(order.venueOrderId));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#outdate();
    clearInterval(this.#audit);
    const running = this.#running;
    if (running === undefined) return;
    running.gateway.stop();
    await Promise.all([running.user.stop(), running.orders?.stop()]);
    running.dispatcher.stop();
    this.#parts.time.stop();
    this.#running = undefined;
    this.#setChannels(ConnectionState.Down);
  }

  /** Not started, or stopped already. */
  #notSent({ epoch, sequence }: Order, submit: boolean): void {
    const base = { kind: EventKind.SendFailed, tsEvent: 0, tsInit: 0, epoch, sequence };
    this.#outlet.defer({ ...base, submit, reason: DenialReason.SUBMIT_FAILED });
  }

  #assemble(instruments: readonly Instrument[]): Running {
    const { options, signer, rest, limits, time } = this.#parts;
    const { clock } = options;
    const [registry, outlet, metrics, logger] = [this.#registry, this.#outlet, this.#metrics, this.#logger];
    const nowMs = () => time.nowMs();
    const symbols = new SymbolIndex(instruments);
    const venue = options.venueIndex;
    const stream = new UserStream({ venue, symbols, instruments, registry, outlet, metrics });
    const reconciler = new Reconciler({
      ...{ venue, instruments, api: this.#api, registry, outlet, metrics, logger, nowMs },
      recvWindowMs: options.recvWindowMs,
      notFoundMarginMs: options.notFoundMarginMs,
      adopt: options.adopt,
    });
    const dispatcher = new ApiDispatcher({
      ...{ clock, limits, metrics, nowMs },
      timeoutMs: options.requestTimeoutMs,
      onResponse: (request, decoder) => gateway.onResponse(request, decoder),
      onUnanswered: (request) => gateway.onUnanswered(request),
      onEvent: (connection, frame, start, end) => this.#event(connection, frame, start, end),
      onBroken: (connection, why, frame) => this.#broken(connection, why, frame),
    });
    const logon = new SessionLogon({ signer, limits, time, dispatcher, recvWindowMs: options.recvWindowMs });
    const user = this.#session('user', dispatcher, {
      authenticate: async (connection) => {
        await logon.logOn(connection);
        await logon.subscribe(connection);
      },
      onReady: (seamless) => {
        const blind = this.#blind;
        this.#blind = false;
        if (!seamless || blind) this.#reconcile('connected');
      },
      onDown: () => this.#userDown(),
    });
    const orders =
      options.orderEntry === 'rest'
        ? undefined
        : this.#session('orders', dispatcher, {
            authenticate: (connection) => logon.logOn(connection),
            onReady: () => metrics.fallback.set(0),
            onDown: () => {
              metrics.reconnects.add(1);
              metrics.fallback.set(1);
            },
          });
    const gateway = new OrderGateway({
      ...{ instruments, dispatcher, limits, registry, outlet, reconciler, clock, metrics, logger, nowMs },
      encoder: new OrderEncoder(instruments, options.recvWindowMs, signer.canLogOn ? undefined : signer),
      session: orders,
      rest: new RestOrders(rest),
      onClockSkew: () => this.#resyncClock(),
      onSend: options.onSend,
    });
    return { gateway, reconciler, stream, dispatcher, logon, user, orders };
  }

  #session(
    name: string,
    dispatcher: ApiDispatcher,
    hooks: {
      authenticate: (connection: WsApiConnection) => Promise<void>;
      onReady: (seamless: boolean) => void;
      onDown: () => void;
    },
  ): WsApiSession {
    const { limits, options } = this.#parts;
    const { endpoints, reconnect, heartbeat, sessionLifetimeMs } = options;
    return new WsApiSession({
      ...{ name, url: endpoints.wsApi, reconnect, heartbeat, ...hooks },
      lifetimeMs: sessionLifetimeMs,
      logger: this.#logger,
      onFrame: (connection, frame) => dispatcher.receive(connection, frame),
      onLost: (connection) => dispatcher.lost(connection),
      onRefused: (status, retryAfterMs) => limits.penalize(status, 0, retryAfterMs),
      holdOffMs: () => limits.blockedForMs,
    });
  }

  #event(connection: WsApiConnection, frame: Uint8Array, start: number, end: number): void {
    const running = this.#running;
    if (running === undefined) return;
    switch (running.stream.receive(frame, start, end)) {
      case UserStreamAction.None:
        return;
      case UserStreamAction.Reconcile:
        this.#undecodable('event', frame);
        return;
      case UserStreamAction.Resubscribe:
        if (connection === running.user.connection) this.#resubscribe(running, connection);
        return;
      case UserStreamAction.Replace:
        if (connection === running.user.connection) running.user.replace('the server is shutting down');
        if (connection === running.orders?.connection) running.orders.replace('the server is shutting down');
    }
  }

  /** What we cannot read may have been a fill: ask for the truth rather than ignore it. */
  #broken(connection: WsApiConnection, why: string, frame: Uint8Array): void {
    const running = this.#running;
    this.#undecodable(why, frame);
    // The error that belongs to no request: the session's key was revoked, so log on again.
    if (!why.startsWith('error 401') || running === undefined) return;
    if (connection === running.user.connection) running.user.restart('the session was revoked');
    if (connection === running.orders?.connection) running.orders.restart('the session was revoked');
  }

  #undecodable(why: string, frame: Uint8Array): void {
    this.#metrics.undecodable.add(1);
    this.#logger.error('undecodable private message', {
      why,
      bytes: frame.length,
      head: String.fromCharCode(...frame.subarray(0, 200)).replace(/("apiKey":")[^"]*/g, '$1[redacted]'),
    });
    if (!this.#blind) this.#reconcileSoon('undecodable message'); // Else one follows the subscription anyhow.
  }

  /** Whatever was under way is outdated at once; a flood of reasons still makes one comparison a second. */
  #reconcileSoon(why: string): void {
    this.#outdate();
    this.#enterReconciling();
    const sinceMs = (this.#parts.options.clock.nowUs() - this.#lastReconcileUs) / 1000;
    if (sinceMs >= RECONCILE_PACE_MS) this.#reconcile(why);
    else this.#reconcileTimer = setTimeout(() => this.#reconcile(why), RECONCILE_PACE_MS - sinceMs);
  }

  #resubscribe(running: Running, connection: WsApiConnection): void {
    this.#logger.warn('the user stream was terminated: subscribing again');
    this.#blind = true;
    this.#outdate();
    this.#enterReconciling();
    running.logon.subscribe(connection).then(
      () => {
        if (connection !== running.user.connection) return; // Replaced, and compared for, meanwhile.
        this.#blind = false;
        this.#reconcile('subscribed again');
      },
      (error: unknown) => {
        this.#logger.error('could not subscribe again', { error: String(error) });
        connection.terminate('could not subscribe again');
      },
    );
  }

  #userDown(): void {
    this.#blind = true;
    this.#outdate();
    this.#metrics.reconnects.add(1);
    this.#outlet.hold();
    if (!this.#stopped) this.#setChannels(ConnectionState.Connecting);
  }

  /** Neither a comparison under way nor one put off tells anything any more. */
  #outdate(): void {
    this.#reconcileRun++;
    clearTimeout(this.#reconcileTimer);
  }

  #enterReconciling(): void {
    this.#outlet.hold();
    this.#setChannels(ConnectionState.Reconciling);
  }

  /** Starts a comparison with the venue; one already running is outdated by it and tells nothing. */
  #reconcile(why: string): void {
    if (this.#stopped) return;
    const run = ++this.#reconcileRun;
    this.#lastReconcileUs = this.#parts.options.clock.nowUs();
    clearTimeout(this.#reconcileTimer);
    this.#enterReconciling();
    const previous = this.#reconciling ?? Promise.resolve();
    this.#reconciling = previous.then(() => this.#reconcileUntilDone(run, why));
  }

  async #reconcileUntilDone(run: number, why: string): Promise<void> {
    const aborted = () => run !== this.#reconcileRun || this.#stopped;
    const { reconnect } = this.#parts.options;
    const backoff = new Backoff({ ...reconnect, maxAttempts: 0 });
    while (!aborted()) {
      try {
        await this.#running!.reconciler.run(aborted);
        if (aborted()) return;
        this.#outlet.release();
        this.#setChannels(ConnectionState.Up);
        this.#logger.info('reconciled', { why, open: this.#registry.openCount });
        return;
      } catch (error) {
        this.#metrics.failedReconciles.add(1);
        this.#logger.error('reconciliation failed', { why, error: String(error) });
        this.#afterFailure(error);
        const wait = Math.max(backoff.next(), this.#parts.limits.blockedForMs);
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }

  #runAudit(): void {
    const run = this.#reconcileRun;
    if (this.#outlet.holding || this.#stopped || this.#running === undefined) return;
    this.#running.reconciler
      .audit(() => run !== this.#reconcileRun || this.#stopped || this.#outlet.holding)
      .catch((error: unknown) => {
        this.#metrics.failedReconciles.add(1);
        this.#logger.warn('audit failed', { error: String(error) });
        this.#afterFailure(error);
      });
  }

  #afterFailure(error: unknown): void {
    if (error instanceof BinanceApiError && error.venueCode === -1021) this.#resyncClock();
  }

  #resyncClock(): void {
    this.#metrics.clockRefusals.add(1);
    this.#logger.warn('the venue refused our clock: asking for its time');
    this.#parts.time.resync().catch((error: unknown) => {
      this.#logger.warn('could not ask the venue for its time', { error: String(error) });
    });
  }

  /** Repeats what must succeed before anything else can, unless the venue refuses our credentials. */
  async #persist<T>(attempt: () => Promise<T>): Promise<T> {
    const backoff = new Backoff(this.#parts.options.reconnect);
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        const delay = backoff.next();
        if (delay < 0 || this.#stopped) throw error;
        this.#logger.warn('the venue does not answer', { error: String(error), delayMs: delay });
        await new Promise((resolve) => setTimeout(resolve, Math.max(delay, this.#parts.limits.blockedForMs)));
      }
    }
  }

  /** Orders travel only while the private stream tells what becomes of them, so the two channels go together. */
  #setChannels(state: ConnectionState): void {
    this.#outlet.channel(VenueChannel.User, state);
    this.#outlet.channel(VenueChannel.Orders, state);
  }
}
