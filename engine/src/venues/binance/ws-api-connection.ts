import { WebSocket } from 'ws';

export interface ConnectionHandlers {
  onOpen(connection: WsApiConnection): void;
  /** `frame` is valid during the call only. */
  onFrame(connection: WsApiConnection, frame: Buffer): void;
  /** The handshake was refused; `retryAfterMs` is -1 when the venue did not say. `onClose` follows. */
  onRefused?(status: number, retryAfterMs: number): void;
  /** Once, whatever ended it. */
  onClose(connection: WsApiConnection, why: string): void;
}

export interface Heartbeat {
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** Private messages are small; an answer larger than this is an attack or a mistake. */
const MAX_FRAME = 16 * 1024 * 1024;
/** More than this waiting to be written: the socket is stuck, and another order would only arrive late. */
const MAX_BACKLOG = 1024 * 1024;
const TEXT = { binary: false, compress: false } as const;

/** Opens a socket to the WebSocket API. */
export type OpenSocket = (url: string) => WebSocket;

const openSocket: OpenSocket = (url) =>
  new WebSocket(url, {
    perMessageDeflate: false,
    handshakeTimeout: 10_000,
    maxPayload: MAX_FRAME,
    // The decoder takes any bytes: checking them twice would cost time on the line.
    skipUTF8Validation: true,
  });

/** One socket of the WebSocket API, from connecting to closed. A silent peer is found out by pings. */
export class WsApiConnection {
  /** Unique in the process, above 0. */
  readonly number: number;
  readonly #socket: WebSocket;
  readonly #heartbeat: Heartbeat;
  readonly #handlers: ConnectionHandlers;
  #timer: NodeJS.Timeout | undefined;
  #alive = true;
  #why = '';
  #closed = false;

  constructor(
    url: string,
    number: number,
    heartbeat: Heartbeat,
    handlers: ConnectionHandlers,
    open: OpenSocket = openSocket,
  ) {
    this.number = number;
    this.#heartbeat = heartbeat;
    this.#handlers = handlers;
    this.#socket = open(url);
    this.#listen();
  }

  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Hands `frame` to the socket, which copies it. False when it is not open or too far behind: nothing was sent then. */
  send(frame: Uint8Array): boolean {
    if (this.#socket.readyState !== WebSocket.OPEN || this.#socket.bufferedAmount > MAX_BACKLOG) return false;
    this.#socket.send(frame, TEXT);
    return true;
  }

  /** Ends the connection: politely, and by force if that takes longer than a second. */
  close(why: string): void {
    this.#why ||= why;
    this.#socket.close(1000);
    setTimeout(() => this.#socket.terminate(), 1_000).unref();
  }

  /** Ends the connection now: the peer is not expected to answer. */
  terminate(why: string): void {
    this.#why ||= why;
    this.#socket.terminate();
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('open', () => {
      this.#timer = setInterval(() => this.#beat(), this.#heartbeat.intervalMs);
      this.#timer.unref();
      this.#handlers.onOpen(this);
    });
    socket.on('message', (data) => {
      this.#alive = true;
      this.#handlers.onFrame(this, data as Buffer);
    });
    socket.on('ping', () => {
      this.#alive = true;
    });
    socket.on('pong', () => {
      this.#alive = true;
    });
    socket.on('unexpected-response', (_request, response) => {
      const status = response.statusCode ?? 0;
      const seconds = Number(response.headers['retry-after'] ?? Number.NaN);
      this.#why ||= `refused with status ${status}`;
      this.#handlers.onRefused?.(status, seconds >= 0 ? seconds * 1000 : -1);
      socket.terminate();
    });
    socket.on('error', (error) => {
      this.#why ||= error.message;
    });
    socket.on('close', (code) => {
      clearInterval(this.#timer);
      if (this.#closed) return;
      this.#closed = true;
      this.#handlers.onClose(this, this.#why || `closed with code ${code}`);
    });
  }

  /** Nothing heard since the last beat: ask, and give up unless something comes back in time. */
  #beat(): void {
    if (this.#alive) {
      this.#alive = false;
      return;
    }
    this.#socket.ping();
    setTimeout(() => {
      if (!this.#alive && !this.#closed) this.terminate('half-open: no answer to a ping');
    }, this.#heartbeat.timeoutMs).unref();
  }
}
