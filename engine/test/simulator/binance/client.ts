/** A small Binance client of the tests' own, written from the documentation: shares no code with the simulator. */
import { createHmac, sign } from 'node:crypto';
import { WebSocket } from 'ws';
import type { RunningSimulator } from '../../../src/simulator/index.js';

export interface Key {
  readonly apiKey: string;
  readonly kind: 'hmac' | 'ed25519' | 'rsa';
  /** HMAC secret, or private key PEM. */
  readonly secret: string;
}

// biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
export type Json = Record<string, any>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  readonly body: any;
}

type Params = Record<string, string | number | boolean>;

export function signature(key: Key, payload: string): string {
  if (key.kind === 'hmac') return createHmac('sha256', key.secret).update(payload).digest('hex');
  return sign(key.kind === 'rsa' ? 'RSA-SHA256' : null, Buffer.from(payload), key.secret).toString('base64');
}

/** `a=1&b=2`, percent-encoded. */
export function form(params: Params): string {
  return Object.entries(params)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join('&');
}

export const demoKey = (sim: RunningSimulator): Key => ({
  apiKey: sim.demo!.hmac.apiKey,
  kind: 'hmac',
  secret: sim.demo!.hmac.secret,
});

export const demoEd25519 = (sim: RunningSimulator): Key => ({
  apiKey: sim.demo!.ed25519.apiKey,
  kind: 'ed25519',
  secret: sim.demo!.ed25519.privateKey,
});

/** One raw HTTP exchange. */
export async function http(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {
    // not JSON: the text itself
  }
  return { status: response.status, headers: response.headers, body };
}

export function publicGet(sim: RunningSimulator, path: string, params: Params = {}): Promise<Answer> {
  const query = form(params);
  return http(`${sim.restUrl}${path}${query === '' ? '' : `?${query}`}`);
}

/** A signed request; parameters in the query string, or (`inBody`) in a form body. */
export function signedCall(
  sim: RunningSimulator,
  verb: string,
  path: string,
  params: Params,
  key: Key = demoKey(sim),
  inBody = false,
): Promise<Answer> {
  const payload = form({ ...params, timestamp: params.timestamp ?? Date.now() });
  const full = `${payload}&signature=${encodeURIComponent(signature(key, payload))}`;
  const headers: Record<string, string> = { 'X-MBX-APIKEY': key.apiKey };
  if (!inBody) return http(`${sim.restUrl}${path}?${full}`, { method: verb, headers });
  headers['content-type'] = 'application/x-www-form-urlencoded';
  return http(`${sim.restUrl}${path}`, { method: verb, headers, body: full });
}

export function control(sim: RunningSimulator, verb: string, path: string, body?: unknown): Promise<Answer> {
  return http(
    `${sim.controlUrl}${path}`,
    body === undefined
      ? { method: verb }
      : { method: verb, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
  );
}

const DEADLINE_MS = 8_000;

/** A WebSocket whose messages can be awaited. */
export class Socket {
  readonly messages: Json[] = [];
  readonly texts: string[] = [];
  readonly ws: WebSocket;
  closed: { code: number; reason: string } | null = null;
  pings = 0;
  readonly #wakers = new Set<() => void>();

  constructor(url: string, options: { autoPong?: boolean } = {}) {
    this.ws = new WebSocket(url, options);
    this.ws.on('message', (data) => {
      const text = String(data);
      this.texts.push(text);
      try {
        this.messages.push(JSON.parse(text));
      } catch {
        // kept as text only
      }
      this.#wake();
    });
    this.ws.on('open', () => this.#wake());
    this.ws.on('ping', () => {
      this.pings++;
      this.#wake();
    });
    this.ws.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
      this.#wake();
    });
    this.ws.on('error', () => this.#wake());
  }

  #wake(): void {
    for (const waker of this.#wakers) waker();
  }

  /** Resolves when `condition` holds. */
  until(condition: () => boolean, what = 'condition'): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#wakers.delete(look);
        reject(new Error(`${what}: not within ${DEADLINE_MS} ms; last: ${this.texts.at(-1)?.slice(0, 300)}`));
      }, DEADLINE_MS);
      const look = () => {
        if (!condition()) return;
        clearTimeout(timer);
        this.#wakers.delete(look);
        resolve();
      };
      this.#wakers.add(look);
      look();
    });
  }

  async open(): Promise<this> {
    await this.until(() => this.ws.readyState === WebSocket.OPEN, 'open');
    return this;
  }

  /** The first message (from the `from`th on) that `accept` accepts. */
  async next(accept: (message: Json) => boolean, from = 0): Promise<Json> {
    const find = () => this.messages.slice(from).find(accept);
    await this.until(() => find() !== undefined, 'message');
    return find()!;
  }

  async close(): Promise<void> {
    this.ws.terminate();
    await this.until(() => this.closed !== null, 'close');
  }
}

/** A WebSocket API connection. */
export class ApiSocket extends Socket {
  #id = 1_000;

  /** Sends a request and awaits its answer. */
  call(method: string, params?: Params): Promise<Json> {
    return this.wait(this.post(method, params));
  }

  /** Sends without waiting; returns the id. */
  post(method: string, params?: Params): number {
    const id = ++this.#id;
    this.ws.send(JSON.stringify(params === undefined ? { id, method } : { id, method, params }));
    return id;
  }

  wait(id: number): Promise<Json> {
    return this.next((message) => message.id === id && message.status !== undefined);
  }

  /** A request signed on its own. */
  signed(method: string, params: Params, key: Key): Promise<Json> {
    return this.call(method, signedParams(params, key));
  }

  async logon(key: Key): Promise<Json> {
    return this.signed('session.logon', {}, key);
  }
}

/** Parameters with key, time and signature. */
export function signedParams(params: Params, key: Key): Params {
  const all: Params = { timestamp: Date.now(), ...params, apiKey: key.apiKey };
  const payload = Object.keys(all)
    .sort()
    .map((name) => `${name}=${all[name]}`)
    .join('&');
  return { ...all, signature: signature(key, payload) };
}

export const apiSocket = (sim: RunningSimulator, query = '') =>
  new ApiSocket(`${sim.wsApiUrl}${query}`).open();
