import {
  type ApprovedOrder,
  ConnectionState,
  DenialReason,
  EventKind,
  type EventSink,
  type Instrument,
  type Order,
} from '../../domain/index.js';
import type { Logger } from '../../telemetry/index.js';
import type { ExecutionPort, ResumeState, VenueOpenOrder } from '../port.js';
import { systemTimers } from '../timers.js';
import { AccountApi } from './account-api.js';
import { ApiDispatcher } from './api-dispatcher.js';
import type { Signer } from './auth.js';
import { EventOutlet } from './event-outlet.js';
import { type ExecutionMetrics, executionMetrics } from './execution-metrics.js';
import type { BinanceLimits } from './limits.js';
import type { ResolvedOptions } from './options.js';
import { OrderClaims, ownIdOf } from './order-claims.js';
import { OrderEncoder } from './order-encoder.js';
import { OrderGateway } from './order-gateway.js';
import { type KnownOrder, OrderRegistry } from './order-registry.js';
import { Patience, stoppedEarly } from './patience.js';
import { ReconcileSchedule } from './reconcile-schedule.js';
import { Reconciler } from './reconciler.js';
import type { RestClient } from './rest-client.js';
import { RestOrders } from './rest-orders.js';
import { SessionLogon } from './session-logon.js';
import { SymbolIndex } from './symbol-index.js';
import type { TimeSync } from './time-sync.js';
import { UserStream, UserStreamAction } from './user-stream.js';
import type { WsApiConnection } from './ws-api-connection.js';
import { WsApiSession } from './ws-api-session.js';

/** What `execution.ts` shares with the rest of the venue. */
export interface ExecutionParts {
  readonly options: ResolvedOptions;
  readonly signer: Signer;
  readonly rest: RestClient;
  readonly limits: BinanceLimits;
  readonly time: TimeSync;
}

/** Everything that exists from `start` or `prepare` on, when the instruments are known. */
interface Running {
  readonly gateway: OrderGateway;
  readonly schedule: ReconcileSchedule;
  readonly stream: UserStream;
  readonly dispatcher: ApiDispatcher;
  readonly logon: SessionLogon;
  readonly user: WsApiSession;
  readonly orders: WsApiSession | undefined;
  /** Aborted by `stop`. */
  readonly stop: AbortController;
  /** Events are told and user data is subscribed to from here on. */
  readonly begin: () => void;
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
  readonly #claims: OrderClaims;
  readonly #outlet: EventOutlet;
  readonly #api: AccountApi;
  readonly #patience: Patience;
  #running: Running | undefined;
  #isStarted = false;
  /** The venue's time and limits are known and both sessions told to connect. */
  #connecting: Promise<void> | undefined;
  #starting: Promise<void> | undefined;

  constructor(parts: ExecutionParts) {
    this.#parts = parts;
    this.#logger = parts.options.logger.child({ venue: 'binance', channel: 'private' });
    this.#metrics = executionMetrics(parts.options.metrics);
    const { onSuperseded } = parts.options;
    const [registry, metrics, logger] = [this.#registry, this.#metrics, this.#logger];
    this.#claims = new OrderClaims({ registry, metrics, logger, onSuperseded });
    this.#outlet = new EventOutlet(parts.options.venueIndex, this.#registry, this.#metrics);
    this.#api = new AccountApi(parts.rest);
    this.#patience = new Patience({ reconnect: parts.options.reconnect, limits: parts.limits, logger });
  }

  /**
   * Asks for what holds for whoever trades here (time, limits), connects and logs on, and keeps that up until `start` or
   * `stop`. It subscribes to nothing, asks nothing about the account and tells nothing, and before `start` no order leaves.
   */
  prepare(instruments: readonly Instrument[]): void {
    if (this.#running !== undefined) return;
    const running = this.#open(instruments);
    this.#connecting = this.#connect(running, instruments);
    // Each attempt that failed was told of; `start` makes another.
    this.#connecting.catch(() => {});
  }

  async start(instruments: readonly Instrument[], sink: EventSink, resume?: ResumeState): Promise<void> {
    if (this.#isStarted) throw new Error('binance: execution has already been started');
    const restored = this.#resume(instruments, resume);
    this.#isStarted = true;
    this.#outlet.sink = sink;
    this.#outlet.channels(ConnectionState.Connecting);
    const running = this.#running ?? this.#open(instruments);
    this.#starting = this.#bringUp(running, instruments, restored);
    await this.#starting;
  }

  /** Takes over what an earlier run knew. Throws a RangeError naming what cannot be. */
  #resume(instruments: readonly Instrument[], resume: ResumeState | undefined): KnownOrder[] {
    this.#claims.resume = resume;
    if (resume === undefined) return [];
    const indexes = new Set(instruments.map(({ index }) => index));
    for (const index of indexes) {
      const last = resume.lastTradeIds[index] ?? '';
      if (last === '') continue;
      if (!/^\d{1,15}$/.test(last)) {
        throw new RangeError(`binance: resume.lastTradeIds[${index}] must be a trade id, was ${last}`);
      }
      this.#registry.resumeAfter(index, Number(last));
    }
    return resume.openOrders
      .filter(({ instrument }) => indexes.has(instrument))
      .map((order) => this.#registry.restore(order));
  }

  async #bringUp(
    running: Running,
    instruments: readonly Instrument[],
    restored: readonly KnownOrder[],
  ): Promise<void> {
    const { options, time } = this.#parts;
    const { stop, user, orders } = running;
    this.#patience.hurry();
    const again = () => this.#connect(running, instruments);
    await (this.#connecting?.catch(again) ?? again());
    // Nobody remembers when an earlier run sent them, only that it has stopped: a request of its last moment may still be
    // on its way, and counts as lost no sooner than the venue would refuse one sent now.
    for (const entry of restored) entry.sentMs = time.nowMs();
    this.#outlet.hold();
    running.begin();
    await Promise.all([user.start(), orders?.start()]);
    await running.schedule.settled;
    if (stop.signal.aborted) throw stoppedEarly();
    running.schedule.startAudits(options.auditIntervalMs);
  }

  #open(instruments: readonly Instrument[]): Running {
    this.#parts.rest.start();
    const running = this.#assemble(instruments, new AbortController());
    this.#running = running;
    return running;
  }

  async #connect(
    { stop, dispatcher, user, orders }: Running,
    instruments: readonly Instrument[],
  ): Promise<void> {
    const { options, time, limits } = this.#parts;
    const symbols = instruments.map(({ symbol }) => symbol);
    await this.#patience.persist(() => time.start(options.timeSyncIntervalMs), stop.signal);
    const exchange = await this.#patience.persist(() => this.#api.exchange(symbols), stop.signal);
    limits.configure(exchange.rateLimits);
    dispatcher.start();
    // Who waits for them is told; until then the sessions tell the log themselves.
    for (const session of [user, orders]) session?.start().catch(() => {});
  }

  submit(order: ApprovedOrder): void {
    if (this.#running === undefined || !this.#isStarted) this.#notSent(order, true);
    else this.#running.gateway.submit(order);
  }

  cancel(order: Order): void {
    if (this.#running === undefined || !this.#isStarted) this.#notSent(order, false);
    else this.#running.gateway.cancel(order);
  }

  query(order: Order): void {
    if (this.#isStarted) this.#running?.gateway.query(order);
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
    const { rest, time } = this.#parts;
    const running = this.#running;
    running?.stop.abort();
    if (running === undefined) {
      await rest.stop();
      return;
    }
    running.gateway.stop();
    await Promise.all([running.user.stop(), running.orders?.stop(), rest.stop()]);
    // Whoever called `start` is told that it failed; here it only has to be over.
    await Promise.allSettled([this.#connecting, this.#starting]);
    running.dispatcher.stop();
    time.stop();
    this.#running = undefined;
    this.#connecting = undefined;
    this.#isStarted = false;
    this.#outlet.channels(ConnectionState.Down);
  }

  /** Not started, or stopped already. */
  #notSent({ epoch, sequence }: Order, submit: boolean): void {
    const base = { kind: EventKind.SendFailed, tsEvent: 0, tsInit: 0, epoch, sequence };
    this.#outlet.defer({ ...base, submit, reason: DenialReason.SUBMIT_FAILED });
  }

  #assemble(instruments: readonly Instrument[], ending: AbortController): Running {
    const stop = ending.signal;
    let begin = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const { options, signer, rest, limits, time } = this.#parts;
    const { clock } = options;
    const [registry, outlet, metrics, logger] = [this.#registry, this.#outlet, this.#metrics, this.#logger];
    const [claims, timers] = [this.#claims, systemTimers];
    const nowMs = () => time.nowMs();
    const symbols = new SymbolIndex(instruments);
    const venue = options.venueIndex;
    const stream = new UserStream({ venue, symbols, instruments, registry, claims, outlet, metrics });
    const reconciler = new Reconciler({
      ...{ venue, instruments, api: this.#api, registry, claims, outlet, timers, metrics, logger, nowMs },
      recvWindowMs: options.recvWindowMs,
      notFoundMarginMs: options.notFoundMarginMs,
    });
    const onClockSkew = () => this.#resyncClock();
    const schedule = new ReconcileSchedule({
      ...{ reconciler, registry, outlet, limits, clock, timers, metrics, logger, onClockSkew, stop },
      reconnect: options.reconnect,
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
        await begun;
        await logon.subscribe(connection);
      },
      onReady: (seamless) => schedule.subscribed('connected', seamless),
      onDown: () => {
        schedule.blind();
        if (stop.aborted) return;
        metrics.reconnects.add(1);
        outlet.channels(ConnectionState.Connecting);
      },
    });
    const orders =
      options.orderEntry === 'rest'
        ? undefined
        : this.#session('orders', dispatcher, {
            authenticate: (connection) => logon.logOn(connection),
            onReady: () => metrics.fallback.set(0),
            onDown: () => {
              if (stop.aborted) return;
              metrics.reconnects.add(1);
              metrics.fallback.set(1);
            },
          });
    const gateway = new OrderGateway({
      ...{
        instruments,
        dispatcher,
        limits,
        registry,
        outlet,
        reconciler,
        clock,
        metrics,
        logger,
        nowMs,
        onClockSkew,
      },
      encoder: new OrderEncoder(instruments, options.recvWindowMs, signer.canLogOn ? undefined : signer),
      session: orders,
      rest: new RestOrders(rest),
      onSend: options.onSend,
      maySend: options.maySend,
    });
    return { gateway, schedule, stream, dispatcher, logon, user, orders, stop: ending, begin };
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
    const { endpoints, reconnect, heartbeat, sessionLifetimeMs, openSocket } = options;
    return new WsApiSession({
      ...{ name, url: endpoints.wsApi, reconnect, heartbeat, openSocket, ...hooks },
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
    if (running === undefined || !this.#isStarted) return;
    switch (running.stream.receive(frame, start, end)) {
      case UserStreamAction.None:
        return;
      case UserStreamAction.Reconcile:
        this.#undecodable('event', frame);
        return;
      case UserStreamAction.Adopt:
        running.schedule.missed('an order of ours that nobody here knows');
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
    this.#running?.schedule.missed('undecodable message');
  }

  #resubscribe(running: Running, connection: WsApiConnection): void {
    this.#logger.warn('the user stream was terminated: subscribing again');
    running.schedule.resubscribing();
    running.logon.subscribe(connection).then(
      () => {
        if (connection !== running.user.connection) return; // Replaced, and compared for, meanwhile.
        running.schedule.subscribed('subscribed again');
      },
      (error: unknown) => {
        this.#logger.error('could not subscribe again', { error: String(error) });
        connection.terminate('could not subscribe again');
      },
    );
  }

  #resyncClock(): void {
    this.#metrics.clockRefusals.add(1);
    this.#logger.warn('the venue refused our clock: asking for its time');
    this.#parts.time.resync().catch((error: unknown) => {
      this.#logger.warn('could not ask the venue for its time', { error: String(error) });
    });
  }
}
