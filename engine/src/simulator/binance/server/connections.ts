/** The venue's WebSocket connections: upgrade by path, and everything done to them as a group. */
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { SocketOptions } from '../options.js';
import { errors, VenueError } from '../protocol/errors.js';
import type { TimeUnit } from '../protocol/format.js';
import type { StreamHub } from '../streams/stream-hub.js';
import type { Venue } from '../venue.js';
import { CloseCode } from './client-socket.js';
import type { Dispatcher } from './dispatcher.js';
import { ipOf, peerOf } from './ip.js';
import { MarketConnection } from './market-connection.js';
import { CONNECT_WEIGHT, WsApiConnection } from './ws-api-connection.js';

export interface ConnectionCounts {
  readonly market: number;
  readonly wsapi: number;
}

type Channel = 'market' | 'user' | 'wsapi' | 'all';
type Connection = MarketConnection | WsApiConnection;

/** Larger messages end the connection. */
const MAX_MESSAGE_BYTES = 256 * 1024;
const MAX_URL_STREAMS = 1_024;

export class Connections {
  readonly #venue: Venue;
  readonly #hub: StreamHub;
  readonly #dispatcher: Dispatcher;
  readonly #sockets: SocketOptions;
  readonly #server: WebSocketServer;
  readonly #market = new Set<MarketConnection>();
  readonly #wsApi = new Set<WsApiConnection>();
  #closing = false;

  constructor(venue: Venue, hub: StreamHub, dispatcher: Dispatcher, sockets: SocketOptions) {
    this.#venue = venue;
    this.#hub = hub;
    this.#dispatcher = dispatcher;
    this.#sockets = sockets;
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
    });
    // A malformed handshake was answered with 400 and is over.
    this.#server.on('wsClientError', (_error, socket) => void socket.destroy());
  }

  attach(server: Server): void {
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  #upgrade(request: IncomingMessage, duplex: Duplex, head: Buffer): void {
    const socket = duplex as Socket;
    socket.on('error', () => socket.destroy());
    socket.setNoDelay(true);
    let url: URL;
    try {
      url = new URL(request.url ?? '/', 'http://venue');
    } catch {
      refuse(socket, 400, '');
      return;
    }
    const path = url.pathname.replace(/\/+$/, '') || '/';
    const isApi = path === '/ws-api/v3';
    const isMarket = path === '/ws' || path.startsWith('/ws/') || path === '/stream';
    if (!isApi && !isMarket) {
      refuse(socket, 404, '');
      return;
    }
    if (this.#closing || this.#venue.faults.refuses(isApi ? 'wsapi' : 'market')) {
      socket.destroy();
      return;
    }
    const ip = ipOf(socket);
    let unit: TimeUnit;
    try {
      unit = timeUnit(url.searchParams.get('timeUnit'));
      const budget = this.#venue.ip(ip);
      budget.connect(this.#venue.nowMs());
      if (isApi) budget.charge(CONNECT_WEIGHT, this.#venue.nowMs());
    } catch (error) {
      if (!(error instanceof VenueError)) throw error;
      refuse(socket, error.status, JSON.stringify(error.restBody()), error.retryAfter);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (ws) => {
      if (isApi) {
        const connection: WsApiConnection = new WsApiConnection(
          this.#venue,
          this.#dispatcher,
          ws,
          socket,
          this.#sockets,
          {
            ip,
            peer: peerOf(socket),
            unit,
            returnRateLimits: url.searchParams.get('returnRateLimits') !== 'false',
          },
          () => this.#wsApi.delete(connection),
        );
        this.#wsApi.add(connection);
      } else {
        const connection: MarketConnection = new MarketConnection(
          this.#venue,
          this.#hub,
          ws,
          socket,
          this.#sockets,
          { ...streamsOf(path, url), unit },
          () => this.#market.delete(connection),
        );
        this.#market.add(connection);
      }
    });
  }

  #of(channel: Channel): Connection[] {
    const all: Connection[] = [...this.#market, ...this.#wsApi];
    switch (channel) {
      case 'all':
        return all;
      case 'market':
        return [...this.#market].filter((connection) => !connection.carriesUserEvents);
      case 'wsapi':
        return [...this.#wsApi];
      case 'user':
        return all.filter((connection) => connection.carriesUserEvents);
    }
  }

  disconnect(channel: Channel, clean: boolean): void {
    for (const connection of this.#of(channel)) {
      if (clean) connection.close(CloseCode.GoingAway, 'disconnected');
      else connection.cut();
    }
  }

  freeze(channel: Channel, durationMs: number): void {
    for (const connection of this.#of(channel)) connection.freeze(durationMs);
  }

  counts(): ConnectionCounts {
    return { market: this.#market.size, wsapi: this.#wsApi.size };
  }

  /** Announces the shutdown to everybody, closes, and cuts whoever has not gone after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    for (const connection of this.#of('all')) connection.shutDown();
    const deadline = Date.now() + graceMs;
    while (this.#market.size + this.#wsApi.size > 0 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    for (const connection of this.#of('all')) connection.cut();
    this.#server.close();
  }
}

function timeUnit(text: string | null): TimeUnit {
  if (text === null) return 'ms';
  const unit = text.toUpperCase();
  if (unit === 'MICROSECOND') return 'us';
  if (unit === 'MILLISECOND') return 'ms';
  throw errors.badTimeUnit();
}

function streamsOf(path: string, url: URL): { streams: readonly string[]; combined: boolean } {
  if (path === '/stream') {
    return { streams: split(url.searchParams.get('streams') ?? ''), combined: true };
  }
  return { streams: split(decode(path.slice('/ws'.length))), combined: false };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const split = (text: string) =>
  text
    .split('/')
    .filter((name) => name !== '')
    .slice(0, MAX_URL_STREAMS + 1);

function refuse(socket: Socket, status: number, body: string, retryAfter?: number): void {
  const headers = [
    `HTTP/1.1 ${status} ${REASONS[status] ?? 'Error'}`,
    'Connection: close',
    'Content-Type: application/json;charset=UTF-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(retryAfter === undefined ? [] : [`Retry-After: ${retryAfter}`]),
  ];
  socket.end(`${headers.join('\r\n')}\r\n\r\n${body}`);
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  404: 'Not Found',
  418: "I'm a teapot",
  429: 'Too Many Requests',
};
