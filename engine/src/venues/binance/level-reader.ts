import { type BookUpdate, POW10 } from '../../domain/index.js';
import { CLOSE_BRACKET, COMMA, DOT, OPEN_BRACKET, QUOTE, ZERO } from './json-grammar.js';
import { JsonError } from './json-kinds.js';
import type { JsonReader } from './json-reader.js';

/** Most levels a side of one update may have: the deepest snapshot has 5,000. */
export const MAX_LEVELS = 16_384;

/** One side of a book update as it is decoded, in instrument units. The arrays grow, up to `limit`, and are reused. */
export class LevelList {
  prices = new Float64Array(1024);
  sizes = new Float64Array(1024);
  count = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Makes room for one more level; false at the limit. */
  grow(): boolean {
    const { length } = this.prices;
    if (length >= this.#limit) return false;
    const size = Math.min(length * 2, this.#limit);
    this.prices = widened(this.prices, size);
    this.sizes = widened(this.sizes, size);
    return true;
  }
}

/** An update with nothing in it, to be filled again and again. */
export function emptyUpdate(kind: BookUpdate['kind']): BookUpdate {
  const none = new Float64Array(0);
  return {
    kind,
    tsEvent: 0,
    tsInit: 0,
    instrument: 0,
    firstId: 0,
    lastId: 0,
    bidCount: 0,
    askCount: 0,
    bidPrices: none,
    bidSizes: none,
    askPrices: none,
    askSizes: none,
  };
}

/** Lends both lists to `update`: it is valid until they are read into again. */
export function lendLevels(update: BookUpdate, bids: LevelList, asks: LevelList): void {
  update.bidCount = bids.count;
  update.bidPrices = bids.prices;
  update.bidSizes = bids.sizes;
  update.askCount = asks.count;
  update.askPrices = asks.prices;
  update.askSizes = asks.sizes;
}

function widened(values: Float64Array, size: number): Float64Array<ArrayBuffer> {
  const wide = new Float64Array(size);
  wide.set(values);
  return wide;
}

/** A level is never longer than this when it is written plainly: two numbers of at most 9 + 1 + 18 characters. */
const PLAIN_LEVEL = 64;
/** Digits an int32 holds without doubt. */
const PLAIN_DIGITS = 9;

/**
 * Reads `[["price","size"],...]` into `list`. Levels written the way the venue writes them go through one fused loop;
 * anything else (whitespace, escapes, very long numbers, errors) goes through the general reader, one level at a time.
 * Errors are the reader's: TOO_LONG when the list is full, RANGE or INEXACT for a number (a price of 0 is out of range), TYPE for another shape.
 */
export function readLevels(
  reader: JsonReader,
  list: LevelList,
  pricePrecision: number,
  sizePrecision: number,
): void {
  list.count = 0;
  if (!reader.enterArray()) return;
  const plain = pricePrecision <= PLAIN_DIGITS && sizePrecision <= PLAIN_DIGITS;
  let more = reader.nextElement();
  while (more) {
    if (list.count === list.prices.length && !list.grow()) {
      reader.fail(JsonError.TOO_LONG);
      return;
    }
    if (!plain || !plainLevels(reader, list, pricePrecision, sizePrecision)) {
      generalLevel(reader, list, pricePrecision, sizePrecision);
    }
    more = reader.nextElement();
  }
}

function generalLevel(
  reader: JsonReader,
  list: LevelList,
  pricePrecision: number,
  sizePrecision: number,
): void {
  reader.enterArray();
  reader.nextElement();
  const price = reader.readUnits(pricePrecision);
  reader.nextElement();
  const size = reader.readUnits(sizePrecision);
  if (reader.nextElement()) reader.fail(JsonError.TYPE);
  if (price === 0) reader.fail(JsonError.RANGE);
  list.prices[list.count] = price;
  list.sizes[list.count] = size;
  list.count++;
}

/**
 * Reads plain levels from the reader's position, which is at the start of one, for as long as they last, and leaves the
 * reader after the last one's bracket. False (and the reader unmoved) when there was none.
 */
function plainLevels(
  reader: JsonReader,
  list: LevelList,
  pricePrecision: number,
  sizePrecision: number,
): boolean {
  const { bytes, end } = reader;
  const { prices, sizes } = list;
  const last = end - PLAIN_LEVEL;
  const capacity = prices.length;
  let count = list.count;
  let at = reader.at;
  let done = -1;
  while (at < last && count < capacity) {
    if (bytes[at] !== OPEN_BRACKET || bytes[at + 1] !== QUOTE) break;
    const price = plainUnits(bytes, at + 2, pricePrecision);
    if (price <= 0 || bytes[cursor + 1] !== COMMA || bytes[cursor + 2] !== QUOTE) break;
    const size = plainUnits(bytes, cursor + 3, sizePrecision);
    if (size < 0 || bytes[cursor + 1] !== CLOSE_BRACKET || cursor + 2 >= end) break;
    prices[count] = price;
    sizes[count] = size;
    count++;
    done = cursor + 2;
    if (bytes[done] !== COMMA) break;
    at = done + 1;
  }
  list.count = count;
  if (done < 0) return false;
  reader.at = done;
  return true;
}

/** Offset of the quote that ends the number {@link plainUnits} read. */
let cursor = 0;

/** The decimal from `from` to a closing quote, in units; -1 for whatever the general reader should look at. */
function plainUnits(bytes: Uint8Array, from: number, precision: number): number {
  let at = from;
  let whole = 0;
  let digit = bytes[at]! - ZERO;
  while (digit >= 0 && digit <= 9) {
    whole = (whole * 10 + digit) | 0;
    digit = bytes[++at]! - ZERO;
  }
  if (at === from || at - from > PLAIN_DIGITS) return -1;
  if (digit === QUOTE - ZERO) {
    cursor = at;
    const units = whole * POW10[precision]!;
    return units <= Number.MAX_SAFE_INTEGER ? units : -1;
  }
  if (digit !== DOT - ZERO) return -1;
  const first = at + 1;
  const stop = first + precision;
  let fraction = 0;
  for (at = first; at < stop; at++) {
    digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) break;
    fraction = (fraction * 10 + digit) | 0;
  }
  const missing = stop - at;
  if (missing === 0) while (bytes[at] === ZERO) at++;
  if (bytes[at] !== QUOTE || at === first) return -1;
  cursor = at;
  const units = whole * POW10[precision]! + fraction * POW10[missing]!;
  return units <= Number.MAX_SAFE_INTEGER ? units : -1;
}
