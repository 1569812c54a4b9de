import type { InstrumentSpec } from '../../src/domain/index.js';

/** A sound spec, changed as the test wants it. */
export function specOf(change: Partial<InstrumentSpec> = {}): InstrumentSpec {
  return {
    venueName: 'BINANCE',
    symbol: 'BTCUSDT',
    base: 'BTC',
    quote: 'USDT',
    pricePrecision: 2,
    sizePrecision: 5,
    priceIncrement: 1,
    sizeIncrement: 1,
    minPrice: 0,
    maxPrice: 0,
    minQuantity: 0,
    maxQuantity: 0,
    minNotional: 0n,
    maxNotional: 0n,
    ...change,
  };
}
