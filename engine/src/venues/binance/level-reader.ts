import type { BookUpdate } from '../../domain/index.js';
import { CLOSE_BRACKET, COMMA, OPEN_BRACKET, QUOTE } from './json-grammar.js';
import { JsonError } from './json-kinds.js';
import type { JsonReader } from './json-reader.js';
import { PLAIN_DIGITS, plainEnd, plainUnits } from './plain-decimal.js';

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
  if (!reader.nextElement()) reader.fail(JsonError.TYPE);
  const price = reader.readUnits(pricePrecision);
  // An array that ends here must not lend the level what follows it.
  if (!reader.nextElement()) reader.fail(JsonError.TYPE);
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
    if (price <= 0 || bytes[plainEnd + 1] !== COMMA || bytes[plainEnd + 2] !== QUOTE) break;
    const size = plainUnits(bytes, plainEnd + 3, sizePrecision);
    if (size < 0 || bytes[plainEnd + 1] !== CLOSE_BRACKET || plainEnd + 2 >= end) break;
    prices[count] = price;
    sizes[count] = size;
    count++;
    done = plainEnd + 2;
    if (bytes[done] !== COMMA) break;
    at = done + 1;
  }
  list.count = count;
  if (done < 0) return false;
  reader.at = done;
  return true;
}
