/**
 * What a log line may hold: plain, bounded data without a secret in it. Cleaning happens on the thread that logs, so a
 * secret does not even reach the worker.
 */

export const REDACTED = '[redacted]';

/** Keys whose values are secrets whatever they look like, compared without case, `_`, `-` and `.`. */
const SECRET_KEY =
  /(secret|password|passwd|passphrase|apikey|privatekey|signature|signingkey|authorization|credential|listenkey|cookie|mnemonic|accesskey|jwt)|^(pass|pem|token|sig|auth)$|token$|mbxapikey/;

/** Secrets inside text: PEM blocks, bearer tokens, and secret-like parameters of URLs, query strings or JSON. */
const SECRET_TEXT: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, REDACTED],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  [
    /\b(api[_-]?key|secret(?:[_-]?key)?|signature|password|passphrase|listen[_-]?key|access[_-]?token|x-mbx-apikey)(["']?\s*[=:]\s*["']?)[^\s"'&,;}]+/gi,
    `$1$2${REDACTED}`,
  ],
  // user:password@host
  [/(\w+:\/\/[^\s/:@]+:)[^\s/@]+@/g, `$1${REDACTED}@`],
];

/** What every pattern above needs in order to match: most texts end here. */
const SUSPICIOUS = /[=:]|-----|bearer|basic/i;

const MAX_DEPTH = 6;
const MAX_TEXT = 8_192;
const MAX_ITEMS = 200;
const SHORTEST_SECRET = 6;
const MAX_KNOWN_KEYS = 2_000;

/** True when a value under `key` must never be shown. */
export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key.toLowerCase().replace(/[_\-.]/g, ''));
}

/** Makes any value safe and small enough to log, without throwing. */
export class Redactor {
  readonly #secrets = new Set<string>();
  /** Keys seen before: how they are shown, and whether their values are secrets. */
  readonly #keys = new Map<string, { readonly shown: string; readonly secret: boolean }>();

  /** Remembers the text of a secret: wherever it turns up later, it is masked. */
  addSecret(text: string): void {
    for (const part of [text, text.trim(), encodeURIComponent(text), ...text.split('\n')]) {
      if (part.trim().length >= SHORTEST_SECRET) this.#secrets.add(part);
    }
    this.#keys.clear();
  }

  text(text: string): string {
    let clean = text;
    for (const secret of this.#secrets) clean = clean.replaceAll(secret, REDACTED);
    if (clean.length > MAX_TEXT) clean = `${clean.slice(0, MAX_TEXT)}... (${clean.length} characters)`;
    if (SUSPICIOUS.test(clean))
      for (const [pattern, mask] of SECRET_TEXT) clean = clean.replace(pattern, mask);
    return clean;
  }

  fields(fields: Record<string, unknown>): Record<string, unknown> {
    try {
      return this.#record(fields, 0, new Set([fields]));
    } catch (error) {
      // A getter or a proxy threw: the line still goes out.
      return { unloggable: this.text(String(error)) };
    }
  }

  #value(value: unknown, depth: number, above: Set<unknown>): unknown {
    switch (typeof value) {
      case 'string':
        return this.text(value);
      case 'number':
        return Number.isFinite(value) ? value : String(value);
      case 'bigint':
        return value.toString();
      case 'boolean':
      case 'undefined':
        return value;
      case 'object':
        return value === null ? null : this.#object(value, depth, above);
      default:
        return `[${typeof value}]`;
    }
  }

  #object(value: object, depth: number, above: Set<unknown>): unknown {
    if (above.has(value)) return '[circular]';
    if (depth >= MAX_DEPTH) return '[deep]';
    above.add(value);
    try {
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
      if (value instanceof URL) return this.text(value.href);
      if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
      if (isError(value)) return this.#error(value, depth, above);
      if (value instanceof Map) return this.#record(Object.fromEntries(value), depth + 1, above);
      if (Array.isArray(value) || value instanceof Set) return this.#list(value, depth + 1, above);
      return this.#record(value as Record<string, unknown>, depth + 1, above);
    } finally {
      above.delete(value);
    }
  }

  #list(values: Iterable<unknown>, depth: number, above: Set<unknown>): unknown[] {
    const list: unknown[] = [];
    for (const item of values) {
      if (list.length >= MAX_ITEMS) {
        list.push('[more]');
        break;
      }
      list.push(this.#value(item, depth, above));
    }
    return list;
  }

  #record(value: Record<string, unknown>, depth: number, above: Set<unknown>): Record<string, unknown> {
    const record: Record<string, unknown> = {};
    let items = 0;
    for (const key of Object.keys(value)) {
      if (items++ >= MAX_ITEMS) {
        record['[more]'] = true;
        break;
      }
      if (key === '__proto__') continue;
      const item = value[key];
      const { shown, secret } = this.#key(key);
      const hidden = secret && item !== undefined && item !== null;
      record[shown] = hidden ? REDACTED : this.#value(item, depth, above);
    }
    return record;
  }

  #key(key: string): { readonly shown: string; readonly secret: boolean } {
    let known = this.#keys.get(key);
    if (known === undefined) {
      known = { shown: this.text(key), secret: isSecretKey(key) };
      if (this.#keys.size < MAX_KNOWN_KEYS) this.#keys.set(key, known);
    }
    return known;
  }

  #error(error: Error, depth: number, above: Set<unknown>): Record<string, unknown> {
    const { name, message, stack, cause, ...rest } = error;
    const plain: Record<string, unknown> = {
      ...this.#record(rest as Record<string, unknown>, depth + 1, above),
      type: this.text(String(name ?? error.name)),
      message: this.text(String(message ?? error.message)),
    };
    const trace = stack ?? error.stack;
    if (trace !== undefined) plain.stack = this.text(String(trace));
    if (cause !== undefined) plain.cause = this.#value(cause, depth + 1, above);
    return plain;
  }
}

/** Errors of other realms (worker, vm) too. */
function isError(value: object): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}
