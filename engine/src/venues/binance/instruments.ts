import { z } from 'zod';
import {
  AMOUNT_SCALE,
  type InstrumentSpec,
  parseAmount,
  parseFixed,
  parseUnits,
} from '../../domain/index.js';
import { nearest } from './nearest.js';

/** exchangeInfo could not be read, or does not hold what was asked for. */
export class InstrumentError extends Error {
  readonly code = 'TW_BINANCE_INSTRUMENT';
  override readonly name = 'InstrumentError';
}

const decimal = z.string().regex(/^\d{1,20}(\.\d{0,20})?$/, 'must be a decimal number');
const filter = z.looseObject({ filterType: z.string() });
const priceFilter = z.object({ minPrice: decimal, maxPrice: decimal, tickSize: decimal });
const lotSize = z.object({ minQty: decimal, maxQty: decimal, stepSize: decimal });
/** The current filter has both bounds, the one of old captures the lower alone. */
const notionalFilter = z.object({ minNotional: decimal, maxNotional: decimal.optional() });
const symbolInfo = z.object({
  symbol: z.string().min(1),
  status: z.string(),
  baseAsset: z.string().min(1),
  quoteAsset: z.string().min(1),
  baseAssetPrecision: z.int().min(0).max(AMOUNT_SCALE),
  quotePrecision: z.int().min(0).max(AMOUNT_SCALE),
  filters: z.array(filter),
});
type SymbolInfo = z.infer<typeof symbolInfo>;
const exchangeInfo = z.object({ symbols: z.array(z.looseObject({ symbol: z.string() })) });

/** Decimals the venue prints at most; both together must stay within those of an Amount. */
const MAX_PRINTED = AMOUNT_SCALE / 2;
/** Orders of the largest size that one price level must have room for. */
const ORDERS_PER_LEVEL = 100;

export interface ReadOptions {
  /** Take symbols whose status is not TRADING too: recordings outlive their instruments. */
  readonly anyStatus?: boolean;
}

/**
 * The instruments named by `symbols` out of a `GET /api/v3/exchangeInfo` answer, in that order. Precision is what the venue
 * prints (see below for its limits), so that whatever it sends is a whole number of units. Throws
 * {@link InstrumentError}, naming each missing symbol with the most similar ones there are.
 */
export function readInstruments(
  text: string,
  symbols: readonly string[],
  options: ReadOptions = {},
): InstrumentSpec[] {
  const listed = listSymbols(text);
  const missing = symbols.filter((symbol) => !listed.has(symbol));
  if (missing.length > 0) {
    const known = [...listed.keys()];
    const told = missing.map((symbol) => {
      const similar = nearest(symbol, known, 3);
      return similar.length === 0 ? symbol : `${symbol} (did you mean ${similar.join(', ')}?)`;
    });
    throw new InstrumentError(`binance does not list ${told.join('; ')}`);
  }
  return symbols.map((symbol) => toSpec(check(symbolInfo, listed.get(symbol), symbol), options));
}

function listSymbols(text: string): Map<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new InstrumentError(`exchangeInfo is not JSON: ${JSON.stringify(text.slice(0, 80))}`);
  }
  return new Map(check(exchangeInfo, json, 'exchangeInfo').symbols.map((info) => [info.symbol, info]));
}

function check<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new InstrumentError(`${what}: ${issue.path.join('.') || 'it'}: ${issue.message}`);
}

function toSpec(info: SymbolInfo, options: ReadOptions): InstrumentSpec {
  const { symbol, status } = info;
  if (status !== 'TRADING' && options.anyStatus !== true) {
    throw new InstrumentError(`${symbol} is not trading now: its status is ${status}`);
  }
  const price = required(info, 'PRICE_FILTER', priceFilter);
  const lot = required(info, 'LOT_SIZE', lotSize);
  const notional =
    optional(info, 'NOTIONAL', notionalFilter) ?? optional(info, 'MIN_NOTIONAL', notionalFilter);
  const pricePrecision = precision(
    Math.min(info.quotePrecision, MAX_PRINTED),
    [price.tickSize, price.minPrice, price.maxPrice],
    Number(price.maxPrice),
  );
  const sizePrecision = precision(
    Math.min(info.baseAssetPrecision, MAX_PRINTED),
    [lot.stepSize, lot.minQty, lot.maxQty],
    Number(lot.maxQty) * ORDERS_PER_LEVEL,
  );
  return {
    venueName: 'BINANCE',
    symbol,
    base: info.baseAsset,
    quote: info.quoteAsset,
    pricePrecision,
    sizePrecision,
    priceIncrement: increment(price.tickSize, pricePrecision),
    sizeIncrement: increment(lot.stepSize, sizePrecision),
    minPrice: bound(price.minPrice, pricePrecision),
    maxPrice: bound(price.maxPrice, pricePrecision),
    minQuantity: bound(lot.minQty, sizePrecision),
    maxQuantity: bound(lot.maxQty, sizePrecision),
    minNotional: parseAmount(notional?.minNotional ?? '0'),
    maxNotional: parseAmount(notional?.maxNotional ?? '0'),
  };
}

function optional<T>(info: SymbolInfo, type: string, schema: z.ZodType<T>): T | undefined {
  const found = info.filters.find(({ filterType }) => filterType === type);
  return found === undefined ? undefined : check(schema, found, `${info.symbol}: ${type}`);
}

function required<T>(info: SymbolInfo, type: string, schema: z.ZodType<T>): T {
  const found = optional(info, type, schema);
  if (found === undefined) throw new InstrumentError(`${info.symbol}: has no ${type} filter`);
  return found;
}

/**
 * Decimals to keep: as many as the venue prints, since orders older than the last change of an increment rest in the book
 * at prices and sizes that are no multiple of it; but no more than leave room for `largest` in a safe integer, and no fewer
 * than the rule itself needs.
 */
function precision(printed: number, rule: readonly string[], largest: number): number {
  const needed = Math.max(...rule.map((value) => (value.split('.')[1] ?? '').replace(/0+$/, '').length));
  const room = largest > 0 ? Math.floor(Math.log10(Number.MAX_SAFE_INTEGER / largest)) : printed;
  return Math.max(needed, Math.min(printed, room));
}

function increment(step: string, scale: number): number {
  // A step of 0 switches its rule off.
  return parseUnits(step, scale) || 1;
}

/** A bound that no safe integer can hold is no bound. */
function bound(value: string, scale: number): number {
  const units = parseFixed(value, scale);
  return units > BigInt(Number.MAX_SAFE_INTEGER) ? 0 : Number(units);
}
