/**
 * Client order ids: `tw<epoch>x<sequence>`, both in base 32 (digits and `a`-`v`), e.g. `tw1fx3k`. The fencing epoch
 * says which leader sent the order, the sequence which order it is; an id is never reused by anyone. The alphabet is
 * lower case and digits alone and the whole is at most 18 characters, which every venue with text ids accepts (Kraken's
 * 18 is the shortest limit, OKX's alphanumerics the smallest alphabet). Bitfinex wants an integer below 2^45.
 */

export type ClientOrderIdFormat =
  | { readonly kind: 'text'; readonly prefix: string }
  /** Decimal digits of `epoch * 2^32 + sequence`. */
  | { readonly kind: 'integer' };

export interface ClientOrderId {
  readonly epoch: number;
  readonly sequence: number;
}

const text: ClientOrderIdFormat = { kind: 'text', prefix: '' };

/** What each venue takes. */
export const CLIENT_ORDER_ID_FORMATS = {
  binance: text,
  bitfinex: { kind: 'integer' },
  bitstamp: text,
  bybit: text,
  coinbase: text,
  gateio: { kind: 'text', prefix: 't-' },
  gemini: text,
  kraken: text,
  kucoin: text,
  okx: text,
} as const satisfies Record<string, ClientOrderIdFormat>;

export const OWN_PREFIX = 'tw';
export const SEPARATOR = 'x';
export const RADIX = 32;

/** The largest epoch and sequence a format can carry. */
export function clientOrderIdLimits(format: ClientOrderIdFormat): ClientOrderId {
  return format.kind === 'text'
    ? { epoch: RADIX ** 6 - 1, sequence: RADIX ** 9 - 1 }
    : { epoch: 2 ** 13 - 1, sequence: 2 ** 32 - 1 };
}

/** The id in `format`. Throws a RangeError when either number is outside {@link clientOrderIdLimits}. */
export function formatClientOrderId(format: ClientOrderIdFormat, epoch: number, sequence: number): string {
  const limits = clientOrderIdLimits(format);
  check('epoch', epoch, limits.epoch);
  check('sequence', sequence, limits.sequence);
  if (format.kind === 'integer') return String(epoch * 2 ** 32 + sequence);
  return `${format.prefix}${OWN_PREFIX}${epoch.toString(RADIX)}${SEPARATOR}${sequence.toString(RADIX)}`;
}

function check(name: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new RangeError(`client order id: ${name} must be an integer from 0 to ${max}, was ${value}`);
  }
}

const OWN = /^tw([0-9a-v]{1,6})x([0-9a-v]{1,9})$/;

/**
 * The two numbers in one of our ids, or undefined for an id that is not ours: a foreign order, to be left alone.
 * Integer ids carry no prefix, so there the caller must know the order is ours by other means.
 */
export function parseClientOrderId(format: ClientOrderIdFormat, id: string): ClientOrderId | undefined {
  if (format.kind === 'integer') {
    const value = Number(id);
    if (!/^\d{1,14}$/.test(id) || value >= 2 ** 45) return undefined;
    return accept(format, id, Math.floor(value / 2 ** 32), value % 2 ** 32);
  }
  const match = id.startsWith(format.prefix) ? OWN.exec(id.slice(format.prefix.length)) : null;
  if (match === null) return undefined;
  return accept(format, id, Number.parseInt(match[1]!, RADIX), Number.parseInt(match[2]!, RADIX));
}

/** `tw01x01` reads as the same numbers as `tw1x1` but is not text we would ever have sent. */
function accept(format: ClientOrderIdFormat, id: string, epoch: number, sequence: number) {
  return formatClientOrderId(format, epoch, sequence) === id ? { epoch, sequence } : undefined;
}
