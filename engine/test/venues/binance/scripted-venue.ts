import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

interface Request {
  readonly id: unknown;
  readonly method: string;
  readonly params?: Record<string, unknown>;
}

/** A venue that says exactly what a test tells it to: for what no real venue, and no simulator, would say. */
export class ScriptedVenue {
  /** Answers by path; the default is an empty account. */
  readonly rest = new Map<string, () => { status?: number; body: unknown }>();
  /** What to answer a WebSocket request with: an object to send, bytes, or undefined for silence. */
  answer: (request: Request, socket: WebSocket) => unknown = ({ id, method }) =>
    method.startsWith('userDataStream')
      ? { id, status: 200, result: { subscriptionId: 0 } }
      : { id, status: 200, result: {} };
  readonly requests: Request[] = [];
  /** Sockets that have subscribed to user data. */
  readonly subscribers = new Set<WebSocket>();
  readonly sockets = new Set<WebSocket>();
  /** Answer to a WebSocket handshake instead of accepting it. */
  refusal: { status: number; headers?: Record<string, string> } | undefined;
  /** Handshakes refused so far. */
  refused = 0;
  readonly #http: Server;
  readonly #ws: WebSocketServer;

  constructor() {
    this.#http = createServer((request, response) => {
      const path = request.url!.split('?')[0]!;
      const { status = 200, body } = this.rest.get(`${request.method} ${path}`)?.() ?? {
        status: 404,
        body: { code: -1, msg: `no script for ${request.method} ${path}` },
      };
      response.writeHead(status).end(JSON.stringify(body));
    });
    this.#ws = new WebSocketServer({ server: this.#http, verifyClient: (_, done) => this.#verify(done) });
    this.#ws.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => {
        this.sockets.delete(socket);
        this.subscribers.delete(socket);
      });
      socket.on('error', () => {});
      socket.on('message', (data) => this.#receive(socket, JSON.parse(String(data)) as Request));
    });
    this.rest.set('GET /api/v3/time', () => ({ body: { serverTime: Date.now() } }));
    this.rest.set('GET /api/v3/exchangeInfo', () => ({ body: { rateLimits: [], symbols: [] } }));
    this.rest.set('GET /api/v3/account', () => ({ body: { canTrade: true, balances: [] } }));
    this.rest.set('GET /api/v3/openOrders', () => ({ body: [] }));
    this.rest.set('GET /api/v3/myTrades', () => ({ body: [] }));
    this.rest.set('GET /api/v3/order', () => ({
      status: 400,
      body: { code: -2013, msg: 'Order does not exist.' },
    }));
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
  }

  get endpoints() {
    const authority = `127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
    return { rest: `http://${authority}`, stream: `ws://${authority}`, wsApi: `ws://${authority}` };
  }

  /** To every subscriber of user data. */
  push(frame: unknown): void {
    for (const socket of this.subscribers) send(socket, frame);
  }

  event(event: unknown): void {
    this.push({ subscriptionId: 0, event });
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    this.#ws.close();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #verify(
    done: (ok: boolean, code?: number, message?: string, headers?: Record<string, string>) => void,
  ): void {
    if (this.refusal === undefined) {
      done(true);
      return;
    }
    this.refused++;
    done(false, this.refusal.status, '', this.refusal.headers ?? {});
  }

  #receive(socket: WebSocket, request: Request): void {
    this.requests.push(request);
    if (request.method.startsWith('userDataStream.subscribe')) this.subscribers.add(socket);
    send(socket, this.answer(request, socket));
  }
}

export function send(socket: WebSocket, frame: unknown): void {
  if (frame === undefined) return;
  socket.send(typeof frame === 'string' || frame instanceof Uint8Array ? frame : JSON.stringify(frame));
}
