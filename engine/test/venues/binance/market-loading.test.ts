import { afterEach, describe, expect, it } from '@jest/globals';
import { type Logger, MetricRegistry, nullLogger, systemClock } from '../../../src/telemetry/index.js';
import type { RateLimitEntry } from '../../../src/venues/binance/limits.js';
import { BinanceMarketData } from '../../../src/venues/binance/market-data.js';
import { FakeVenue } from './market-fake-venue.js';

const open: FakeVenue[] = [];
afterEach(async () => {
  for (const fake of open.splice(0)) await fake.close();
});

async function setUp() {
  const fake = await FakeVenue.start();
  open.push(fake);
  const limits: RateLimitEntry[] = [];
  const warnings: string[] = [];
  const logger: Logger = { ...nullLogger, warn: (message) => warnings.push(message), child: () => logger };
  const market = new BinanceMarketData(
    {
      venueIndex: 6,
      endpoints: { rest: '', stream: fake.url, wsApi: '' },
      clock: systemClock,
      logger,
      metrics: new MetricRegistry(),
    },
    fake,
    { configure: (entries) => limits.push(...entries) },
  );
  return { fake, market, limits, warnings };
}

describe('Binance instrument loading', () => {
  const answer = (value: unknown, status = 200) => ({ status, body: Buffer.from(JSON.stringify(value)) });
  const listed = {
    symbol: 'BTCUSDT',
    status: 'TRADING',
    baseAsset: 'BTC',
    quoteAsset: 'USDT',
    baseAssetPrecision: 8,
    quotePrecision: 8,
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: '0.01', maxPrice: '1000000', tickSize: '0.01' },
      { filterType: 'LOT_SIZE', minQty: '0.00001', maxQty: '9000', stepSize: '0.00001' },
    ],
  };

  it('asks for the symbols alone', async () => {
    const { fake, market } = await setUp();
    fake.exchangeInfo = [answer({ symbols: [listed] })];
    expect(await market.loadInstruments(['BTCUSDT'])).toMatchObject([{ symbol: 'BTCUSDT', base: 'BTC' }]);
    expect(fake.requests).toEqual(['/api/v3/exchangeInfo?symbols=%5B%22BTCUSDT%22%5D (20)']);
  });

  it('takes the live request limits from the answer', async () => {
    const { fake, market, limits, warnings } = await setUp();
    const live = { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 1_200 };
    fake.exchangeInfo = [answer({ rateLimits: [live], symbols: [listed] })];
    await market.loadInstruments(['BTCUSDT']);
    expect(limits).toEqual([live]);
    fake.exchangeInfo = [answer({ rateLimits: [{ limit: 'many' }], symbols: [listed] })];
    await market.loadInstruments(['BTCUSDT']);
    expect(limits).toEqual([live]);
    expect(warnings.some((line) => line.includes('no request limits'))).toBe(true);
  });

  it('names a symbol the venue refuses, and the nearest it has', async () => {
    const { fake, market } = await setUp();
    fake.exchangeInfo = [answer({ code: -1121, msg: 'Invalid symbol.' }, 400), answer({ symbols: [listed] })];
    await expect(market.loadInstruments(['BTCUST'])).rejects.toThrow(
      'does not list BTCUST (did you mean BTCUSDT?)',
    );
  });

  it('says what the venue answered when it has no list', async () => {
    const { fake, market } = await setUp();
    fake.exchangeInfo = [answer({}, 503)];
    await expect(market.loadInstruments(['BTCUSDT'])).rejects.toThrow('the venue answered 503');
  });
});
