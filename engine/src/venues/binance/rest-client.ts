import type { Dispatcher } from 'undici';
import type { Params, Signer } from './auth.js';
import { restQuery } from './auth.js';
import type { BinanceLimits } from './limits.js';
import { pause } from './pause.js';
import type { RestPool } from './rest-pool.js';
import type { RestPort, RestResponse } from './rest-port.js';

/** A REST request that brought no answer. */
export class RestError extends Error {
  readonly code = 'TW_BINANCE_REST';
  override readonly name = 'RestError';
  /** False when the request provably never reached the wire: anything else has an unknown outcome. */
  readonly sent: boolean;

  constructor(message: string, sent: boolean, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.sent = sent;
  }
}

/** The budget for a request is spent, or the venue has closed the scope: nothing was sent. */
export class RateBudgetError extends RestError {
  constructor(waitMs: number) {
    super(`rate budget spent for another ${waitMs} ms`, false);
  }
}

/** The client was stopped: nothing was sent. */
export class RestStoppedError extends RestError {
  constructor() {
    super('stopped: no request is sent any more', false);
  }
}

/** This process may not send orders: nothing was sent. */
export class NotLeaderError extends RestError {
  constructor() {
    super('not the leader: no order request is sent', false);
  }
}

/** An answer with an error status. */
export class BinanceApiError extends Error {
  readonly code = 'TW_BINANCE_API';
  override readonly name = 'BinanceApiError';
  readonly status: number;
  /** Binance's own code, 0 when the body had none. */
  readonly venueCode: number;
  readonly venueMessage: string;

  constructor(status: number, venueCode: number, venueMessage: string) {
    super(`${status} ${venueCode}: ${venueMessage}`);
    this.status = status;
    this.venueCode = venueCode;
    this.venueMessage = venueMessage;
  }
}

export interface RestRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** E.g. `/api/v3/order`. */
  readonly path: string;
  readonly params?: Params;
  /** Request weight it costs. */
  readonly weight: number;
  /** Adds timestamp, recvWindow and signature. */
  readonly signed?: boolean;
  /** Counts as a new order as well. Its budget must have been booked by the caller. */
  readonly order?: boolean;
  /** May use the budget's reserve. */
  readonly urgent?: boolean;
  /** The budget was booked by the caller. */
  readonly booked?: boolean;
  /** Places or cancels an order: sent only by a process that may. */
  readonly gated?: boolean;
}

export interface RestClientOptions {
  /** Shared with others who ask the same address. */
  readonly pool: RestPool;
  readonly timeoutMs: number;
  readonly recvWindowMs: number;
  readonly limits: BinanceLimits;
  /** The venue's time for `timestamp`. */
  readonly nowMs: () => number;
  readonly signer?: Signer | undefined;
  /** Largest answer taken, bytes; default 32 MiB. */
  readonly maxBodyBytes?: number;
}

interface Answer extends RestResponse {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Failures that happen before a byte of the request is written. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * Binance's REST API as one part of the venue uses it. Books each request's weight before it is sent, reads the usage
 * headers, bounds the body, and never repeats a request by itself: whether to ask again is the caller's decision.
 *
 * Works without {@link start} too, for a single question; connections are then kept no longer than it takes.
 */
export class RestClient implements RestPort {
  readonly #options: RestClientOptions;
  readonly #maxBody: number;
  #started = false;
  /** Aborted by {@link stop}: ends waits. */
  #ended = new AbortController();
  /** Requests on the wire, and what ends each. */
  readonly #underWay = new Map<AbortController, Promise<unknown>>();

  constructor(options: RestClientOptions) {
    this.#options = options;
    this.#maxBody = options.maxBodyBytes ?? 32 * 1024 * 1024;
  }

  start(): void {
    if (this.#ended.signal.aborted) this.#ended = new AbortController();
    if (this.#started) return;
    this.#started = true;
    this.#options.pool.hold();
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    for (const cut of this.#underWay.keys()) cut.abort(new DOMException('stopped', 'AbortError'));
    await Promise.allSettled(this.#underWay.values());
    if (!this.#started) return;
    this.#started = false;
    await this.#options.pool.release();
  }

  async getJson(path: string, query: string, weight: number): Promise<RestResponse> {
    await this.#waitForBudget(weight);
    return this.#send({ method: 'GET', path, weight }, query);
  }

  /** Sends one request and parses its JSON answer. Rejects with {@link BinanceApiError} or {@link RestError}. */
  async call(request: RestRequest): Promise<unknown> {
    const { status, body } = await this.request(request);
    const value = parseJson(body);
    if (status >= 200 && status < 300) {
      if (value === undefined) throw new RestError(`${request.path}: the answer is not JSON`, true);
      return value;
    }
    const { code, msg } = errorBody(value);
    throw new BinanceApiError(status, code, msg);
  }

  /** As {@link call}, but any status resolves. Rejects at once when the budget is spent. */
  request(request: RestRequest): Promise<RestResponse> {
    const { limits } = this.#options;
    const urgent = request.urgent ?? false;
    if (this.#ended.signal.aborted) {
      if (request.booked === true) limits.refund(request.weight, request.order ?? false);
      return Promise.reject(new RestStoppedError());
    }
    if (request.booked !== true && !limits.tryRequest(request.weight, urgent)) {
      return Promise.reject(new RateBudgetError(limits.waitMs(request.weight, urgent)));
    }
    return this.#send(request, this.#query(request));
  }

  #query(request: RestRequest): string {
    const params = request.params ?? {};
    if (request.signed !== true) return restQuery(params);
    const { signer, recvWindowMs, nowMs } = this.#options;
    if (signer === undefined) throw new RestError('no credentials for a signed request', false);
    return signer.signRest({ ...params, recvWindow: recvWindowMs, timestamp: nowMs() });
  }

  /** Public market data can wait; only a ban makes it give up. */
  async #waitForBudget(weight: number): Promise<void> {
    const { limits } = this.#options;
    const { signal } = this.#ended;
    for (;;) {
      if (signal.aborted) throw new RestStoppedError();
      if (limits.tryRequest(weight, false)) return;
      const wait = limits.waitMs(weight, false);
      if (limits.banned) throw new RateBudgetError(wait);
      await pause(Math.max(wait, 10), signal);
    }
  }

  async #send(request: RestRequest, query: string): Promise<RestResponse> {
    const { limits } = this.#options;
    const order = request.order ?? false;
    let answer: Answer;
    try {
      answer = await this.#exchange(request, query);
    } catch (error) {
      const sent = error instanceof RestError ? error.sent : !NOT_SENT.has(errorCode(error));
      if (sent) limits.settle(request.weight, order);
      else limits.refund(request.weight, order);
      if (error instanceof RestError) throw error;
      throw new RestError(`${request.method} ${request.path}: ${describe(error)}`, sent, error);
    }
    const { status, body, headers } = answer;
    limits.settle(request.weight, order);
    limits.confirmHeaders(headers);
    if (status === 429 || status === 418) {
      limits.penalize(status, errorBody(parseJson(body)).code, retryAfterMs(headers['retry-after']));
    }
    return { status, body };
  }

  /** One exchange on the wire, cut off by the timeout or by {@link stop}. */
  async #exchange(request: RestRequest, query: string): Promise<Answer> {
    const cut = new AbortController();
    const answer = this.#ask(request, query, cut);
    this.#underWay.set(cut, answer);
    try {
      return await answer;
    } finally {
      this.#underWay.delete(cut);
    }
  }

  async #ask({ method, path, gated }: RestRequest, query: string, cut: AbortController): Promise<Answer> {
    const { pool, signer, timeoutMs } = this.#options;
    const timer = setTimeout(() => cut.abort(new DOMException('timed out', 'TimeoutError')), timeoutMs);
    pool.hold();
    try {
      const options = {
        method,
        path: `${pool.prefix}${path}${query === '' ? '' : `?${query}`}`,
        headers: signer === undefined ? {} : { 'X-MBX-APIKEY': signer.apiKey },
        signal: cut.signal,
      };
      const response = await pool.request(options, gated);
      return {
        status: response.statusCode,
        headers: response.headers,
        body: await this.#read(response),
      };
    } finally {
      clearTimeout(timer);
      await pool.release();
    }
  }

  async #read(response: Dispatcher.ResponseData): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > this.#maxBody) throw new RestError(`answer larger than ${this.#maxBody} bytes`, true);
      chunks.push(chunk);
    }
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size);
  }
}

/** The parsed body, or undefined when it is not JSON. */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()) as unknown;
  } catch {
    return undefined;
  }
}

/** `code` and `msg` of an error body; 0 and empty when it is something else (a gateway's HTML page). */
export function errorBody(value: unknown): { code: number; msg: string } {
  const body = (typeof value === 'object' && value !== null ? value : {}) as {
    code?: unknown;
    msg?: unknown;
  };
  return {
    code: typeof body.code === 'number' ? body.code : 0,
    msg: typeof body.msg === 'string' ? body.msg : '',
  };
}

function retryAfterMs(header: string | string[] | undefined): number {
  const seconds = Number(header);
  return header !== undefined && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : -1;
}

function errorCode(error: unknown): string {
  return String((error as { code?: unknown }).code ?? (error as Error).name);
}

/** Never the URL: it holds the signature. */
function describe(error: unknown): string {
  return `${errorCode(error)}${error instanceof Error ? ` ${error.message}` : ''}`;
}
