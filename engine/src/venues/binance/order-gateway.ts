import {
  type ApprovedOrder,
  DenialReason,
  EventKind,
  type Instrument,
  type Order,
  OrderStatus,
  RejectReason,
} from '../../domain/index.js';
import type { Clock, Logger } from '../../telemetry/index.js';
import type { ApiDispatcher } from './api-dispatcher.js';
import { verdictOf } from './errors.js';
import type { EventOutlet } from './event-outlet.js';
import type { ExecutionMetrics } from './execution-metrics.js';
import { type InFlight, RequestKind } from './in-flight.js';
import type { BinanceLimits } from './limits.js';
import type { OrderAnswer } from './order-decoder.js';
import type { OrderEncoder } from './order-encoder.js';
import type { KnownOrder, OrderRegistry } from './order-registry.js';
import type { Reconciler } from './reconciler.js';
import { NotLeaderError, RestError } from './rest-client.js';
import type { RestOrders } from './rest-orders.js';
import { toMicroseconds } from './venue-time.js';
import type { WsApiSession } from './ws-api-session.js';

export interface GatewayOptions {
  readonly instruments: readonly Instrument[];
  readonly encoder: OrderEncoder;
  /** Absent when orders travel over REST. */
  readonly session: WsApiSession | undefined;
  readonly dispatcher: ApiDispatcher;
  readonly rest: RestOrders;
  readonly limits: BinanceLimits;
  readonly registry: OrderRegistry;
  readonly outlet: EventOutlet;
  readonly reconciler: Reconciler;
  readonly clock: Clock;
  readonly metrics: ExecutionMetrics;
  readonly logger: Logger;
  /** The venue's time, milliseconds. */
  readonly nowMs: () => number;
  /** The venue refused a timestamp. */
  readonly onClockSkew: () => void;
  readonly onSend: ((sentNs: number) => void) | undefined;
  /** Whether this process may send orders now; absent: always. */
  readonly maySend: (() => boolean) | undefined;
}

const STATUS_WEIGHT = 4;

/**
 * Sends orders, cancels and queries, over the session when there is one and over REST when not, and turns the answers
 * into events. Every request ends in an event: an answer, or that there is none.
 */
export class OrderGateway {
  readonly #options: GatewayOptions;
  /** By instrument index. */
  readonly #instruments: Instrument[] = [];
  readonly #onSend: ((sentNs: number) => void) | undefined;
  readonly #maySend: (() => boolean) | undefined;
  #stopped = false;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#onSend = options.onSend;
    this.#maySend = options.maySend;
    for (const instrument of options.instruments) this.#instruments[instrument.index] = instrument;
  }

  stop(): void {
    this.#stopped = true;
  }

  submit(order: ApprovedOrder): void {
    const { limits, registry, metrics, nowMs } = this.#options;
    const instrument = this.#instruments[order.instrument];
    if (this.#stopped || instrument === undefined) {
      this.#refuse(order, true, DenialReason.SUBMIT_FAILED);
      return;
    }
    if (!limits.tryOrder()) {
      metrics.refusedForRate.add(1);
      this.#refuse(order, true, DenialReason.VENUE_RATE_BUDGET);
      return;
    }
    const now = nowMs();
    const entry = registry.remember(order.epoch, order.sequence, order.instrument);
    entry.quantity = order.quantity;
    entry.sentMs = now;
    if (this.#sendPlace(order, now)) return;
    this.#restPlace(order, instrument, entry);
  }

  cancel(order: Order): void {
    const { limits, metrics, nowMs } = this.#options;
    const instrument = this.#instruments[order.instrument];
    if (instrument === undefined) {
      this.#refuse(order, false, DenialReason.INSTRUMENT_NOT_FOUND);
      return;
    }
    if (!limits.tryRequest(1, true)) {
      metrics.refusedForRate.add(1);
      this.#refuse(order, false, DenialReason.VENUE_RATE_BUDGET);
      return;
    }
    const entry = this.#entry(order);
    entry.cancelSent = true;
    if (this.#sendCancel(order, entry, nowMs())) return;
    this.#restCancel(order, instrument, entry);
  }

  query(order: Order): void {
    const { limits, outlet, metrics, nowMs } = this.#options;
    if (this.#instruments[order.instrument] === undefined) return;
    const entry = this.#entry(order);
    // A comparison with the venue is under way or due: it will speak of this order too.
    if (outlet.holding) return;
    if (!limits.tryRequest(STATUS_WEIGHT, true)) {
      metrics.failedQueries.add(1);
      return;
    }
    if (this.#sendStatus(order, entry, nowMs())) return;
    limits.refund(STATUS_WEIGHT, false);
    this.#lookUp(entry);
  }

  /** An answer over the session. */
  onResponse(request: InFlight, answer: OrderAnswer): void {
    const entry = this.#options.registry.find(request.epoch, request.sequence);
    if (entry === undefined) return;
    if (request.kind === RequestKind.Place) {
      this.#options.metrics.acknowledge.record(this.#options.clock.nanos() - request.sentNs);
      this.#placed(entry, answer);
    } else if (request.kind === RequestKind.Cancel) this.#canceled(entry, answer);
    else this.#told(entry, answer);
  }

  /** The session brought no answer. */
  onUnanswered(request: InFlight): void {
    if (request.kind === RequestKind.Status) {
      this.#options.metrics.failedQueries.add(1);
      return;
    }
    this.#unknown(request.epoch, request.sequence);
  }

  #sendPlace(order: Order, now: number): boolean {
    const { session, dispatcher, encoder } = this.#options;
    if (session?.connection === undefined) return false;
    const request = this.#begin(RequestKind.Place, order, 1);
    if (request === null) return false;
    const frame = encoder.place(request.id, order, now);
    // After the timestamp was taken: whatever may be sent bears a time at which it might be.
    if (this.#isFenced(request, order, true)) return true;
    request.connection = session.send(frame);
    if (request.connection > 0) {
      this.#onSend?.(this.#options.clock.nanos());
      return true;
    }
    dispatcher.abandon(request);
    return false;
  }

  #sendCancel(order: Order, entry: KnownOrder, now: number): boolean {
    const { session, encoder } = this.#options;
    if (session?.connection === undefined) return false;
    const request = this.#begin(RequestKind.Cancel, order, 1);
    if (request === null) return false;
    const frame = encoder.cancel(request.id, order, entry.venueOrderId, now);
    if (this.#isFenced(request, order, false)) return true;
    if (!this.#hand(request, frame)) return false;
    this.#onSend?.(this.#options.clock.nanos());
    return true;
  }

  #sendStatus(order: Order, entry: KnownOrder, now: number): boolean {
    const { session, encoder } = this.#options;
    if (session?.connection === undefined) return false;
    const request = this.#begin(RequestKind.Status, order, STATUS_WEIGHT);
    if (request === null) return false;
    return this.#hand(request, encoder.status(request.id, order, entry.venueOrderId, now));
  }

  #begin(kind: RequestKind, order: Order, weight: number): InFlight | null {
    const request = this.#options.dispatcher.begin(kind, weight);
    if (request === null) return null;
    request.epoch = order.epoch;
    request.sequence = order.sequence;
    request.instrument = order.instrument;
    return request;
  }

  /** Whether this process may no longer send; the kernel has then been told. The last question before the write. */
  #isFenced(request: InFlight, order: Order, submit: boolean): boolean {
    if (this.#maySend === undefined || this.#maySend()) return false;
    const { dispatcher, limits, metrics } = this.#options;
    dispatcher.abandon(request);
    limits.refund(1, submit);
    metrics.fenced.add(1);
    this.#refuse(order, submit, DenialReason.NOT_LEADER);
    return true;
  }

  #hand(request: InFlight, frame: Uint8Array): boolean {
    request.connection = this.#options.session!.send(frame);
    if (request.connection > 0) return true;
    this.#options.dispatcher.abandon(request);
    return false;
  }

  #restPlace(order: Order, instrument: Instrument, entry: KnownOrder): void {
    const { rest } = this.#options;
    rest.place(order, instrument).then(
      (answer) => this.#placed(entry, answer),
      (error: unknown) => this.#noAnswer(error, order, true),
    );
    this.#onSend?.(this.#options.clock.nanos());
  }

  #restCancel(order: Order, instrument: Instrument, entry: KnownOrder): void {
    this.#options.rest.cancel(order, instrument, entry.venueOrderId).then(
      (answer) => this.#canceled(entry, answer),
      (error: unknown) => this.#noAnswer(error, order, false),
    );
    this.#onSend?.(this.#options.clock.nanos());
  }

  #noAnswer(error: unknown, order: Order, submit: boolean): void {
    this.#options.logger.warn('no answer to an order request', { submit, error: String(error) });
    if (error instanceof NotLeaderError) {
      this.#options.metrics.fenced.add(1);
      this.#refuse(order, submit, DenialReason.NOT_LEADER);
    } else if (error instanceof RestError && !error.sent) {
      this.#refuse(order, submit, DenialReason.SUBMIT_FAILED);
    } else this.#unknown(order.epoch, order.sequence);
  }

  #placed({ epoch, sequence }: KnownOrder, answer: OrderAnswer): void {
    const { outlet } = this.#options;
    const base = { tsEvent: Math.max(0, toMicroseconds(answer.timeMs)), tsInit: 0, epoch, sequence };
    if (isSuccess(answer)) {
      // A success that names no order is no proof of anything.
      if (answer.orderId <= 0) this.#unknown(epoch, sequence);
      else outlet.pass({ kind: EventKind.OrderAccepted, ...base, venueOrderId: String(answer.orderId) });
      return;
    }
    const { reason, refused } = this.#verdict(answer);
    if (!refused) this.#unknown(epoch, sequence);
    else outlet.pass({ kind: EventKind.OrderRejected, ...base, reason, text: answer.errorText });
  }

  #canceled(entry: KnownOrder, answer: OrderAnswer): void {
    const { epoch, sequence, instrument } = entry;
    const { outlet } = this.#options;
    const base = { tsEvent: Math.max(0, toMicroseconds(answer.timeMs)), tsInit: 0, epoch, sequence };
    if (isSuccess(answer)) {
      const executed = answer.executedUnits(this.#instruments[instrument]!.sizePrecision);
      if (answer.orderStatus !== OrderStatus.Canceled || executed < 0) this.#unknown(epoch, sequence);
      // Fills are still on their way on the user stream, and its own word of the cancel comes after them.
      else if (executed <= entry.cumQuantity) outlet.pass({ kind: EventKind.OrderCanceled, ...base });
      return;
    }
    const { reason, refused } = this.#verdict(answer);
    if (!refused) this.#unknown(epoch, sequence);
    else outlet.pass({ kind: EventKind.CancelRejected, ...base, reason });
  }

  /** The answer to a query. */
  #told(entry: KnownOrder, answer: OrderAnswer): void {
    const { outlet, metrics } = this.#options;
    const { epoch, sequence, instrument } = entry;
    if (outlet.holding) return;
    if (!isSuccess(answer)) {
      // Known under another name, perhaps, or not there yet: REST asks more thoroughly.
      if (this.#verdict(answer).reason === RejectReason.UNKNOWN_ORDER) this.#lookUp(entry);
      else metrics.failedQueries.add(1);
      return;
    }
    const executed = answer.executedUnits(this.#instruments[instrument]!.sizePrecision);
    if (answer.orderStatus === -1 || answer.orderId <= 0 || executed < 0 || executed > entry.cumQuantity) {
      this.#lookUp(entry);
      return;
    }
    outlet.pass({
      kind: EventKind.OrderReport,
      tsEvent: Math.max(0, toMicroseconds(answer.timeMs)),
      tsInit: 0,
      epoch,
      sequence,
      venueOrderId: String(answer.orderId),
      status: answer.orderStatus,
      cumQuantity: executed,
    });
  }

  #lookUp(entry: KnownOrder): void {
    const { reconciler, outlet, metrics, logger } = this.#options;
    reconciler
      .lookUp(entry, () => outlet.holding)
      .catch((error: unknown) => {
        metrics.failedQueries.add(1);
        logger.warn('order query failed', { error: String(error) });
      });
  }

  #verdict(answer: OrderAnswer) {
    const verdict = verdictOf(answer.status, answer.errorCode, answer.errorText);
    if (verdict.reason === RejectReason.CLOCK_SKEW) this.#options.onClockSkew();
    return verdict;
  }

  #unknown(epoch: number, sequence: number): void {
    this.#options.outlet.pass({ kind: EventKind.OutcomeUnknown, tsEvent: 0, tsInit: 0, epoch, sequence });
  }

  /** Nothing went out. The kernel may be the caller, so it hears of it once its call has returned. */
  #refuse({ epoch, sequence }: Order, submit: boolean, reason: DenialReason): void {
    const base = { tsEvent: 0, tsInit: 0, epoch, sequence };
    this.#options.outlet.defer({ kind: EventKind.SendFailed, ...base, submit, reason });
  }

  #entry(order: Order): KnownOrder {
    const entry = this.#options.registry.remember(order.epoch, order.sequence, order.instrument);
    if (entry.quantity === 0) entry.quantity = order.quantity;
    if (entry.sentMs === 0) entry.sentMs = Math.floor(order.tsSubmitted / 1000);
    if (entry.venueOrderId === 0 && order.venueOrderId !== '')
      entry.venueOrderId = Number(order.venueOrderId);
    return entry;
  }
}

function isSuccess(answer: OrderAnswer): boolean {
  return answer.status >= 200 && answer.status < 300;
}
