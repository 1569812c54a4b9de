import { type Dispatcher, Pool } from 'undici';

/** Requests to one address that are under way at once; others wait for one of them. */
export const REST_CONNECTIONS = 8;

/**
 * Kept-alive connections to one REST address, shared by everybody who asks there. They exist while somebody holds the pool
 * and are closed when the last one lets go of it.
 */
export class RestPool {
  readonly #origin: string;
  readonly #timeoutMs: number;
  /** Path of the base URL, without a slash at its end. */
  readonly prefix: string;
  readonly #gate: (() => void) | undefined;
  #pool: Pool | undefined;
  /** The same pool, asking the gate. */
  #gated: Dispatcher | undefined;
  #holders = 0;

  /**
   * `url` is the base URL; throws a TypeError when it is none. `gate` throws when gated requests must not be sent: it is
   * called when a connection is about to write one, after all waiting for a connection is over.
   */
  constructor(url: string, timeoutMs: number, gate?: () => void) {
    this.#gate = gate;
    const { origin, pathname } = new URL(url);
    this.#origin = origin;
    this.#timeoutMs = timeoutMs;
    this.prefix = pathname.replace(/\/+$/, '');
  }

  /** Whether any connection may exist. */
  get open(): boolean {
    return this.#pool !== undefined;
  }

  /** {@link release} must follow. */
  hold(): void {
    this.#holders++;
  }

  /** Resolves, for the last holder, when all connections are closed. */
  async release(): Promise<void> {
    if (--this.#holders > 0) return;
    const pool = this.#pool;
    this.#pool = undefined;
    this.#gated = undefined;
    await pool?.destroy();
  }

  /** To be called while holding the pool. A gated request that the gate stops rejects with what the gate threw. */
  request(options: Dispatcher.RequestOptions, gated = false): Promise<Dispatcher.ResponseData> {
    const timeout = this.#timeoutMs;
    this.#pool ??= new Pool(this.#origin, {
      connections: REST_CONNECTIONS,
      pipelining: 1,
      keepAliveTimeout: 30_000,
      headersTimeout: timeout,
      bodyTimeout: timeout,
      connect: { timeout },
    });
    const gate = this.#gate;
    if (!gated || gate === undefined) return this.#pool.request(options);
    this.#gated ??= this.#pool.compose(
      (dispatch) => (request, handler) => dispatch(request, new GatedHandler(handler, gate)),
    );
    return this.#gated.request(options);
  }
}

type Handler = Dispatcher.DispatchHandler;
type Rest<K extends keyof Handler> = Parameters<NonNullable<Handler[K]>>;

/** Asks the gate when the connection turns to the request: nothing has been written by then, nor is when it throws. */
class GatedHandler implements Handler {
  readonly #next: Handler;
  readonly #gate: () => void;

  constructor(next: Handler, gate: () => void) {
    this.#next = next;
    this.#gate = gate;
  }

  onRequestStart(...args: Rest<'onRequestStart'>): void {
    this.#gate();
    this.#next.onRequestStart?.(...args);
  }

  onRequestUpgrade(...args: Rest<'onRequestUpgrade'>): void {
    this.#next.onRequestUpgrade?.(...args);
  }

  onResponseStart(...args: Rest<'onResponseStart'>): void {
    this.#next.onResponseStart?.(...args);
  }

  onResponseData(...args: Rest<'onResponseData'>): void {
    this.#next.onResponseData?.(...args);
  }

  onResponseEnd(...args: Rest<'onResponseEnd'>): void {
    this.#next.onResponseEnd?.(...args);
  }

  onResponseError(...args: Rest<'onResponseError'>): void {
    this.#next.onResponseError?.(...args);
  }
}
