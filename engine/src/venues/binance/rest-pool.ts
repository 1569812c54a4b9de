import { type Dispatcher, Pool } from 'undici';

/**
 * Kept-alive connections to one REST address, shared by everybody who asks there. They exist while somebody holds the pool
 * and are closed when the last one lets go of it.
 */
export class RestPool {
  readonly #origin: string;
  readonly #timeoutMs: number;
  /** Path of the base URL, without a slash at its end. */
  readonly prefix: string;
  #pool: Pool | undefined;
  #holders = 0;

  /** `url` is the base URL; throws a TypeError when it is none. */
  constructor(url: string, timeoutMs: number) {
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
    await pool?.destroy();
  }

  /** To be called while holding the pool. */
  request(options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> {
    const timeout = this.#timeoutMs;
    this.#pool ??= new Pool(this.#origin, {
      connections: 8,
      pipelining: 1,
      keepAliveTimeout: 30_000,
      headersTimeout: timeout,
      bodyTimeout: timeout,
      connect: { timeout },
    });
    return this.#pool.request(options);
  }
}
