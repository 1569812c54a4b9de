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
import { PrivateSessions } from './private-sessions.js';
import { ReconcileSchedule } from './reconcile-schedule.js';
import { Reconciler } from './reconciler.js';
import type { RestClient } from './rest-client.js';
import { RestOrders } from './rest-orders.js';
import { SymbolIndex } from './symbol-index.js';
import type { TimeSync } from './time-sync.js';
import { UserStream, UserStreamAction } from './user-stream.js';
import type { WsApiConnection } from './ws-api-connection.js';

/** What `execution.ts` shares with the rest of the venue. */
export interface ExecutionParts {
  readonly options: ResolvedOptions;
  readonly signer: Signer;
  readonly rest: RestClient;
  readonly limits: BinanceLimits;
  readonly time: TimeSync;
}

/** Everything that exists from `start` on, when the instruments are known. */
interface Trading {
  readonly gateway: OrderGateway;
  readonly schedule: ReconcileSchedule;
  readonly stream: UserStream;
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
  /** From `prepare` or `start` to the end of `stop`. */
  #sessions: PrivateSessions | undefined;
  #trading: Trading | undefined;
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

  get connected(): boolean {
    return this.#sessions?.connected === true;
  }

  /**
   * Asks for what holds for whoever trades here (time, limits), connects and logs on, and keeps that up until `start` or
   * `stop`. It subscribes to nothing, asks nothing about the account and tells nothing, and before `start` no order leaves.
   */
  prepare(instruments: readonly Instrument[]): void {
    if (this.#sessions === undefined) this.#open().prepare(symbolsOf(instruments));
  }

  async start(instruments: readonly Instrument[], sink: EventSink, resume?: ResumeState): Promise<void> {
    if (this.#trading !== undefined) throw new Error('binance: execution has already been started');
    const restored = this.#resume(instruments, resume);
    this.#outlet.sink = sink;
    this.#outlet.channels(ConnectionState.Connecting);
    const sessions = this.#sessions ?? this.#open();
    this.#trading = this.#assemble(instruments, sessions);
    this.#starting = this.#bringUp(sessions, this.#trading, instruments, restored);
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
    sessions: PrivateSessions,
    { schedule }: Trading,
    instruments: readonly Instrument[],
    restored: readonly KnownOrder[],
  ): Promise<void> {
    const { options, time } = this.#parts;
    this.#patience.hurry();
    await sessions.connect(symbolsOf(instruments));
    // Nobody remembers when an earlier run sent them, only that it has stopped: a request of its last moment may still be
    // on its way, and counts as lost no sooner than the venue would refuse one sent now.
    for (const entry of restored) entry.sentMs = time.nowMs();
    this.#outlet.hold();
    await sessions.begin();
    await schedule.settled;
    if (sessions.stopping.aborted) throw stoppedEarly();
    schedule.startAudits(options.auditIntervalMs);
  }

  #open(): PrivateSessions {
    const { options, signer, limits, time, rest } = this.#parts;
    const [api, patience, metrics, logger] = [this.#api, this.#patience, this.#metrics, this.#logger];
    rest.start();
    const sessions = new PrivateSessions({
      ...{ options, signer, limits, time, api, patience, metrics, logger },
      onResponse: (request, decoder) => this.#trading?.gateway.onResponse(request, decoder),
      onUnanswered: (request) => this.#trading?.gateway.onUnanswered(request),
      onEvent: (connection, frame, start, end) => this.#event(sessions, connection, frame, start, end),
      onBroken: (connection, why, frame) => this.#broken(sessions, connection, why, frame),
      onReady: (seamless) => this.#trading?.schedule.subscribed('connected', seamless),
      onDown: () => {
        this.#trading?.schedule.blind();
        if (!sessions.stopping.aborted) this.#outlet.channels(ConnectionState.Connecting);
      },
    });
    this.#sessions = sessions;
    return sessions;
  }

  submit(order: ApprovedOrder): void {
    if (this.#trading === undefined) this.#notSent(order, true);
    else this.#trading.gateway.submit(order);
  }

  cancel(order: Order): void {
    if (this.#trading === undefined) this.#notSent(order, false);
    else this.#trading.gateway.cancel(order);
  }

  query(order: Order): void {
    this.#trading?.gateway.query(order);
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
    this.#trading?.gateway.stop();
    await Promise.all([this.#sessions?.stop(), this.#parts.rest.stop()]);
    if (this.#sessions === undefined) return;
    // Whoever called `start` is told that it failed; here it only has to be over.
    await this.#starting?.catch(() => {});
    this.#sessions = undefined;
    this.#trading = undefined;
    this.#outlet.channels(ConnectionState.Down);
  }

  /** Not started, or stopped already. */
  #notSent({ epoch, sequence }: Order, submit: boolean): void {
    const base = { kind: EventKind.SendFailed, tsEvent: 0, tsInit: 0, epoch, sequence };
    this.#outlet.defer({ ...base, submit, reason: DenialReason.SUBMIT_FAILED });
  }

  #assemble(instruments: readonly Instrument[], { dispatcher, orders, stopping }: PrivateSessions): Trading {
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
      ...{ reconciler, registry, outlet, limits, clock, timers, metrics, logger, onClockSkew },
      reconnect: options.reconnect,
      stop: stopping,
    });
    const gateway = new OrderGateway({
      ...{ instruments, dispatcher, limits, registry, outlet, reconciler, clock, metrics, logger },
      ...{ nowMs, onClockSkew },
      encoder: new OrderEncoder(instruments, options.recvWindowMs, signer.canLogOn ? undefined : signer),
      session: orders,
      rest: new RestOrders(rest),
      onSend: options.onSend,
      maySend: options.maySend,
    });
    return { gateway, schedule, stream };
  }

  #event(
    sessions: PrivateSessions,
    connection: WsApiConnection,
    frame: Uint8Array,
    start: number,
    end: number,
  ): void {
    const trading = this.#trading;
    if (trading === undefined) return;
    switch (trading.stream.receive(frame, start, end)) {
      case UserStreamAction.None:
        return;
      case UserStreamAction.Reconcile:
        this.#undecodable('event', frame);
        return;
      case UserStreamAction.Adopt:
        trading.schedule.missed('an order of ours that nobody here knows');
        return;
      case UserStreamAction.Resubscribe:
        if (connection === sessions.user.connection) this.#resubscribe(sessions, trading, connection);
        return;
      case UserStreamAction.Replace:
        sessions.using(connection)?.replace('the server is shutting down');
    }
  }

  /** What we cannot read may have been a fill: ask for the truth rather than ignore it. */
  #broken(sessions: PrivateSessions, connection: WsApiConnection, why: string, frame: Uint8Array): void {
    this.#undecodable(why, frame);
    // The error that belongs to no request: the session's key was revoked, so log on again.
    if (!why.startsWith('error 401') || sessions.using(connection) === undefined) return;
    connection.terminate('the session was revoked');
  }

  #undecodable(why: string, frame: Uint8Array): void {
    this.#metrics.undecodable.add(1);
    this.#logger.error('undecodable private message', {
      why,
      bytes: frame.length,
      head: String.fromCharCode(...frame.subarray(0, 200)).replace(/("apiKey":")[^"]*/g, '$1[redacted]'),
    });
    this.#trading?.schedule.missed('undecodable message');
  }

  #resubscribe({ user, logon }: PrivateSessions, { schedule }: Trading, connection: WsApiConnection): void {
    this.#logger.warn('the user stream was terminated: subscribing again');
    schedule.resubscribing();
    logon.subscribe(connection).then(
      () => {
        if (connection !== user.connection) return; // Replaced, and compared for, meanwhile.
        schedule.subscribed('subscribed again');
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

function symbolsOf(instruments: readonly Instrument[]): string[] {
  return instruments.map(({ symbol }) => symbol);
}
