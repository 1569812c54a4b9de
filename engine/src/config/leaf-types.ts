import { z } from 'zod';
import { canonicalDecimal } from './decimal-text.js';

/**
 * The kinds of value a setting can have. Every setting arrives as the text a person wrote, from a file or from the
 * environment, and is read here: so no number passes through a float that should not.
 */

/** What people and editors need to know about a kind of value. */
export interface LeafInfo {
  /** Short, for the reference table. */
  readonly type: string;
  /** A whole phrase: "must be ...". */
  readonly allowed: string;
  /** JSON schema of what may be written in the file. */
  readonly json: Readonly<Record<string, unknown>>;
}

export const LEAVES = z.registry<LeafInfo>();

function leaf<T>(info: LeafInfo, read: (text: string) => T | undefined) {
  const schema = z.string().transform((text, context): T => {
    const value = read(text);
    if (value !== undefined) return value;
    context.issues.push({ code: 'custom', message: 'is not valid', input: text });
    return z.NEVER;
  });
  schema.register(LEAVES, info);
  return schema;
}

const DECIMAL_JSON = { type: ['string', 'number'] };

/** Money or a quantity, exact, as canonical decimal text. */
export function decimal(sign: 'positive' | 'not negative') {
  const allowed = `a decimal number, ${sign === 'positive' ? 'greater than 0' : '0 or greater'}, of at most 18 decimals`;
  return leaf({ type: 'decimal', allowed, json: DECIMAL_JSON }, (text) => {
    const value = canonicalDecimal(text);
    return value === undefined || value.startsWith('-') || (sign === 'positive' && value === '0')
      ? undefined
      : value;
  });
}

/** A plain number that is no money: basis points, a rate. */
export function number(min: number, max: number) {
  const json = { type: 'number', minimum: min, maximum: max };
  return leaf({ type: 'number', allowed: `a number from ${min} to ${max}`, json }, (text) => {
    const canonical = canonicalDecimal(text);
    const value = Number(canonical);
    return canonical !== undefined && value >= min && value <= max ? value : undefined;
  });
}

export function integer(min: number, max: number) {
  const json = { type: 'integer', minimum: min, maximum: max };
  return leaf({ type: 'integer', allowed: `a whole number from ${min} to ${max}`, json }, (text) => {
    const value = /^[+-]?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value + 0 : undefined;
  });
}

export function flag() {
  const info = { type: 'boolean', allowed: 'true or false', json: { type: 'boolean' } };
  return leaf(info, (text) => {
    const lower = text.toLowerCase();
    return lower === 'true' ? true : lower === 'false' ? false : undefined;
  });
}

/** One of `values`, in any case; `aliases` are other words for them. */
export function oneOf<const T extends string>(
  values: readonly T[],
  aliases: Readonly<Record<string, T>> = {},
) {
  const info = {
    type: values.join(' \\| '),
    allowed: values.join(', '),
    json: { type: 'string', enum: [...values] },
  };
  return leaf(info, (text): T | undefined => {
    const lower = text.toLowerCase();
    return (
      values.find((value) => value === lower) ?? (Object.hasOwn(aliases, lower) ? aliases[lower] : undefined)
    );
  });
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const DURATION = /^(\d{1,15}(?:\.\d{1,6})?)\s*(ms|s|m|h)?$/;

/** A time span, in whole milliseconds; plain numbers are milliseconds too. */
export function duration(minMs: number, maxMs: number) {
  const allowed = `a duration such as 250ms, 2s, 5m or plain milliseconds, from ${formatMs(minMs)} to ${formatMs(maxMs)}`;
  const pattern = '^\\d+(\\.\\d+)?\\s*(ms|s|m|h)?$';
  const json = {
    anyOf: [
      { type: 'integer', minimum: minMs, maximum: maxMs },
      { type: 'string', pattern },
    ],
  };
  return leaf({ type: 'duration', allowed, json }, (text) => {
    const ms = parseDuration(text);
    return ms !== undefined && ms >= minMs && ms <= maxMs ? ms : undefined;
  });
}

/** `250ms`, `2s`, `1.5m`, `1h` or plain milliseconds as whole milliseconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (match === null) return undefined;
  const ms = Math.round(Number(match[1]) * UNITS_MS[match[2] ?? 'ms']! * 1e6) / 1e6;
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** `1500` as `1500ms`, `2000` as `2s`. */
export function formatMs(ms: number): string {
  for (const [unit, size] of Object.entries(UNITS_MS).reverse()) {
    if (ms !== 0 && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}

export function symbol() {
  const pattern = '^[A-Z0-9]{2,20}$';
  const info = {
    type: 'symbol',
    allowed: "the venue's own symbol, upper-case letters and digits, e.g. BTCUSDT",
    json: { type: 'string', pattern },
  };
  return leaf(info, (text) => (new RegExp(pattern).test(text) ? text : undefined));
}

export function asset() {
  const pattern = '^[A-Z0-9]{1,16}$';
  const info = {
    type: 'asset',
    allowed: "an asset's code, upper-case, e.g. USDT",
    json: { type: 'string', pattern },
  };
  return leaf(info, (text) => (new RegExp(pattern).test(text) ? text : undefined));
}

/** A base URL of one of `protocols` (with colon), without a trailing slash. */
export function url(...protocols: readonly string[]) {
  const allowed = `a URL beginning with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}, without user or query`;
  return leaf({ type: 'URL', allowed, json: { type: 'string', format: 'uri' } }, (text) => {
    if (!URL.canParse(text)) return undefined;
    const { protocol, username, password, search, hash, hostname } = new URL(text);
    if (!protocols.includes(protocol) || hostname === '' || `${username}${password}${search}${hash}` !== '')
      return undefined;
    return text.replace(/\/+$/, '');
  });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be in a path.
const CONTROL = /[\u0000-\u001f]/;

export function path() {
  const info = { type: 'path', allowed: 'a path on this machine', json: { type: 'string', minLength: 1 } };
  return leaf(info, (text) =>
    text.trim() === '' || CONTROL.test(text) || text.length > 4096 ? undefined : text,
  );
}

export function host() {
  const info = { type: 'host', allowed: 'a host name or IP address', json: { type: 'string', minLength: 1 } };
  return leaf(info, (text) => (/^[A-Za-z0-9._:%-]{1,253}$/.test(text) ? text : undefined));
}

/** The name of an environment variable. */
export function variable() {
  const pattern = '^[A-Za-z_][A-Za-z0-9_]*$';
  const info = {
    type: 'variable',
    allowed: 'the name of an environment variable',
    json: { type: 'string', pattern },
  };
  return leaf(info, (text) => (new RegExp(pattern).test(text) ? text : undefined));
}

/** `host:port`; an IPv6 address in brackets. */
export function address() {
  const info = {
    type: 'address',
    allowed: 'host:port, e.g. 127.0.0.1:7400',
    json: { type: 'string', minLength: 3 },
  };
  return leaf(info, (text) => {
    const match = /^(\[[A-Fa-f0-9:.%]{2,60}\]|[A-Za-z0-9._-]{1,253}):(\d{1,5})$/.exec(text);
    return match !== null && Number(match[2]) <= 65_535 ? text : undefined;
  });
}

/** A name for people and tables: letters, digits, `.`, `_` and `-`. */
export function name() {
  const pattern = '^[A-Za-z0-9._-]{1,64}$';
  const info = {
    type: 'name',
    allowed: 'letters, digits, dots, dashes and underscores, at most 64',
    json: { type: 'string', pattern },
  };
  return leaf(info, (text) => (new RegExp(pattern).test(text) ? text : undefined));
}
