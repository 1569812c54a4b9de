/** A connection to the market streams: `/ws`, `/ws/<stream>`, `/stream?streams=`. Source: web-socket-streams.md. */
import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import type { SocketOptions } from '../options.js';
import { type TimeUnit, timeIn } from '../protocol/format.js';
import type { StreamHub, StreamSink } from '../streams/stream-hub.js';
import type { UserSink } from '../streams/user-events.js';
import type { Venue } from '../venue.js';
import { ClientSocket, CloseCode } from './client-socket.js';

type RequestId = number | string | null;

/** A refusal as the stream server words it. */
class StreamError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const VARIANTS = '`SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`';
const invalid = (what: string) => new StreamError(2, `Invalid request: ${what}`);

export interface MarketConnectionOptions {
  readonly streams: readonly string[];
  readonly combined: boolean;
  readonly unit: TimeUnit;
}

export class MarketConnection implements StreamSink {
  readonly unit: TimeUnit;
  readonly #venue: Venue;
  readonly #hub: StreamHub;
  readonly #limits: SocketOptions;
  readonly #client: ClientSocket;
  /** Streams asked for, in order; a listenKey's value ends its subscription. */
  readonly #streams = new Map<string, (() => void) | null>();
  #combined: boolean;
  #windowStartMs = 0;
  #windowCount = 0;

  constructor(
    venue: Venue,
    hub: StreamHub,
    ws: WebSocket,
    socket: Socket,
    limits: SocketOptions,
    options: MarketConnectionOptions,
    onClose: (connection: MarketConnection) => void,
  ) {
    this.#venue = venue;
    this.#hub = hub;
    this.#limits = limits;
    this.#combined = options.combined;
    this.unit = options.unit;
    this.#client = new ClientSocket(ws, socket, limits, {
      onMessage: (data) => this.#receive(data),
      onControlFrame: () => void this.#withinRate(),
      onClose: () => {
        for (const stream of this.#streams.keys()) this.#unsubscribe(stream);
        onClose(this);
      },
    });
    for (const stream of options.streams) this.#subscribe(stream);
    if (this.#streams.size > limits.maxStreams) this.#client.close(CloseCode.Policy, 'Too many streams');
  }

  get combined(): boolean {
    return this.#combined;
  }

  /** Whether account events come over this connection. */
  get carriesUserEvents(): boolean {
    for (const end of this.#streams.values()) if (end !== null) return true;
    return false;
  }

  sendFrame(text: string): void {
    this.#client.send(text);
  }

  /** Announces the end and closes. */
  shutDown(): void {
    const event = { e: 'serverShutdown', E: timeIn(this.unit, this.#venue.nowUs()) };
    this.#client.send(JSON.stringify(this.#combined ? { stream: '!serverShutdown', data: event } : event));
    this.#client.close(CloseCode.GoingAway, 'server shutdown');
  }

  close(code: number, reason: string): void {
    this.#client.close(code, reason);
  }

  cut(): void {
    this.#client.cut();
  }

  freeze(durationMs: number): void {
    this.#client.freeze(durationMs);
  }

  #subscribe(stream: string): void {
    if (this.#streams.has(stream)) return;
    if (this.#hub.add(stream, this)) {
      this.#streams.set(stream, null);
      return;
    }
    const account = this.#venue.legacyListenKey
      ? this.#venue.listenKeys.account(stream, this.#venue.nowMs())
      : undefined;
    if (account === undefined) {
      // Binance accepts names of streams that never carry anything.
      this.#streams.set(stream, null);
      return;
    }
    const sink: UserSink = {
      unit: this.unit,
      sendEvent: (json) =>
        this.#client.send(this.#combined ? `{"stream":${JSON.stringify(stream)},"data":${json}}` : json),
    };
    this.#streams.set(stream, this.#venue.userEvents.subscribe(account.index, sink));
  }

  #unsubscribe(stream: string): void {
    const end = this.#streams.get(stream);
    if (end === undefined) return;
    end?.();
    this.#hub.remove(stream, this);
    this.#streams.delete(stream);
  }

  /** Counts an incoming frame; closes the connection past the limit. */
  #withinRate(): boolean {
    const now = Date.now();
    if (now - this.#windowStartMs >= 1_000) {
      this.#windowStartMs = now;
      this.#windowCount = 0;
    }
    if (++this.#windowCount <= this.#limits.messagesPerSecond) return true;
    this.#client.close(CloseCode.Policy, 'Too many requests');
    return false;
  }

  #receive(data: RawData): void {
    if (!this.#withinRate()) return;
    let id: RequestId = null;
    try {
      const request = parse(String(data));
      id = requestId(request);
      this.#client.send(JSON.stringify({ result: this.#run(request), id }));
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      this.#client.send(JSON.stringify({ error: { code: error.code, msg: error.message }, id }));
    }
  }

  #run(request: Record<string, unknown>): unknown {
    switch (request.method) {
      case 'SUBSCRIBE': {
        const streams = streamList(request.params);
        if (new Set([...this.#streams.keys(), ...streams]).size > this.#limits.maxStreams) {
          throw invalid(`too many streams; the limit is ${this.#limits.maxStreams} per connection`);
        }
        for (const stream of streams) this.#subscribe(stream);
        return null;
      }
      case 'UNSUBSCRIBE':
        for (const stream of streamList(request.params)) this.#unsubscribe(stream);
        return null;
      case 'LIST_SUBSCRIPTIONS':
        if (Array.isArray(request.params) && request.params.length > 0) throw invalid('too many parameters');
        return [...this.#streams.keys()];
      case 'SET_PROPERTY': {
        const params = property(request.params);
        if (params.length > 2) throw invalid('too many parameters');
        if (typeof params[1] !== 'boolean') throw new StreamError(1, 'Invalid value type: expected Boolean');
        this.#combined = params[1];
        return null;
      }
      case 'GET_PROPERTY':
        if (property(request.params).length > 1) throw invalid('too many parameters');
        return this.#combined;
      case undefined:
        throw invalid('missing field `method` at line 1 column 1');
      default:
        throw invalid(
          `unknown variant \`${String(request.method).slice(0, 40)}\`, expected one of ${VARIANTS} at line 1 column 1`,
        );
    }
  }
}

function parse(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new StreamError(3, 'Invalid JSON: expected value at line 1 column 1');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('expected a JSON object at line 1 column 1');
  }
  return value as Record<string, unknown>;
}

function requestId(request: Record<string, unknown>): RequestId {
  const { id } = request;
  if (id === null) return null;
  if (typeof id === 'number' && Number.isInteger(id)) return id;
  if (typeof id === 'string' && /^[A-Za-z0-9_-]{1,36}$/.test(id)) return id;
  throw invalid('request ID must be an unsigned integer');
}

function streamList(params: unknown): string[] {
  if (!Array.isArray(params) || params.length === 0)
    throw invalid('missing field `params` at line 1 column 1');
  if (!params.every((name): name is string => typeof name === 'string' && name.length <= 128)) {
    throw invalid('stream name must be a string');
  }
  return params;
}

function property(params: unknown): readonly unknown[] {
  if (!Array.isArray(params) || typeof params[0] !== 'string')
    throw invalid('property name must be a string');
  if (params[0] !== 'combined') throw new StreamError(0, 'Unknown property');
  return params;
}
