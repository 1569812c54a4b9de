import { describe, expect, it } from '@jest/globals';
import { defineInstrument, type InstrumentSpec } from '../../src/domain/index.js';
import { specOf } from './instrument-spec.js';

describe('defineInstrument', () => {
  it('gives indexes and an id, and freezes the result', () => {
    const instrument = defineInstrument(4, 2, specOf());
    expect(instrument).toMatchObject({ index: 4, venue: 2, id: 'BTCUSDT.BINANCE', symbol: 'BTCUSDT' });
    expect(Object.isFrozen(instrument)).toBe(true);
  });

  it('takes the limits of what can be exact', () => {
    for (const [pricePrecision, sizePrecision] of [
      [0, 0],
      [15, 3],
      [3, 15],
      [9, 9],
    ] as const) {
      expect(defineInstrument(0, 0, specOf({ pricePrecision, sizePrecision })).sizePrecision).toBe(
        sizePrecision,
      );
    }
    const bounds = {
      minPrice: 5,
      maxPrice: 5,
      minQuantity: 1,
      maxQuantity: Number.MAX_SAFE_INTEGER,
      minNotional: 9n,
    };
    expect(defineInstrument(0, 0, specOf(bounds))).toMatchObject(bounds);
  });

  const broken: [keyof InstrumentSpec, Partial<InstrumentSpec>][] = [
    ['pricePrecision', { pricePrecision: -1 }],
    ['pricePrecision', { pricePrecision: 16 }],
    ['pricePrecision', { pricePrecision: 1.5 }],
    ['sizePrecision', { sizePrecision: Number.NaN }],
    ['sizePrecision', { pricePrecision: 10, sizePrecision: 9 }],
    ['priceIncrement', { priceIncrement: 0 }],
    ['priceIncrement', { priceIncrement: 0.01 }],
    ['sizeIncrement', { sizeIncrement: -1 }],
    ['sizeIncrement', { sizeIncrement: 2 ** 53 }],
    ['minPrice', { minPrice: -1 }],
    ['maxPrice', { maxPrice: Number.POSITIVE_INFINITY }],
    ['minQuantity', { minQuantity: 0.5 }],
    ['maxQuantity', { maxQuantity: 2 ** 60 }],
    ['minNotional', { minNotional: -1n }],
    ['maxNotional', { maxNotional: -1n }],
    ['minPrice', { minPrice: 6, maxPrice: 5 }],
    ['minQuantity', { minQuantity: 6, maxQuantity: 5 }],
    ['minNotional', { minNotional: 6n, maxNotional: 5n }],
  ];
  it.each(broken)('names %s in the error for %o', (field, change) => {
    const define = () => defineInstrument(0, 0, specOf(change));
    expect(define).toThrow(RangeError);
    expect(define).toThrow(new RegExp(`^instrument BTCUSDT: ${field} .*, was ${String(change[field])}$`));
  });
});
