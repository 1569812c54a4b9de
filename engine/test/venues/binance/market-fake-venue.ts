import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type VerifyClientCallbackAsync, type WebSocket, WebSocketServer } from 'ws';
import type { KernelEvent } from '../../../src/domain/index.js';
import type { RestPort, RestResponse } from '../../../src/venues/binance/rest-port.js';

/** The market data side of a venue on loopback: a real WebSocket server, and REST answers handed over in process. */
export class FakeVenue implements RestPort {
  readonly sockets: WebSocket[] = [];
  readonly urls: string[] = [];
  readonly requests: string[] = [];
  readonly received: string[] = [];
  /** Answers `/api/v3/depth` for a symbol. */
  depth: (symbol: string) => RestResponse = () => ({ status: 503, body: Buffer.from('busy') });
  exchangeInfo: RestResponse[] = [];
  /** Connection attempts that are still to be refused, with 429 and this many seconds of Retry-After. */
  readonly refusals: number[] = [];
  readonly #server: WebSocketServer;

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on('connection', (socket, request) => {
      this.sockets.push(socket);
      this.urls.push(request.url ?? '');
      socket.on('message', (data) => this.received.push(String(data)));
      socket.on('error', () => {});
    });
  }

  /** Without `autoPong` sockets answer no pings, as behind a half-open connection. */
  static async start(options: { autoPong?: boolean } = {}): Promise<FakeVenue> {
    const server = new WebSocketServer({
      port: 0,
      host: '127.0.0.1',
      autoPong: options.autoPong ?? true,
    });
    await once(server, 'listening');
    const venue = new FakeVenue(server);
    const verify: VerifyClientCallbackAsync = (_, answer) => {
      const seconds = venue.refusals.shift();
      if (seconds === undefined) answer(true);
      else answer(false, 429, 'slow down', { 'Retry-After': String(seconds) });
    };
    server.options.verifyClient = verify;
    return venue;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** The newest connection. */
  get socket(): WebSocket {
    return this.sockets.at(-1)!;
  }

  send(frame: object | string): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  async getJson(path: string, query: string, weight: number): Promise<RestResponse> {
    this.requests.push(`${path}?${query} (${weight})`);
    if (path === '/api/v3/exchangeInfo')
      return this.exchangeInfo.shift() ?? { status: 500, body: Buffer.from('') };
    return this.depth(new URLSearchParams(query).get('symbol') ?? '');
  }

  /** How often the market data half started and stopped using REST. */
  readonly uses = { started: 0, stopped: 0 };

  start(): void {
    this.uses.started++;
  }

  async stop(): Promise<void> {
    this.uses.stopped++;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

export const depthFrame = (
  symbol: string,
  U: number,
  u: number,
  bids: string[][],
  asks: string[][] = [],
) => ({
  stream: `${symbol.toLowerCase()}@depth@100ms`,
  data: { e: 'depthUpdate', E: 1_700_000_000_000, s: symbol, U, u, b: bids, a: asks },
});

export const depthAnswer = (lastUpdateId: number, bids: string[][], asks: string[][]): RestResponse => ({
  status: 200,
  body: Buffer.from(JSON.stringify({ lastUpdateId, bids, asks })),
});

/** Copies events as they come, and lets a test wait for one. */
export class Events {
  readonly all: KernelEvent[] = [];
  #check: (() => void) | undefined;

  readonly sink = (event: KernelEvent): void => {
    this.all.push(structuredClone(event) as KernelEvent);
    this.#check?.();
  };

  /** Resolves when `found` holds of what has come so far; rejects after the deadline, saying what it had. */
  until(
    what: string,
    found: (events: readonly KernelEvent[]) => boolean,
    deadlineMs = 10_000,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const poll = setInterval(() => this.#check?.(), 20);
      const finish = (settle: () => void) => {
        this.#check = undefined;
        clearInterval(poll);
        clearTimeout(timer);
        settle();
      };
      const timer = setTimeout(() => {
        const seen = this.all.map((event) => event.kind).join(' ');
        finish(() => reject(new Error(`no ${what} within ${deadlineMs} ms; events: ${seen}`)));
      }, deadlineMs);
      this.#check = () => {
        if (found(this.all)) finish(resolve);
      };
      this.#check();
    });
  }
}
