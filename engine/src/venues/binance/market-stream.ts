import type { ReplyReader } from './reply-reader.js';
import { type Heartbeat, WsApiConnection } from './ws-api-connection.js';

/** Streams a single connection may carry (web-socket-streams.md, "WebSocket Limits"). */
export const MAX_STREAMS = 1024;
/** Longest URL the streams are named in; more of them are subscribed to after connecting. */
const MAX_URL = 4096;
/** Streams per subscription request, and the pause between two: the venue takes 5 messages a second, pongs included. */
const STREAMS_PER_REQUEST = 100;
const REQUEST_INTERVAL_MS = 350;
/** An unanswered subscription request is a failed connection. */
const REPLY_TIMEOUT_MS = 10_000;

export interface MarketStreamHandlers {
  /** Every stream is subscribed to. */
  onUp(stream: MarketStream): void;
  /** `frame` is valid during the call only. Frames may come before {@link onUp}. */
  onFrame(stream: MarketStream, frame: Buffer): void;
  /** The venue refused the handshake; `retryAfterMs` is -1 when it did not say. `onDown` follows. */
  onRefused(status: number, retryAfterMs: number): void;
  /** Once, whatever ended it; also when it never came up. */
  onDown(stream: MarketStream, why: string): void;
}

/** One connection that carries all of the venue's market streams, from connecting to closed. */
export class MarketStream {
  up = false;
  readonly #connection: WsApiConnection;
  readonly #handlers: MarketStreamHandlers;
  readonly #requests: string[][] = [];
  #sent = 0;
  #answered = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `base` is the stream endpoint; rejects more than {@link MAX_STREAMS} with a RangeError. */
  constructor(
    base: string,
    number: number,
    streams: readonly string[],
    heartbeat: Heartbeat,
    handlers: MarketStreamHandlers,
  ) {
    if (streams.length > MAX_STREAMS) {
      throw new RangeError(`binance: ${streams.length} streams, one connection carries ${MAX_STREAMS}`);
    }
    this.#handlers = handlers;
    const url = `${base}/stream?streams=${streams.join('/')}`;
    const named = url.length <= MAX_URL;
    if (!named) {
      for (let i = 0; i < streams.length; i += STREAMS_PER_REQUEST) {
        this.#requests.push(streams.slice(i, i + STREAMS_PER_REQUEST));
      }
    }
    this.#connection = new WsApiConnection(named ? url : `${base}/stream`, number, heartbeat, {
      onOpen: () => {
        if (named) this.#ready();
        else this.#subscribe();
      },
      onFrame: (_, frame) => handlers.onFrame(this, frame),
      onRefused: (status, retryAfterMs) => handlers.onRefused(status, retryAfterMs),
      onClose: (_, why) => {
        clearTimeout(this.#timer);
        this.up = false;
        handlers.onDown(this, why);
      },
    });
  }

  /** The venue answered a subscription request. */
  onReply(reply: ReplyReader, accepted: boolean): void {
    if (!accepted) {
      this.#connection.terminate(`subscription refused: ${reply.code} ${reply.text}`);
      return;
    }
    this.#answered++;
    if (!this.up && this.#answered === this.#requests.length) {
      clearTimeout(this.#timer);
      this.#ready();
    }
  }

  /** Closes politely. */
  close(why: string): void {
    this.#connection.close(why);
  }

  /** Drops the connection at once. */
  terminate(why: string): void {
    this.#connection.terminate(why);
  }

  #ready(): void {
    this.up = true;
    this.#handlers.onUp(this);
  }

  #subscribe(): void {
    const params = this.#requests[this.#sent++]!;
    this.#connection.send(Buffer.from(JSON.stringify({ method: 'SUBSCRIBE', params, id: this.#sent })));
    const more = this.#sent < this.#requests.length;
    this.#timer = setTimeout(
      () => (more ? this.#subscribe() : this.terminate('no answer to a subscription')),
      more ? REQUEST_INTERVAL_MS : REPLY_TIMEOUT_MS,
    );
  }
}
