/** The symbols the simulated venue lists: from decimal options to the exchange's integer specification. */
import { parseAmount, parseUnits } from '../../domain/index.js';
import type { SymbolSpec } from '../matching/index.js';

/** A symbol, in decimals as a person writes them. */
export interface SymbolOptions {
  /** `BTCUSDT`; upper case, at most 20 characters. */
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly tickSize: string;
  readonly stepSize: string;
  /** Price other traders' flow starts around. */
  readonly startPrice: string;
  /** Defaults: one step; 9,000 whole units. */
  readonly minQty?: string;
  readonly maxQty?: string;
  /** Defaults: one tick; 1,000,000. */
  readonly minPrice?: string;
  readonly maxPrice?: string;
  /** Default 5. */
  readonly minNotional?: string;
  /** Default 9,000,000. */
  readonly maxNotional?: string;
  /** Default 200. */
  readonly maxOrders?: number;
  /** Default 5. */
  readonly maxAlgoOrders?: number;
}

export const DEFAULT_SYMBOLS: readonly SymbolOptions[] = [
  {
    symbol: 'BTCUSDT',
    base: 'BTC',
    quote: 'USDT',
    tickSize: '0.01',
    stepSize: '0.00001',
    startPrice: '61837.63',
  },
  {
    symbol: 'ETHUSDT',
    base: 'ETH',
    quote: 'USDT',
    tickSize: '0.01',
    stepSize: '0.0001',
    startPrice: '2411.18',
  },
  {
    symbol: 'ETHBTC',
    base: 'ETH',
    quote: 'BTC',
    tickSize: '0.00001',
    stepSize: '0.0001',
    startPrice: '0.03899',
    minNotional: '0.0001',
    maxNotional: '9000',
    maxQty: '100000',
  },
  {
    symbol: 'PEPEUSDT',
    base: 'PEPE',
    quote: 'USDT',
    tickSize: '0.00000001',
    stepSize: '1',
    startPrice: '0.00001117',
    maxQty: '92141578',
    maxPrice: '1',
    minNotional: '1',
  },
];

function decimals(text: string): number {
  const trimmed = text.includes('.') ? text.replace(/0+$/, '') : text;
  const dot = trimmed.indexOf('.');
  return dot < 0 ? 0 : trimmed.length - dot - 1;
}

/** The exchange's specification of `options`. Throws `DecimalError` when a value does not fit its precision. */
export function symbolSpec(options: SymbolOptions): SymbolSpec {
  const pricePrecision = decimals(options.tickSize);
  const sizePrecision = decimals(options.stepSize);
  const price = (text: string) => parseUnits(text, pricePrecision);
  const size = (text: string) => parseUnits(text, sizePrecision);
  if (pricePrecision > 8 || sizePrecision > 8 || pricePrecision + sizePrecision > 18) {
    throw new RangeError(`${options.symbol}: a tick or step size may have at most 8 decimals`);
  }
  const maxQty = size(options.maxQty ?? '9000');
  const minQty = size(options.minQty ?? options.stepSize);
  return {
    symbol: options.symbol,
    base: options.base,
    quote: options.quote,
    pricePrecision,
    sizePrecision,
    filters: {
      price: {
        min: price(options.minPrice ?? options.tickSize),
        max: price(options.maxPrice ?? '1000000'),
        step: price(options.tickSize),
      },
      lot: { min: minQty, max: maxQty, step: size(options.stepSize) },
      marketLot: { min: 0, max: maxQty, step: 0 },
      notional: {
        min: parseAmount(options.minNotional ?? '5'),
        max: parseAmount(options.maxNotional ?? '9000000'),
        applyMinToMarket: true,
        applyMaxToMarket: false,
      },
      percentPriceBySide: { bidUp: 50_000, bidDown: 2_000, askUp: 50_000, askDown: 2_000 },
      maxOrders: options.maxOrders ?? 200,
      maxAlgoOrders: options.maxAlgoOrders ?? 5,
      maxIcebergOrders: 10,
      icebergParts: 100,
      maxAmends: 10,
    },
  };
}
