import { describe, expect, it } from '@jest/globals';
import { defineInstrument, parseAmount } from '../../../src/domain/index.js';
import { InstrumentError, readInstruments } from '../../../src/venues/binance/instruments.js';

interface Overrides {
  status?: string;
  quotePrecision?: number;
  filters?: Record<string, unknown>[];
}

function info(symbol: string, { status = 'TRADING', quotePrecision = 8, filters }: Overrides = {}) {
  return {
    symbol,
    status,
    baseAsset: symbol.slice(0, -4) || 'A',
    quoteAsset: symbol.slice(-4),
    baseAssetPrecision: 8,
    quotePrecision,
    orderTypes: ['LIMIT'],
    filters: filters ?? [
      price('0.01000000', '0.01000000', '1000000.00000000'),
      lot('0.00001000', '9000.00000000'),
      notional,
    ],
  };
}
const price = (tickSize: string, minPrice: string, maxPrice: string) => ({
  filterType: 'PRICE_FILTER',
  minPrice,
  maxPrice,
  tickSize,
});
const lot = (stepSize: string, maxQty: string) => ({
  filterType: 'LOT_SIZE',
  minQty: stepSize,
  maxQty,
  stepSize,
});
const notional = {
  filterType: 'NOTIONAL',
  minNotional: '5.00000000',
  applyMinToMarket: true,
  maxNotional: '9000000.00000000',
  avgPriceMins: 5,
};
const read = (symbols: string[], ...infos: object[]) =>
  readInstruments(JSON.stringify({ symbols: infos }), symbols);

describe('Binance instruments', () => {
  it('reads increments, bounds and notional limits in the precision the venue prints', () => {
    const [spec] = read(['BTCUSDT'], info('ETHUSDT'), info('BTCUSDT'));
    expect(spec).toEqual({
      venueName: 'BINANCE',
      symbol: 'BTCUSDT',
      base: 'BTC',
      quote: 'USDT',
      pricePrecision: 8,
      sizePrecision: 8,
      priceIncrement: 1_000_000,
      sizeIncrement: 1_000,
      minPrice: 1_000_000,
      maxPrice: 100_000_000_000_000,
      minQuantity: 1_000,
      maxQuantity: 900_000_000_000,
      minNotional: parseAmount('5'),
      maxNotional: parseAmount('9000000'),
    });
    expect(() => defineInstrument(0, 0, spec!)).not.toThrow();
  });

  it('keeps fewer decimals where the largest sizes would not fit', () => {
    const filters = [
      price('0.00000001', '0.00000001', '1.00000000'),
      lot('1.00', '46116860414.00'),
      notional,
    ];
    const [spec] = read(['SHIBUSDT'], info('SHIBUSDT', { filters }));
    expect(spec).toMatchObject({
      pricePrecision: 8,
      sizePrecision: 3,
      sizeIncrement: 1_000,
      maxQuantity: 46_116_860_414_000,
    });
  });

  it('never keeps fewer than the rules need; a bound that does not fit is none', () => {
    const filters = [price('0.01', '0.01', '99999999999999999999'), lot('0', '0'), notional];
    const [spec] = read(['XUSDT'], info('XUSDT', { filters }));
    expect(spec).toMatchObject({
      pricePrecision: 2,
      priceIncrement: 1,
      maxPrice: 0,
      sizePrecision: 8,
      sizeIncrement: 1,
    });
  });

  it('reads the old MIN_NOTIONAL filter and none at all', () => {
    const base = [price('0.01', '0.01', '100'), lot('1', '100')];
    const old = {
      filterType: 'MIN_NOTIONAL',
      minNotional: '10.00000000',
      applyToMarket: true,
      avgPriceMins: 5,
    };
    expect(read(['AUSDT'], info('AUSDT', { filters: [...base, old] }))[0]).toMatchObject({
      minNotional: parseAmount('10'),
      maxNotional: 0n,
    });
    expect(read(['AUSDT'], info('AUSDT', { filters: base }))[0]).toMatchObject({
      minNotional: 0n,
      maxNotional: 0n,
    });
  });

  it('names the symbols the venue does not list, and what was meant', () => {
    const ask = () =>
      read(['BTCUSTD', 'ETHUSDT', 'NOTHINGLIKEIT'], info('BTCUSDT'), info('ETHUSDT'), info('BTCUSDC'));
    expect(ask).toThrow(InstrumentError);
    expect(ask).toThrow('binance does not list BTCUSTD (did you mean BTCUSDC, BTCUSDT?); NOTHINGLIKEIT');
  });

  it.each([
    ['no JSON', 'busy', /not JSON/],
    ['no symbols', '{}', /exchangeInfo: symbols/],
    ['a symbol without filters', '{"symbols":[{"symbol":"A","status":"TRADING"}]}', /^A: baseAsset/],
    [
      'a halted symbol',
      JSON.stringify({ symbols: [info('A', { status: 'BREAK' })] }),
      /A is not trading now: its status is BREAK/,
    ],
    [
      'no price filter',
      JSON.stringify({ symbols: [info('A', { filters: [lot('1', '1')] })] }),
      /A: has no PRICE_FILTER/,
    ],
    [
      'a filter of another shape',
      JSON.stringify({ symbols: [info('A', { filters: [price('x', '0', '0'), lot('1', '1')] })] }),
      /A: PRICE_FILTER: tickSize: must be a decimal/,
    ],
  ])('refuses %s', (_, text, message) => {
    expect(() => readInstruments(text, ['A'])).toThrow(message);
  });

  it('takes halted symbols for recordings', () => {
    const text = JSON.stringify({ symbols: [info('AUSDT', { status: 'BREAK' })] });
    expect(readInstruments(text, ['AUSDT'], { anyStatus: true })).toHaveLength(1);
  });
});
