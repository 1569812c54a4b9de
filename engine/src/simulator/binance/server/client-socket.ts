/** A WebSocket connection as the venue keeps it: pings, age, slow clients, and the half-open fault. */
import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import type { SocketOptions } from '../options.js';

/** Close codes the venue uses. */
export const CloseCode = { Normal: 1000, GoingAway: 1001, Policy: 1008 } as const;

export interface SocketHandlers {
  onMessage(data: RawData, isBinary: boolean): void;
  /** A ping or pong of the client. */
  onControlFrame?(): void;
  onClose(): void;
}

export class ClientSocket {
  readonly connectedMs = Date.now();
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  readonly #options: SocketOptions;
  readonly #ping: NodeJS.Timeout;
  readonly #age: NodeJS.Timeout;
  #thaw: NodeJS.Timeout | null = null;
  #lastPongMs = Date.now();
  #corked = false;
  #frozen = false;

  constructor(ws: WebSocket, socket: Socket, options: SocketOptions, handlers: SocketHandlers) {
    this.#ws = ws;
    this.#socket = socket;
    this.#options = options;
    ws.on('message', (data, isBinary) => {
      if (!this.#frozen) handlers.onMessage(data, isBinary);
    });
    ws.on('ping', () => handlers.onControlFrame?.());
    ws.on('pong', () => {
      this.#lastPongMs = Date.now();
      handlers.onControlFrame?.();
    });
    // What a client sends wrong (bad frames, oversized messages) ends its connection, nothing else.
    ws.on('error', () => this.cut());
    ws.on('close', () => {
      clearInterval(this.#ping);
      clearTimeout(this.#age);
      if (this.#thaw !== null) clearTimeout(this.#thaw);
      handlers.onClose();
    });
    this.#ping = setInterval(() => this.#keepAlive(), options.pingIntervalMs);
    this.#ping.unref();
    this.#age = setTimeout(
      () => this.close(CloseCode.Normal, 'connection lifetime reached'),
      options.maxAgeMs,
    );
    this.#age.unref();
  }

  /** Sends a text frame. All frames of one turn of the event loop leave in one write. */
  send(text: string | Buffer): void {
    if (this.#frozen || this.#ws.readyState !== this.#ws.OPEN) return;
    if (this.#ws.bufferedAmount > this.#options.maxBufferedBytes) {
      this.cut();
      return;
    }
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.#socket.uncork();
      });
    }
    this.#ws.send(text, { binary: false });
  }

  close(code: number, reason: string): void {
    if (this.#frozen) this.cut();
    else this.#ws.close(code, reason);
  }

  /** Ends the connection without a word. */
  cut(): void {
    this.#ws.terminate();
  }

  /** Goes silent without closing: nothing is sent, read or ponged, then the connection is cut. */
  freeze(durationMs: number): void {
    if (this.#frozen) return;
    this.#frozen = true;
    this.#ws.pause();
    this.#thaw = setTimeout(() => this.cut(), durationMs);
    this.#thaw.unref();
  }

  #keepAlive(): void {
    if (this.#frozen) return;
    const now = Date.now();
    if (now - this.#lastPongMs > this.#options.pongTimeoutMs) {
      this.cut();
      return;
    }
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.ping(String(now));
  }
}
