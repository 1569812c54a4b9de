import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { encodeMessage, MessageKind, NONCE_BYTES } from './messages.js';
import type { ReplicaStore } from './replica-store.js';
import { ReplicationError } from './replication-error.js';
import { type ReplicaListener, ReplicationSink } from './replication-sink.js';

const RETRY_FIRST_MS = 20;
const RETRY_LAST_MS = 1_000;
const CHECK_MS = 100;

export interface ReplicationClientOptions {
  readonly store: ReplicaStore;
  readonly node: string;
  readonly secret: string | undefined;
  readonly listener: ReplicaListener;
  /** Monotonic microseconds. */
  readonly nowUs: () => number;
  /** Why there is no use in a connection now, asked before each; undefined: there is. Then it is asked again soon. */
  readonly whyNot?: () => string | undefined;
  /** Called when a connection ended or was not made, with why. The next one is tried soon. */
  readonly onError?: (error: Error) => void;
}

/** The standby's side: keeps a connection to the leader, wherever that is, and its store up to it. Runs until closed. */
export class ReplicationClient {
  readonly #options: ReplicationClientOptions;
  #host = '';
  #port = 0;
  #socket: Socket | undefined;
  #sink: ReplicationSink | undefined;
  #retryMs = RETRY_FIRST_MS;
  #retry: NodeJS.Timeout | undefined;
  #check: NodeJS.Timeout | undefined;
  #commit: NodeJS.Immediate | undefined;
  #isClosed = false;

  constructor(options: ReplicationClientOptions) {
    this.#options = options;
  }

  /** The connection, for its figures; undefined while there is none. */
  get sink(): ReplicationSink | undefined {
    return this.#sink;
  }

  /** Connects to the leader at `host:port`; leaves another one for it. */
  follow(host: string, port: number): void {
    if (this.#isClosed || (host === this.#host && port === this.#port)) return;
    this.#host = host;
    this.#port = port;
    this.#drop();
    this.#retryMs = RETRY_FIRST_MS;
    clearTimeout(this.#retry);
    this.#open();
  }

  /** Makes what arrived durable and ends the connection: nothing is put into the store after this. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#retry);
    const sink = this.#sink;
    try {
      sink?.commit();
    } finally {
      this.#drop();
    }
  }

  #open(): void {
    const { nowUs, whyNot } = this.#options;
    const why = whyNot?.();
    if (why !== undefined) {
      this.#openLater(new Error(why));
      return;
    }
    const beganUs = nowUs();
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true });
    this.#socket = socket;
    socket.on('connect', () => {
      const { store, node, secret, listener } = this.#options;
      this.#sink = new ReplicationSink(
        {
          store,
          node,
          secret,
          listener,
          nonce: randomBytes(NONCE_BYTES),
          send: (frame) => {
            socket.write(frame);
          },
        },
        nowUs(),
      );
    });
    socket.on('data', (bytes) => {
      this.#guarded(socket, (sink) => {
        sink.receive(bytes, nowUs());
        // One that streams and soon ends, as where the disk is full here, must not be made again and again without a pause.
        if (sink.isStreaming && nowUs() - beganUs > RETRY_LAST_MS * 1000) this.#retryMs = RETRY_FIRST_MS;
        // After what else has arrived by now: one sync for all of it.
        this.#commit ??= setImmediate(() => {
          this.#commit = undefined;
          this.#guarded(socket, () => sink.commit());
        });
      });
    });
    socket.on('error', (error) => this.#failed(socket, error));
    socket.on('close', () => this.#failed(socket, new Error('the leader closed the connection')));
    this.#check = setInterval(() => this.#guarded(socket, (sink) => sink.check(nowUs())), CHECK_MS);
  }

  #guarded(socket: Socket, act: (sink: ReplicationSink) => void): void {
    if (socket !== this.#socket || this.#sink === undefined) return;
    try {
      act(this.#sink);
    } catch (error) {
      if (error instanceof ReplicationError && error.code !== 'TW_REPLICATION_REFUSED') {
        socket.write(encodeMessage({ kind: MessageKind.Refuse, why: error.message }));
      }
      this.#failed(socket, error as Error);
    }
  }

  #failed(socket: Socket, error: Error): void {
    if (socket !== this.#socket) return;
    this.#drop();
    this.#openLater(error);
  }

  #openLater(error: Error): void {
    this.#options.onError?.(error);
    if (this.#isClosed) return;
    this.#retry = setTimeout(() => this.#open(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_LAST_MS);
  }

  #drop(): void {
    clearInterval(this.#check);
    if (this.#commit !== undefined) clearImmediate(this.#commit);
    this.#commit = undefined;
    this.#socket?.destroySoon();
    this.#socket = undefined;
    this.#sink = undefined;
  }
}
