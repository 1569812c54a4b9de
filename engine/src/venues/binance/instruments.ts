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

export interface ReadOptions {
  /** Take symbols whose status is not TRADING too: recordings outlive their instruments. */
  readonly anyStatus?: boolean;
}

/**
 * The instruments named by `symbols` out of a `GET /api/v3/exchangeInfo` answer, in that order. Precision is that of the
 * increments and bounds, so that every price and quantity the venue accepts is a whole number of units. Throws
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
  const pricePrecision = precision([price.tickSize, price.minPrice, price.maxPrice], info.quotePrecision);
  const sizePrecision = precision([lot.stepSize, lot.minQty, lot.maxQty], info.baseAssetPrecision);
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

/** Decimals that hold all of `values`; a step of 0 switches its rule off, then the asset's own precision holds. */
function precision(values: readonly string[], assetPrecision: number): number {
  const used = values.map((value) => (value.split('.')[1] ?? '').replace(/0+$/, '').length);
  return Number(values[0]) === 0 ? Math.max(assetPrecision, ...used) : Math.max(...used);
}

function increment(step: string, scale: number): number {
  return parseUnits(step, scale) || 1;
}

/** A bound that no safe integer can hold is no bound. */
function bound(value: string, scale: number): number {
  const units = parseFixed(value, scale);
  return units > BigInt(Number.MAX_SAFE_INTEGER) ? 0 : Number(units);
}
