import type { Clock, Logger } from '../../telemetry/index.js';
import { Backoff } from '../backoff.js';
import { MarketStream } from './market-stream.js';
import type { ReconnectOptions } from './options.js';
import type { Heartbeat } from './ws-api-connection.js';

/** The venue allows 300 connection attempts per 5 minutes and address; others on this address want some too. */
const MAX_CONNECTS = 200;
const CONNECT_WINDOW_NS = 300e9;
/** A connection that lasted this long ends a run of failed attempts. */
const STABLE_NS = 10e9;
/** Wait after a 429 or 418 (a ban) that does not say how long. */
const RATE_LIMITED_MS = 60_000;
/** No ban of the venue's lasts longer; and beyond 24 days a timer would go off at once. */
const LONGEST_HOLD_MS = 3 * 86_400_000;
/** How long the old connection is still listened to after its successor came up. */
const OVERLAP_MS = 1_000;
/** The venue closes every connection after 24 h: be first. */
const LIFETIME_MS = (23 * 60 + 50) * 60_000;

export interface StreamKeeperOptions {
  readonly url: string;
  readonly streams: readonly string[];
  readonly heartbeat: Heartbeat;
  readonly reconnect: ReconnectOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Draws from [0, 1). */
  readonly random: () => number;
  /** Age at which a connection is replaced; default 23 h 50 min. */
  readonly lifetimeMs?: number;
}

export interface StreamKeeperHandlers {
  onConnecting(): void;
  /** Frames of a new connection follow; what the last one carried must be rebuilt. Not called when one replaces another. */
  onUp(): void;
  onFrame(stream: MarketStream, frame: Buffer): void;
  onDown(why: string): void;
}

/**
 * Keeps one market stream connection up: reconnects with backoff and jitter, within the venue's budget of attempts, and
 * replaces a connection that grows old (or is about to be closed by the venue) by a second one before dropping it.
 */
export class StreamKeeper {
  readonly #options: StreamKeeperOptions;
  readonly #handlers: StreamKeeperHandlers;
  readonly #backoff: Backoff;
  /** Monotonic times of the attempts of the last five minutes. */
  readonly #attempts: number[] = [];
  #number = 0;
  #current: MarketStream | undefined;
  #next: MarketStream | undefined;
  #old: MarketStream | undefined;
  #upSince = 0;
  /** The venue asked not to be tried again before this time, monotonic. */
  #holdUntilNs = 0;
  #timer: NodeJS.Timeout | undefined;
  #renewal: NodeJS.Timeout | undefined;
  #running = false;
  #first: { resolve: () => void; reject: (error: Error) => void } | undefined;

  constructor(options: StreamKeeperOptions, handlers: StreamKeeperHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    const { reconnect, random } = options;
    this.#backoff = new Backoff(reconnect, random);
  }

  /** Resolves when the first connection is up; rejects when the attempts allowed are used up before. */
  start(): Promise<void> {
    this.#running = true;
    return new Promise((resolve, reject) => {
      this.#first = { resolve, reject };
      this.#backoff.next();
      this.#connect();
    });
  }

  /** Closes everything; no handler is called any more. */
  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
    clearTimeout(this.#renewal);
    for (const stream of [this.#current, this.#next, this.#old]) stream?.close('stopped');
    this.#current = this.#next = this.#old = undefined;
    this.#first?.reject(new Error('binance: market data stopped before it was connected'));
    this.#first = undefined;
  }

  /** Replaces the connection, without a break where possible: the venue announced its end, or it is old. */
  renew(why: string): void {
    if (!this.#running || this.#current?.up !== true || this.#next !== undefined) return;
    const wait = Math.max(this.#waitForBudgetMs(), this.#heldMs());
    if (wait > 0) {
      this.#renewal = setTimeout(() => this.renew(why), wait);
      return;
    }
    this.#options.logger.info('replacing the market data connection', { why });
    clearTimeout(this.#renewal);
    this.#next = this.#open();
  }

  /** Drops a connection that is up, at once, and makes another. */
  restart(why: string): void {
    if (this.#current?.up === true) this.#current.terminate(why);
  }

  #connect(): void {
    const wait = this.#waitForBudgetMs();
    if (wait > 0) {
      this.#timer = setTimeout(() => this.#connect(), wait);
      return;
    }
    this.#handlers.onConnecting();
    this.#current = this.#open();
  }

  #open(): MarketStream {
    const { url, streams, heartbeat, clock } = this.#options;
    this.#attempts.push(clock.nanos());
    return new MarketStream(url, ++this.#number, streams, heartbeat, {
      onUp: (stream) => this.#onUp(stream),
      onFrame: (stream, frame) => {
        if (this.#running) this.#handlers.onFrame(stream, frame);
      },
      onRefused: (status, retryAfterMs) => {
        const limited = status === 429 || status === 418;
        const askedMs = retryAfterMs < 0 && limited ? RATE_LIMITED_MS : retryAfterMs;
        const waitMs = Math.min(askedMs, LONGEST_HOLD_MS);
        this.#holdUntilNs = Math.max(this.#holdUntilNs, clock.nanos() + waitMs * 1e6);
      },
      onDown: (stream, why) => this.#onDown(stream, why),
    });
  }

  #onUp(stream: MarketStream): void {
    if (!this.#running) return;
    this.#upSince = this.#options.clock.nanos();
    this.#scheduleRenewal();
    if (stream === this.#next) {
      this.#retire(this.#current!);
      this.#current = stream;
      this.#next = undefined;
      return;
    }
    this.#handlers.onUp();
    this.#first?.resolve();
    this.#first = undefined;
  }

  #retire(stream: MarketStream): void {
    this.#old?.terminate('replaced');
    this.#old = stream;
    setTimeout(() => stream.close('replaced'), OVERLAP_MS).unref();
  }

  #onDown(stream: MarketStream, why: string): void {
    if (!this.#running) return;
    if (stream === this.#old) this.#old = undefined;
    else if (stream === this.#next) {
      this.#next = undefined;
      this.#options.logger.warn('the replacement connection failed', { why });
      this.#scheduleRenewal(Math.max(1_000, this.#options.reconnect.maxDelayMs));
    } else if (stream === this.#current) this.#onLost(why);
  }

  #onLost(why: string): void {
    clearTimeout(this.#renewal);
    this.#current = undefined;
    // A replacement on its way is dropped too: books start over from whatever comes up next.
    this.#next?.terminate('the connection it was to replace is gone');
    this.#next = undefined;
    this.#handlers.onDown(why);
    if (!this.#running) return;
    const { clock, logger, reconnect } = this.#options;
    if (this.#upSince > 0 && clock.nanos() - this.#upSince >= STABLE_NS) this.#backoff.reset();
    this.#upSince = 0;
    const backoffMs = this.#backoff.next();
    const delayMs = Math.max(backoffMs, this.#heldMs());
    if (backoffMs < 0) {
      const error = new Error(
        `binance: market data: gave up after ${reconnect.maxAttempts} attempts: ${why}`,
      );
      logger.error(error.message);
      this.#first?.reject(error);
      this.#first = undefined;
      return;
    }
    logger.warn('market data connection lost', { why, reconnectInMs: delayMs });
    this.#timer = setTimeout(() => this.#connect(), delayMs);
  }

  #scheduleRenewal(delayMs = this.#options.lifetimeMs ?? LIFETIME_MS): void {
    clearTimeout(this.#renewal);
    this.#renewal = setTimeout(() => this.renew('its lifetime is over'), delayMs);
    this.#renewal.unref();
  }

  #heldMs(): number {
    return Math.max(0, Math.ceil((this.#holdUntilNs - this.#options.clock.nanos()) / 1e6));
  }

  #waitForBudgetMs(): number {
    const now = this.#options.clock.nanos();
    while (this.#attempts.length > 0 && now - this.#attempts[0]! >= CONNECT_WINDOW_NS) this.#attempts.shift();
    if (this.#attempts.length < MAX_CONNECTS) return 0;
    return Math.ceil((this.#attempts[0]! + CONNECT_WINDOW_NS - now) / 1e6);
  }
}
