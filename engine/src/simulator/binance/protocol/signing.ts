/** API keys and request signatures: HMAC-SHA256 (hex), RSA PKCS#1 v1.5 with SHA-256 and Ed25519 (base64). */
import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import type { RawParams } from './params.js';

/** An API key as the venue stores it. Private keys never come here: only HMAC shares its secret. */
export type ApiKeyOptions =
  | { readonly apiKey: string; readonly kind: 'hmac'; readonly secret: string }
  /** `publicKey`: PEM (SPKI). */
  | { readonly apiKey: string; readonly kind: 'rsa' | 'ed25519'; readonly publicKey: string };

/** The form an API key must have to be looked up at all (-2014 otherwise). */
const API_KEY = /^[A-Za-z0-9_-]{1,128}$/;

export function isApiKeyFormat(text: string): boolean {
  return API_KEY.test(text);
}

/** Checks the signatures made with one key. */
export class SignatureVerifier {
  readonly kind: ApiKeyOptions['kind'];
  readonly #secret: string;
  readonly #publicKey: KeyObject | null;

  /** Throws when the public key is not readable or not of the stated kind. */
  constructor(options: ApiKeyOptions) {
    this.kind = options.kind;
    if (options.kind === 'hmac') {
      this.#secret = options.secret;
      this.#publicKey = null;
      return;
    }
    this.#secret = '';
    this.#publicKey = createPublicKey(options.publicKey);
    if (this.#publicKey.asymmetricKeyType !== options.kind) {
      throw new Error(`API key ${options.apiKey}: the public key is not an ${options.kind} key`);
    }
  }

  /** Whether `signature` is this key's over `payload`. Never throws. */
  verify(payload: string, signature: string): boolean {
    if (this.#publicKey === null) {
      const expected = createHmac('sha256', this.#secret).update(payload).digest();
      const given = Buffer.from(signature, 'hex');
      return signature.length === 64 && given.length === expected.length && timingSafeEqual(given, expected);
    }
    const bytes = Buffer.from(signature, 'base64');
    if (bytes.length === 0) return false;
    const algorithm = this.kind === 'rsa' ? 'RSA-SHA256' : null;
    try {
      return verify(algorithm, Buffer.from(payload), this.#publicKey, bytes);
    } catch {
      return false;
    }
  }
}

/** What a WebSocket API request is signed over: `k=v` of every parameter but `signature`, sorted by name. */
export function wsPayload(raw: RawParams): string {
  const names = [...raw.keys()].filter((name) => name !== 'signature').sort();
  return names.map((name) => `${name}=${raw.get(name)}`).join('&');
}

/** The same with anything outside ASCII percent-encoded, as the documentation asks. */
export function encodeNonAscii(payload: string): string {
  return payload.replace(/[^\u0020-\u007e]+/gu, (part) => encodeURIComponent(part));
}

/** A fresh HMAC key and Ed25519 key pair, in Binance's formats. */
export function generateDemoKeys(): {
  readonly hmac: { readonly apiKey: string; readonly secret: string };
  readonly ed25519: { readonly apiKey: string; readonly publicKey: string; readonly privateKey: string };
} {
  const token = () => randomBytes(32).toString('hex');
  const pair = generateKeyPairSync('ed25519');
  return {
    hmac: { apiKey: token(), secret: token() },
    ed25519: {
      apiKey: token(),
      publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    },
  };
}
