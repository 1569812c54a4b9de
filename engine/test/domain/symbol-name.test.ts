import { describe, expect, it } from '@jest/globals';
import { splitSymbol } from '../../src/domain/index.js';

describe('splitSymbol', () => {
  it.each([
    ['BTCUSDT', 'BTC', 'USDT'],
    ['ETHBTC', 'ETH', 'BTC'],
    ['BTCFDUSD', 'BTC', 'FDUSD'],
    ['BTCTUSD', 'BTC', 'TUSD'],
    ['BTCUSD', 'BTC', 'USD'],
    ['RUNEEUR', 'RUNE', 'EUR'],
  ])('takes %s for %s and %s', (symbol, base, quote) => {
    expect(splitSymbol(symbol)).toEqual({ base, quote });
  });

  it.each(['', 'USDT', 'BTCXYZ'])('does not guess at %j', (symbol) => {
    expect(splitSymbol(symbol)).toBeUndefined();
  });
});
