import { createHmac, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { BinanceCredentials } from './options.js';

/** Text that must never reach a log, an error message or JSON: only {@link Secret.reveal} gives it back. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return '[redacted]';
  }
  toJSON(): string {
    return '[redacted]';
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[redacted]';
  }
}

/** Credentials that cannot sign: said without repeating them. */
export class CredentialError extends Error {
  readonly code = 'TW_BINANCE_CREDENTIALS';
  override readonly name = 'CredentialError';
}

export type ParamValue = string | number | boolean;
export type Params = Readonly<Record<string, ParamValue>>;

/**
 * Signs for one API key. Source: rest-api.md and web-socket-api.md, "Request security": HMAC-SHA256 in hexadecimal,
 * Ed25519 and RSASSA-PKCS1-v1_5 with SHA-256 in base64.
 */
export class Signer {
  readonly kind: BinanceCredentials['kind'];
  readonly apiKey: string;
  readonly #key: Secret | KeyObject;

  /** Throws {@link CredentialError} when the key is not of the stated kind. */
  constructor(credentials: BinanceCredentials) {
    this.kind = credentials.kind;
    this.apiKey = credentials.apiKey;
    if (credentials.apiKey === '') throw new CredentialError('binance: the API key is empty');
    if (credentials.kind === 'hmac') {
      if (credentials.secret === '') throw new CredentialError('binance: the API secret is empty');
      this.#key = new Secret(credentials.secret);
    } else {
      this.#key = privateKey(credentials.secret, credentials.kind);
    }
  }

  /** Whether this key may log a WebSocket session on, so that later requests go unsigned: Ed25519 alone. */
  get canLogOn(): boolean {
    return this.kind === 'ed25519';
  }

  /** Signature of exactly `payload`: lower-case hexadecimal for HMAC, else base64. */
  sign(payload: string | Uint8Array): string {
    const key = this.#key;
    if (key instanceof Secret) return createHmac('sha256', key.reveal()).update(payload).digest('hex');
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    return sign(this.kind === 'rsa' ? 'sha256' : null, bytes, key).toString('base64');
  }

  /** `params` plus `apiKey` and `signature`, for one WebSocket API request. */
  signWs(params: Params): Record<string, ParamValue> {
    const signed = { ...params, apiKey: this.apiKey };
    return { ...signed, signature: this.sign(wsPayload(signed)) };
  }

  /** The query string of one REST request, its signature last. */
  signRest(params: Params): string {
    const query = restQuery(params);
    return `${query}&signature=${encodeURIComponent(this.sign(query))}`;
  }

  toJSON(): object {
    return { kind: this.kind };
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Signer { kind: '${this.kind}' }`;
  }
}

function privateKey(pem: string, kind: 'ed25519' | 'rsa'): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    // The parser's own message may quote the key.
    throw new CredentialError(`binance: the ${kind} secret is not a PEM private key`);
  }
  if (key.asymmetricKeyType !== kind) {
    throw new CredentialError(`binance: the secret is a ${key.asymmetricKeyType} key, not ${kind}`);
  }
  return key;
}

/** `k=v&...` in the order given, percent-encoded: what is sent is what is signed. */
export function restQuery(params: Params): string {
  return Object.entries(params)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
}

/** `k=v&...` sorted by name, not encoded: the text a WebSocket API signature is made over. */
export function wsPayload(params: Params): string {
  return Object.keys(params)
    .sort()
    .map((name) => `${name}=${params[name]}`)
    .join('&');
}
