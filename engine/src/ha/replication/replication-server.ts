import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import type { PumpListener } from '../../journal/index.js';
import { LagMeter } from './lag-meter.js';
import { NONCE_BYTES } from './messages.js';
import { ReplicationError } from './replication-error.js';
import { ReplicationSource, type ReplicationSourceOptions, refusal } from './replication-source.js';

/** One standby, one that is taking its place, and room for whoever tries the door. */
const MAX_CONNECTIONS = 8;

export interface ReplicationServerOptions extends Omit<ReplicationSourceOptions, 'output' | 'nonce'> {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Monotonic microseconds. */
  readonly nowUs: () => number;
  /** Called when a standby has come or gone, with why. */
  readonly onStandby?: (standby: string, isConnected: boolean, why: string) => void;
  /** Called when acknowledgements or the number of standbys changed. */
  readonly onProgress: () => void;
}

/** The leader's door: a TCP port on which standbys are served, on the thread that writes the journal. */
export class ReplicationServer implements PumpListener {
  readonly #options: ReplicationServerOptions;
  readonly #server: Server;
  readonly #sources = new Map<Socket, ReplicationSource>();
  readonly #lag = new LagMeter();
  #acked = 0;
  #standbys = 0;

  /** Rejects with the system's error when the port cannot be had. */
  static async listen(options: ReplicationServerOptions): Promise<ReplicationServer> {
    const server = createServer({ noDelay: true });
    server.maxConnections = MAX_CONNECTIONS;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: options.host, port: options.port }, () => {
        server.off('error', reject);
        resolve();
      });
    });
    return new ReplicationServer(options, server);
  }

  private constructor(options: ReplicationServerOptions, server: Server) {
    this.#options = options;
    this.#server = server;
    server.on('connection', (socket) => this.#accept(socket));
  }

  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  }

  /** Of the last record on a standby's device. */
  get acked(): number {
    return this.#acked;
  }

  /** Standbys that share this history. */
  get standbys(): number {
    return this.#standbys;
  }

  /** Bytes of records that no standby has. */
  get lagBytes(): number {
    return this.#lag.lagBytes;
  }

  /** For how long the oldest of those has been written, microseconds. */
  lagUs(nowUs: number): number {
    return this.#lag.lagUs(nowUs);
  }

  onWritten(bytes: Uint8Array, first: number, last: number, nowUs: number): void {
    this.#lag.written(last, bytes.length, nowUs);
    for (const source of this.#sources.values()) source.onWritten(bytes, first, last);
  }

  /** A slice of work for each standby; true when there is more. */
  step(nowUs: number): boolean {
    let isMore = false;
    for (const [socket, source] of this.#sources) {
      this.#guarded(socket, source, () => {
        if (source.step(nowUs)) isMore = true;
      });
    }
    this.#count();
    return isMore;
  }

  /** Closes the port and, once what was sent has left, the connections; after `patienceMs` without regard to that. */
  async close(patienceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const [socket, source] of this.#sources) {
      source.close();
      socket.end();
    }
    const timer = setTimeout(() => {
      for (const socket of this.#sources.keys()) socket.destroy();
    }, patienceMs);
    await closed;
    clearTimeout(timer);
  }

  #accept(socket: Socket): void {
    const nowUs = this.#options.nowUs();
    const output = {
      write: (frame: Uint8Array) => {
        socket.write(frame);
      },
      get buffered() {
        return socket.writableLength;
      },
    };
    const source = new ReplicationSource(
      { ...this.#options, output, nonce: randomBytes(NONCE_BYTES) },
      nowUs,
    );
    this.#sources.set(socket, source);
    socket.on('data', (bytes) => {
      this.#guarded(socket, source, () => {
        source.receive(bytes, this.#options.nowUs());
        source.step(this.#options.nowUs());
      });
      this.#count();
    });
    // Told by 'close' too.
    socket.on('error', () => {});
    socket.on('close', () => this.#drop(socket, source, 'the connection was closed'));
  }

  #guarded(socket: Socket, source: ReplicationSource, act: () => void): void {
    if (!this.#sources.has(socket)) return;
    const wasStreaming = source.isStreaming;
    try {
      act();
    } catch (error) {
      if (!(error instanceof ReplicationError)) throw error;
      socket.end(refusal(error));
      this.#drop(socket, source, error.message);
      return;
    }
    if (source.isStreaming && !wasStreaming) this.#options.onStandby?.(source.standby, true, '');
  }

  #drop(socket: Socket, source: ReplicationSource, why: string): void {
    if (!this.#sources.delete(socket)) return;
    source.close();
    if (source.isStreaming) this.#options.onStandby?.(source.standby, false, why);
    // What is left to be sent has a moment for it.
    setTimeout(() => socket.destroy(), 1_000).unref();
    this.#count();
  }

  #count(): void {
    let standbys = 0;
    let acked = this.#acked;
    for (const source of this.#sources.values()) {
      if (!source.isStreaming) continue;
      standbys++;
      acked = Math.max(acked, source.acked);
    }
    if (standbys === this.#standbys && acked === this.#acked) return;
    this.#standbys = standbys;
    this.#acked = acked;
    this.#lag.acked(acked);
    this.#options.onProgress();
  }
}
