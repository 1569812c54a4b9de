import { Agent, request } from 'undici';
import { decodeFailure, decodeToken, type EtcdFailure } from './etcd-messages.js';

export interface EtcdGatewayOptions {
  /** Client URLs of the members, e.g. `http://10.0.0.1:2379`; tried in turn. */
  readonly endpoints: readonly string[];
  /** A whole call, all members tried and authentication included, milliseconds. */
  readonly timeoutMs: number;
  /** When etcd's authentication is on. */
  readonly credentials?: { readonly user: string; readonly password: string };
}

/** What came of a call. `refused`: it certainly was not executed. `unknown`: it may have been, or will be. */
export type EtcdReply =
  | { readonly kind: 'ok'; readonly body: string }
  | { readonly kind: 'refused' | 'unknown'; readonly error: string };

/** A row is a few hundred bytes. */
const MAX_REPLY = 64 * 1024;
const UNAUTHENTICATED = 16;
/** The connection was never there, so that nothing was sent. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Calls etcd's JSON gateway, one member after the other. */
export class EtcdGateway {
  readonly #options: EtcdGatewayOptions;
  readonly #agent: Agent;
  /** The member that answered last. */
  #current = 0;
  #token: string | undefined;

  constructor(options: EtcdGatewayOptions) {
    if (options.endpoints.length === 0) throw new RangeError('etcd needs at least one endpoint');
    this.#options = options;
    this.#agent = new Agent({ connections: 4, pipelining: 1, keepAliveTimeout: 30_000 });
  }

  /** `repeatable`: a call whose fate is not known may be made again at the next member. */
  async call(path: string, message: object, repeatable: boolean): Promise<EtcdReply> {
    const { endpoints, timeoutMs } = this.#options;
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), timeoutMs);
    const errors: string[] = [];
    try {
      for (let tried = 0; tried < endpoints.length; tried += 1) {
        const reply = await this.#callOne(path, message, abort.signal);
        if (reply.kind === 'ok') return reply;
        errors.push(reply.error);
        // The next call begins with another one.
        this.#current = (this.#current + 1) % endpoints.length;
        if (abort.signal.aborted || (reply.kind === 'unknown' && !repeatable)) {
          return { kind: 'unknown', error: errors.join('; ') };
        }
      }
      return { kind: 'refused', error: errors.join('; ') };
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #callOne(path: string, message: object, signal: AbortSignal): Promise<EtcdReply> {
    const { credentials } = this.#options;
    for (let attempt = 0; ; attempt += 1) {
      if (credentials !== undefined && this.#token === undefined) {
        const { user: name, password } = credentials;
        const reply = await this.#post('/v3/auth/authenticate', { name, password }, signal);
        if ('failure' in reply) return { kind: 'refused', error: `not logged in: ${reply.failure.message}` };
        // Whatever became of the login, the call itself was not made.
        if (reply.kind !== 'ok') return { ...reply, kind: 'refused' };
        this.#token = decodeToken(reply.body);
      }
      const reply = await this.#post(path, message, signal);
      if (!('failure' in reply)) return reply;
      const { code, message: why } = reply.failure;
      // Tokens end after a while, and with a member's restart.
      if (
        this.#token !== undefined &&
        attempt === 0 &&
        (code === UNAUTHENTICATED || /auth token/.test(why))
      ) {
        this.#token = undefined;
        continue;
      }
      const denied = code === UNAUTHENTICATED || code === 7 || code === 3;
      return { kind: denied ? 'refused' : 'unknown', error: `${this.#endpoint()}: ${why}` };
    }
  }

  #endpoint(): string {
    return this.#options.endpoints[this.#current]!;
  }

  async #post(
    path: string,
    message: object,
    signal: AbortSignal,
  ): Promise<EtcdReply | { readonly kind: 'failed'; readonly failure: EtcdFailure }> {
    const endpoint = this.#endpoint();
    try {
      const { statusCode, body } = await request(new URL(path, endpoint), {
        method: 'POST',
        dispatcher: this.#agent,
        headers: {
          'content-type': 'application/json',
          ...(this.#token !== undefined && { authorization: this.#token }),
        },
        body: JSON.stringify(message),
        signal,
      });
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of body as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > MAX_REPLY) throw new Error(`the reply is longer than ${MAX_REPLY} bytes`);
        chunks.push(chunk);
      }
      const text = Buffer.concat(chunks).toString('utf8');
      if (statusCode === 200) return { kind: 'ok', body: text };
      return { kind: 'failed', failure: decodeFailure(text) };
    } catch (error) {
      if (signal.aborted) {
        return { kind: 'unknown', error: `${endpoint}: no answer within ${this.#options.timeoutMs} ms` };
      }
      const { code, message: why } = error as NodeJS.ErrnoException;
      return { kind: NOT_SENT.has(code ?? '') ? 'refused' : 'unknown', error: `${endpoint}: ${why}` };
    }
  }
}
