/** A connection to the WebSocket API (`/ws-api/v3`). Source: web-socket-api.md. */
import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import type { Method, WsSession } from '../methods/method.js';
import { WS_METHODS } from '../methods/table.js';
import type { SocketOptions } from '../options.js';
import { errors, VenueError } from '../protocol/errors.js';
import { type TimeUnit, timeIn } from '../protocol/format.js';
import { readJsonParams } from '../protocol/params.js';
import { encodeNonAscii, wsPayload } from '../protocol/signing.js';
import type { Account, RegisteredKey, Venue } from '../venue.js';
import { ClientSocket, CloseCode } from './client-socket.js';
import type { Dispatcher, Outcome } from './dispatcher.js';

type RequestId = number | string | null;

interface Subscription {
  readonly account: Account;
  readonly bySession: boolean;
  end(): void;
}

const MAX_SUBSCRIPTIONS = 1_000;
const MAX_SUBSCRIPTION_ID = 65_535;
/** Weight of a connection attempt. */
export const CONNECT_WEIGHT = 2;

export interface WsApiConnectionOptions {
  readonly ip: string;
  readonly peer?: string;
  readonly unit: TimeUnit;
  readonly returnRateLimits: boolean;
}

export class WsApiConnection implements WsSession {
  readonly #venue: Venue;
  readonly #dispatcher: Dispatcher;
  readonly #options: WsApiConnectionOptions;
  readonly #client: ClientSocket;
  readonly #connectedUs: number;
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #nextSubscriptionId = 0;
  #key: RegisteredKey | null = null;
  #authorizedUs = 0;

  constructor(
    venue: Venue,
    dispatcher: Dispatcher,
    ws: WebSocket,
    socket: Socket,
    limits: SocketOptions,
    options: WsApiConnectionOptions,
    onClose: (connection: WsApiConnection) => void,
  ) {
    this.#venue = venue;
    this.#dispatcher = dispatcher;
    this.#options = options;
    this.#connectedUs = venue.nowUs();
    this.#client = new ClientSocket(ws, socket, limits, {
      onMessage: (data, isBinary) => this.#receive(data, isBinary),
      onClose: () => {
        for (const subscription of this.#subscriptions.values()) subscription.end();
        this.#subscriptions.clear();
        for (const timer of this.#timers) clearTimeout(timer);
        onClose(this);
      },
    });
  }

  get key(): RegisteredKey | null {
    return this.#key;
  }

  /** Whether account events come over this connection. */
  get carriesUserEvents(): boolean {
    return this.#subscriptions.size > 0;
  }

  logon(key: RegisteredKey): void {
    this.#key = key;
    this.#authorizedUs = this.#venue.nowUs();
  }

  logout(): void {
    this.#key = null;
    for (const [id, subscription] of this.#subscriptions)
      if (subscription.bySession) this.#end(id, subscription);
  }

  status(): object {
    const { unit } = this.#options;
    return {
      apiKey: this.#key?.apiKey ?? null,
      authorizedSince: this.#key === null ? null : timeIn(unit, this.#authorizedUs),
      connectedSince: timeIn(unit, this.#connectedUs),
      returnRateLimits: this.#options.returnRateLimits,
      serverTime: timeIn(unit, this.#venue.nowUs()),
      userDataStream: this.#subscriptions.size > 0,
    };
  }

  subscribe(account: Account, bySession: boolean): number {
    for (const subscription of this.#subscriptions.values()) {
      if (subscription.account === account) throw errors.subscriptionActive();
    }
    if (this.#subscriptions.size >= MAX_SUBSCRIPTIONS || this.#nextSubscriptionId >= MAX_SUBSCRIPTION_ID) {
      throw errors.subscriptionLimit();
    }
    const id = this.#nextSubscriptionId++;
    const end = this.#venue.userEvents.subscribe(account.index, {
      unit: this.#options.unit,
      sendEvent: (json) => this.#client.send(`{"subscriptionId":${id},"event":${json}}`),
    });
    this.#subscriptions.set(id, { account, bySession, end });
    return id;
  }

  unsubscribe(subscriptionId: number | undefined): void {
    if (subscriptionId === undefined) {
      for (const [id, subscription] of this.#subscriptions) this.#end(id, subscription);
      return;
    }
    const subscription = this.#subscriptions.get(subscriptionId);
    if (subscription === undefined) throw errors.subscriptionInactive();
    this.#end(subscriptionId, subscription);
  }

  subscriptions(): readonly number[] {
    return [...this.#subscriptions.keys()];
  }

  #end(id: number, subscription: Subscription): void {
    subscription.end();
    this.#subscriptions.delete(id);
    const event = { e: 'eventStreamTerminated', E: timeIn(this.#options.unit, this.#venue.nowUs()) };
    this.#client.send(JSON.stringify({ subscriptionId: id, event }));
  }

  /** Announces the end and closes. */
  shutDown(): void {
    const event = { e: 'serverShutdown', E: timeIn(this.#options.unit, this.#venue.nowUs()) };
    this.#client.send(JSON.stringify({ event }));
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

  #receive(data: RawData, isBinary: boolean): void {
    const text = isBinary ? '' : String(data);
    let id: RequestId = null;
    try {
      const request = parse(text);
      id = requestId(request.id);
      const method = typeof request.method === 'string' ? WS_METHODS.get(request.method) : undefined;
      if (method === undefined)
        throw request.method === undefined ? errors.mandatory('method') : errors.invalidData('method');
      this.#run(id, method, request.params ?? {}, text);
    } catch (error) {
      if (!(error instanceof VenueError)) throw error;
      this.#client.send(JSON.stringify({ id, status: error.status, error: error.body() }));
    }
  }

  #run(id: RequestId, method: Method, params: unknown, text: string): void {
    if (typeof params !== 'object' || params === null || Array.isArray(params)) {
      throw errors.invalidJsonParameter('params');
    }
    const raw = readJsonParams(params, text);
    const flag = raw.get('returnRateLimits');
    const outcome = this.#dispatcher.run({
      method,
      raw,
      ip: this.#options.ip,
      ...(this.#options.peer !== undefined && { peer: this.#options.peer }),
      unit: this.#options.unit,
      header: undefined,
      session: this,
      payloads: () => {
        const payload = wsPayload(raw);
        const encoded = encodeNonAscii(payload);
        return encoded === payload ? [payload] : [payload, encoded];
      },
    });
    this.#answer(id, method, outcome, flag === undefined ? this.#options.returnRateLimits : flag === 'true');
    this.#venue.settle();
  }

  #answer(id: RequestId, method: Method, outcome: Outcome, withLimits: boolean): void {
    if (outcome.answer === 'lose') return;
    if (outcome.answer === 'close' || outcome.html) {
      // A proxy's page has no place on a WebSocket: what the client sees is a dead connection.
      this.#client.cut();
      return;
    }
    const now = this.#venue.nowMs();
    const response: Record<string, unknown> = { id, status: outcome.status };
    if (outcome.error === null) response.result = outcome.result;
    else response.error = outcome.error.body();
    if (withLimits) {
      const weight = this.#venue.ip(this.#options.ip).view(now);
      response.rateLimits =
        method.countsOrders && outcome.key !== null
          ? [...outcome.key.account.orders.views(now), weight]
          : [weight];
    }
    const text = JSON.stringify(response);
    if (outcome.delayMs === 0) {
      this.#client.send(text);
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#client.send(text);
    }, outcome.delayMs);
    this.#timers.add(timer);
  }
}

function parse(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw errors.invalidJson();
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw errors.invalidJson();
  return value as Record<string, unknown>;
}

function requestId(id: unknown): RequestId {
  if (id === null || typeof id === 'number' || (typeof id === 'string' && id.length <= 256)) return id;
  throw id === undefined ? errors.mandatory('id') : errors.invalidData('id');
}
