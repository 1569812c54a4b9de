import { createServer } from 'node:http';

const UNLIMITED = [
  { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 1e12 },
  { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 1e12 },
  { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 1e12 },
  { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 1e12 },
];

/** What the loopback venue lists under any symbol that is asked for: Binance's own rules for BTCUSDT. */
const symbolInfo = (symbol) => ({
  ...{ symbol, status: 'TRADING', baseAsset: symbol.slice(0, 4), quoteAsset: symbol.slice(4) },
  ...{ baseAssetPrecision: 8, quotePrecision: 8 },
  filters: [
    {
      filterType: 'PRICE_FILTER',
      minPrice: '0.01000000',
      maxPrice: '1000000.00000000',
      tickSize: '0.01000000',
    },
    { filterType: 'LOT_SIZE', minQty: '0.00001000', maxQty: '9000.00000000', stepSize: '0.00001000' },
    { filterType: 'NOTIONAL', minNotional: '5.00000000', maxNotional: '9000000.00000000' },
  ],
});

/**
 * The REST face of the loopback venue, as much of Binance's as an engine asks for: an account without a history or a
 * limit on requests.
 *
 * @param {{ snapshot: () => Buffer, openOrders: () => object[] }} parts
 */
export function restServer({ snapshot, openOrders }) {
  const answers = {
    '/api/v3/time': () => ({ serverTime: Date.now() }),
    '/api/v3/exchangeInfo': (query) => ({
      rateLimits: UNLIMITED,
      symbols: JSON.parse(query.get('symbols') ?? '[]').map(symbolInfo),
    }),
    '/api/v3/depth': snapshot,
    '/api/v3/account': () => ({ canTrade: true, balances: [], permissions: ['SPOT'] }),
    '/api/v3/openOrders': openOrders,
    '/api/v3/myTrades': () => [],
  };
  return createServer((request, response) => {
    const url = new URL(request.url, 'http://loopback');
    const answer = answers[url.pathname]?.(url.searchParams) ?? {
      code: -1100,
      msg: `nothing at ${url.pathname}`,
    };
    const isKnown = url.pathname in answers;
    response.writeHead(isKnown ? 200 : 404, { 'content-type': 'application/json' });
    response.end(typeof answer === 'string' || Buffer.isBuffer(answer) ? answer : JSON.stringify(answer));
  });
}
