/**
 * Request parameters: from text to typed values, with Binance's own errors for whatever is missing, empty, malformed
 * or not asked for. The same schemas serve REST (query string and form body) and the WebSocket API (JSON `params`).
 */
import { errors, type VenueError } from './errors.js';

/** Parameters as sent, in order, values as text. */
export type RawParams = Map<string, string>;

/** One parameter's rule. `parse` throws {@link VenueError}. */
export interface Param<T> {
  readonly optional: boolean;
  parse(name: string, text: string): T;
}

export type ParamSchema = Readonly<Record<string, Param<unknown>>>;

/** The typed values a schema yields. */
export type Values<S extends ParamSchema> = {
  readonly [K in keyof S]: S[K] extends Param<infer T> ? T : never;
};

function required<T>(parse: (name: string, text: string) => T): Param<T> {
  return { optional: false, parse };
}

/** The same rule, for a parameter that may be absent. */
export function optional<T>(param: Param<T>): Param<T | undefined> {
  return { optional: true, parse: param.parse };
}

const SYMBOL_RANGE = '^[A-Z0-9-_.]{1,20}$';
const SYMBOL = /^[A-Z0-9\-_.]{1,20}$/;
const DECIMAL_RANGE = '^([0-9]{1,20})(\\.[0-9]{1,20})?$';
const DECIMAL = /^([0-9]{1,20})(?:\.([0-9]{1,20}))?$/;
const INTEGER_RANGE = '^[0-9]{1,20}$';
const INTEGER = /^[0-9]{1,20}$/;
const CLIENT_ID_RANGE = '^[\\.A-Z\\:/a-z0-9_-]{1,36}$';
const CLIENT_ID = /^[.A-Z:/a-z0-9_-]{1,36}$/;
/** Decimals of every asset on the venue: more than this in a request is -1111. */
export const ASSET_PRECISION = 8;
/** Timestamps at or past this are microseconds: as milliseconds it would be the year 5138. */
const MICROSECONDS_FROM = 1e14;

function integer(name: string, text: string): number {
  if (!INTEGER.test(text)) throw errors.illegalChars(name, INTEGER_RANGE);
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw errors.overflow(name);
  return value;
}

/** A list as a JSON array (`["A","B"]`) of upper-case names. */
function symbolList(name: string, text: string): readonly string[] {
  if (!/^\["[A-Z0-9\-_.]{1,20}"(,"[A-Z0-9\-_.]{1,20}")*\]$/.test(text)) {
    throw errors.illegalChars(name, '^\\["[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}\\]$');
  }
  const list = JSON.parse(text) as string[];
  if (new Set(list).size !== list.length) throw errors.duplicateSymbols();
  return list;
}

export const param = {
  /** A symbol name; whether it trades here is the handler's business (-1121). */
  symbol: required((name, text) => {
    if (!SYMBOL.test(text)) throw errors.illegalChars(name, SYMBOL_RANGE);
    return text;
  }),
  symbols: required(symbolList),
  /** A non-negative decimal of at most eight decimals, as text, untouched. */
  decimal: required((name, text) => {
    const match = DECIMAL.exec(text);
    if (match === null) throw errors.illegalChars(name, DECIMAL_RANGE);
    const fraction = match[2];
    if (fraction !== undefined && fraction.length > ASSET_PRECISION) {
      if (fraction.replace(/0+$/, '').length > ASSET_PRECISION) throw errors.tooMuchPrecision(name);
    }
    return text;
  }),
  integer: required(integer),
  /** A row limit: 0 is refused, more than `maximum` is read as `maximum`. */
  limit: (maximum: number) =>
    required((name, text) => {
      const value = integer(name, text);
      if (value < 1) throw errors.invalidData(name);
      return Math.min(value, maximum);
    }),
  /** A point in time, sent in milliseconds or microseconds; yields milliseconds (a double, µs kept as decimals). */
  time: required((name, text) => {
    const value = integer(name, text);
    return value >= MICROSECONDS_FROM ? value / 1000 : value;
  }),
  boolean: required((name, text) => {
    const lower = text.toLowerCase();
    if (lower !== 'true' && lower !== 'false') throw errors.illegalChars(name, '^(true|false)$');
    return lower === 'true';
  }),
  clientOrderId: required((name, text) => {
    if (!CLIENT_ID.test(text)) throw errors.illegalChars(name, CLIENT_ID_RANGE);
    return text;
  }),
  /** Any text up to `maximum` characters. */
  text: (maximum = 1024) =>
    required((name, text) => {
      if (text.length > maximum) throw errors.overflow(name);
      return text;
    }),
  /** One of `values`, or `error`. */
  oneOf: <const T extends string>(
    values: readonly T[],
    error: (name: string) => VenueError = errors.invalidData,
  ) => {
    const set = new Set<string>(values);
    return required((name, text) => {
      if (!set.has(text)) throw error(name);
      return text as T;
    });
  },
} as const;

/** A schema prepared for many requests. */
export class ParamReader<S extends ParamSchema> {
  readonly #names: readonly string[];
  readonly #params: readonly Param<unknown>[];

  constructor(schema: S) {
    this.#names = Object.keys(schema);
    this.#params = Object.values(schema);
  }

  /**
   * `raw` as typed values. `extra`: how many further parameters (authentication, flags) were already read.
   * Throws -1102, -1105 or the parameter's own error; -1101 (`signed` false) or -1104 when more was sent than read.
   */
  read(raw: RawParams, extra: number, signed: boolean): Values<S> {
    const values: Record<string, unknown> = {};
    let count = extra;
    for (let i = 0; i < this.#names.length; i++) {
      const name = this.#names[i]!;
      const rule = this.#params[i]!;
      const text = raw.get(name);
      if (text === undefined) {
        if (!rule.optional) throw errors.mandatory(name);
        continue;
      }
      count++;
      if (text === '') throw errors.emptyParameter(name);
      values[name] = rule.parse(name, text);
    }
    if (raw.size > count) {
      throw signed
        ? errors.unreadParameters(count, raw.size)
        : errors.tooManyParameters(this.#names.length, raw.size - extra);
    }
    return values as Values<S>;
  }
}

function decode(text: string, plusIsSpace: boolean): string {
  if (!text.includes('%') && !text.includes('+')) return text;
  try {
    return decodeURIComponent(plusIsSpace ? text.replaceAll('+', ' ') : text);
  } catch {
    throw errors.illegalChars('(undecodable)', '^[%A-Za-z0-9]*$');
  }
}

/** Reads `a=1&b=2` into `into`. What is already there wins: the query string is read before the body. */
export function readForm(text: string, into: RawParams): void {
  if (text === '') return;
  const own = new Set<string>();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const cut = pair.indexOf('=');
    const name = decode(cut < 0 ? pair : pair.slice(0, cut), true);
    // A base64 signature sent without percent-encoding keeps its plus signs.
    const value = decode(cut < 0 ? '' : pair.slice(cut + 1), name !== 'signature');
    if (own.has(name)) throw errors.duplicateParameter();
    own.add(name);
    if (!into.has(name)) into.set(name, value);
  }
}

/** A form or query string with its `signature` parameter cut out, otherwise untouched: what the client signed. */
export function withoutSignature(text: string): string {
  if (!text.includes('signature=')) return text;
  return text
    .split('&')
    .filter((pair) => !pair.startsWith('signature='))
    .join('&');
}

/** More than any method takes, and few enough that finding each one's digits in the request stays cheap. */
const MAX_JSON_PARAMS = 64;

/**
 * The `params` object of a WebSocket API request as text parameters. Numbers keep the digits they were written with
 * (`source` is the request text), since that is what the client signed.
 */
export function readJsonParams(params: object, source: string): RawParams {
  const raw: RawParams = new Map();
  const entries = Object.entries(params);
  if (entries.length > MAX_JSON_PARAMS) throw errors.tooManyParameters(MAX_JSON_PARAMS, entries.length);
  for (const [name, value] of entries) {
    if (typeof value === 'string') raw.set(name, value);
    else if (typeof value === 'number') raw.set(name, numberText(name, value, source));
    else if (typeof value === 'boolean') raw.set(name, value ? 'true' : 'false');
    else if (value === null || value === undefined) raw.set(name, '');
    else raw.set(name, JSON.stringify(value));
  }
  return raw;
}

function numberText(name: string, value: number, source: string): string {
  if (Number.isSafeInteger(value)) return String(value);
  const written = new RegExp(`"${name.replace(/[^\w]/g, '\\$&')}"\\s*:\\s*(-?[0-9][0-9.eE+-]*)`).exec(source);
  return written?.[1] ?? String(value);
}
