import type { Clock } from '../../telemetry/index.js';
import type { Params } from './auth.js';
import type { ExecutionMetrics } from './execution-metrics.js';
import { type InFlight, InFlightTable, RequestKind } from './in-flight.js';
import type { BinanceLimits } from './limits.js';
import { ApiFrameDecoder, ApiFrameKind } from './order-decoder.js';
import type { WsApiConnection } from './ws-api-connection.js';

/** A control request's answer. */
export interface ApiReply {
  readonly status: number;
  readonly code: number;
  readonly text: string;
  readonly subscriptionId: number;
}

export interface DispatcherOptions {
  readonly clock: Clock;
  readonly limits: BinanceLimits;
  readonly metrics: ExecutionMetrics;
  readonly timeoutMs: number;
  /** The venue's time, milliseconds. */
  readonly nowMs: () => number;
  /** The answer to an order request; its fields are in the decoder, and `request` is released afterwards. */
  readonly onResponse: (request: InFlight, decoder: ApiFrameDecoder) => void;
  /** No answer will come: timeout or lost connection. `request` is released afterwards. */
  readonly onUnanswered: (request: InFlight) => void;
  readonly onEvent: (connection: WsApiConnection, frame: Uint8Array, start: number, end: number) => void;
  /** A frame that cannot be decoded, or an error that belongs to no request. */
  readonly onBroken: (connection: WsApiConnection, why: string, frame: Uint8Array) => void;
}

const SWEEP_MS = 100;

/**
 * Matches the frames of all WebSocket API connections to the requests in flight, and books what the venue says about its
 * rate limits. A request without an answer in time is reported, never forgotten.
 */
export class ApiDispatcher {
  readonly #options: DispatcherOptions;
  readonly #table = new InFlightTable();
  readonly #decoder = new ApiFrameDecoder();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#sweep(-1), SWEEP_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** A fresh entry for a request about to be sent, or null when too many are in flight. */
  begin(kind: RequestKind, weight: number): InFlight | null {
    const entry = this.#table.acquire(kind);
    if (entry === null) return null;
    entry.weight = weight;
    entry.sentNs = this.#options.clock.nanos();
    entry.deadlineNs = entry.sentNs + this.#options.timeoutMs * 1e6;
    this.#options.metrics.inFlight.set(this.#table.size);
    return entry;
  }

  /** The request was not sent after all. */
  abandon(entry: InFlight): void {
    this.#table.release(entry);
  }

  /** A control request (logon, subscription). Rejects when it is not answered. */
  call(connection: WsApiConnection, method: string, params: Params, weight: number): Promise<ApiReply> {
    const { limits } = this.#options;
    if (!limits.tryRequest(weight, true)) return Promise.reject(new Error(`${method}: rate budget spent`));
    const entry = this.begin(RequestKind.Control, weight);
    if (entry === null) {
      limits.refund(weight, false);
      return Promise.reject(new Error(`${method}: too many requests in flight`));
    }
    entry.connection = connection.number;
    return new Promise((resolve, reject) => {
      entry.settle = (answered) => {
        if (!answered) {
          reject(new Error(`${method}: no answer`));
          return;
        }
        const { status, errorCode, errorText, subscriptionId } = this.#decoder;
        resolve({ status, code: errorCode, text: errorText, subscriptionId });
      };
      if (connection.send(Buffer.from(JSON.stringify({ id: entry.id, method, params })))) return;
      limits.refund(weight, false);
      this.#table.release(entry);
      reject(new Error(`${method}: the connection is closed`));
    });
  }

  receive(connection: WsApiConnection, frame: Uint8Array): void {
    const decoder = this.#decoder;
    switch (decoder.decode(frame)) {
      case ApiFrameKind.Event:
        this.#options.onEvent(connection, frame, decoder.eventStart, decoder.eventEnd);
        return;
      case ApiFrameKind.Response:
        this.#response(connection, frame);
        return;
      default:
        this.#options.onBroken(connection, 'undecodable frame', frame);
    }
  }

  /** Requests on a connection that has ended will not be answered. */
  lost(connectionNumber: number): void {
    this.#sweep(connectionNumber);
  }

  #response(connection: WsApiConnection, frame: Uint8Array): void {
    const decoder = this.#decoder;
    const { limits, metrics, onBroken, onResponse } = this.#options;
    const entry = this.#table.find(decoder.id);
    if (entry === null) {
      metrics.unmatched.add(1);
      // An error that names no request concerns the session itself: its key was revoked, or we sent nonsense.
      if (decoder.id === -1)
        onBroken(connection, `error ${decoder.status} ${decoder.errorCode} for no request`, frame);
      return;
    }
    limits.settle(entry.weight, entry.kind === RequestKind.Place);
    for (let i = 0; i < decoder.limitCount; i++) {
      const { type, intervalMs, count } = decoder.limits[i]!;
      limits.confirm(type, intervalMs, count);
    }
    if (decoder.status === 429 || decoder.status === 418) {
      const now = decoder.timeMs > 0 ? decoder.timeMs : this.#options.nowMs();
      const wait = decoder.retryAt >= 0 ? Math.max(0, decoder.retryAt - now) : -1;
      limits.penalize(decoder.status, decoder.errorCode, wait);
    }
    if (entry.kind === RequestKind.Control) entry.settle?.(true);
    else onResponse(entry, decoder);
    this.#table.release(entry);
    metrics.inFlight.set(this.#table.size);
  }

  #sweep(connectionNumber: number): void {
    this.#table.sweep(this.#options.clock.nanos(), connectionNumber, (entry) => {
      this.#options.limits.settle(entry.weight, entry.kind === RequestKind.Place);
      if (entry.kind === RequestKind.Control) entry.settle?.(false);
      else this.#options.onUnanswered(entry);
      this.#table.release(entry);
    });
    this.#options.metrics.inFlight.set(this.#table.size);
  }
}
