import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSimulator, type RunningSimulator } from '../../../src/simulator/index.js';
import { demoEd25519, demoKey, form, http, publicGet, signature, signedCall } from './client.js';

let sim: RunningSimulator;

beforeAll(async () => {
  sim = await createSimulator({
    limits: { weightPerMinute: Number.POSITIVE_INFINITY, ordersPer10Seconds: Number.POSITIVE_INFINITY },
  });
});
afterAll(() => sim.close());

const DECIMAL8 = /^\d+\.\d{8}$/;

describe('public endpoints', () => {
  it('ping and time', async () => {
    expect((await publicGet(sim, '/api/v3/ping')).body).toEqual({});
    const { body, headers } = await publicGet(sim, '/api/v3/time');
    expect(Math.abs(body.serverTime - Date.now())).toBeLessThan(5_000);
    expect(Number(headers.get('x-mbx-used-weight-1m'))).toBeGreaterThan(0);
    expect(headers.get('content-type')).toBe('application/json;charset=UTF-8');
  });

  it('time in microseconds on request', async () => {
    const { body } = await http(`${sim.restUrl}/api/v3/time`, {
      headers: { 'X-MBX-TIME-UNIT': 'MICROSECOND' },
    });
    expect(String(body.serverTime)).toHaveLength(16);
    const bad = await http(`${sim.restUrl}/api/v3/time`, { headers: { 'X-MBX-TIME-UNIT': 'HOUR' } });
    expect(bad.body.code).toBe(-1194);
  });

  it('exchangeInfo: whole, by symbol, by symbols, by permission', async () => {
    const all = (await publicGet(sim, '/api/v3/exchangeInfo')).body;
    expect(all.symbols.map((one: { symbol: string }) => one.symbol)).toEqual([
      'BTCUSDT',
      'ETHUSDT',
      'ETHBTC',
      'PEPEUSDT',
    ]);
    expect(all.rateLimits).toHaveLength(4);
    const one = (await publicGet(sim, '/api/v3/exchangeInfo', { symbol: 'PEPEUSDT' })).body.symbols;
    expect(one).toHaveLength(1);
    expect(one[0]).toMatchObject({
      status: 'TRADING',
      baseAsset: 'PEPE',
      baseAssetPrecision: 8,
      permissionSets: [['SPOT']],
      defaultSelfTradePreventionMode: 'NONE',
    });
    const filters = Object.fromEntries(one[0].filters.map((f: { filterType: string }) => [f.filterType, f]));
    expect(filters.PRICE_FILTER).toMatchObject({ tickSize: '0.00000001' });
    expect(filters.LOT_SIZE).toMatchObject({ stepSize: '1.00000000', minQty: '1.00000000' });
    expect(filters.NOTIONAL).toMatchObject({ minNotional: '1.00000000', applyMinToMarket: true });
    const two = await publicGet(sim, '/api/v3/exchangeInfo', { symbols: '["BTCUSDT","ETHBTC"]' });
    expect(two.body.symbols).toHaveLength(2);
    expect((await publicGet(sim, '/api/v3/exchangeInfo', { permissions: 'MARGIN' })).body.symbols).toEqual(
      [],
    );
    expect(
      (await publicGet(sim, '/api/v3/exchangeInfo', { permissions: '["SPOT"]' })).body.symbols,
    ).toHaveLength(4);
    expect((await publicGet(sim, '/api/v3/exchangeInfo', { symbol: 'NOPE' })).body).toEqual({
      code: -1121,
      msg: 'Invalid symbol.',
    });
  });

  it('depth: sorted, uncrossed, limited, weighted', async () => {
    const { body } = await publicGet(sim, '/api/v3/depth', { symbol: 'BTCUSDT', limit: 50 });
    expect(body.bids).toHaveLength(50);
    const bids = body.bids.map(([price]: [string]) => Number(price));
    const asks = body.asks.map(([price]: [string]) => Number(price));
    expect(bids).toEqual([...bids].sort((a, b) => b - a));
    expect(asks).toEqual([...asks].sort((a, b) => a - b));
    expect(bids[0]).toBeLessThan(asks[0]);
    for (const text of body.bids.flat()) expect(text).toMatch(DECIMAL8);
    expect(
      (await publicGet(sim, '/api/v3/depth', { symbol: 'BTCUSDT' })).body.bids.length,
    ).toBeLessThanOrEqual(100);
  });

  it('charges depth by its limit', async () => {
    const used = async () =>
      Number((await publicGet(sim, '/api/v3/ping')).headers.get('x-mbx-used-weight-1m'));
    for (const [limit, weight] of [
      [100, 5],
      [500, 25],
      [1000, 50],
      [5000, 250],
    ] as const) {
      // A minute may pass in between, so the difference is taken again when the count went down.
      for (let attempt = 0; attempt < 2; attempt++) {
        const before = await used();
        await publicGet(sim, '/api/v3/depth', { symbol: 'BTCUSDT', limit });
        const after = await used();
        if (after < before) continue;
        expect(after - before).toBe(weight + 1);
        break;
      }
    }
  });

  it('trades, historicalTrades and aggTrades agree', async () => {
    const recent = (await publicGet(sim, '/api/v3/trades', { symbol: 'BTCUSDT', limit: 100 })).body;
    expect(recent.length).toBeGreaterThan(0);
    for (const trade of recent) {
      expect(trade.price).toMatch(DECIMAL8);
      expect(Number(trade.quoteQty)).toBeCloseTo(Number(trade.price) * Number(trade.qty), 6);
    }
    const first = recent[0].id;
    const old = (
      await publicGet(sim, '/api/v3/historicalTrades', { symbol: 'BTCUSDT', fromId: first, limit: 5 })
    ).body;
    expect(old).toEqual(recent.slice(0, 5));
    const aggregates = (await publicGet(sim, '/api/v3/aggTrades', { symbol: 'BTCUSDT', limit: 1000 })).body;
    for (let i = 1; i < aggregates.length; i++) {
      expect(aggregates[i].f).toBe(aggregates[i - 1].l + 1);
      expect(aggregates[i].a).toBe(aggregates[i - 1].a + 1);
    }
    const wrong = await publicGet(sim, '/api/v3/aggTrades', { symbol: 'BTCUSDT', fromId: 1, startTime: 1 });
    expect(wrong.body.code).toBe(-1128);
  });

  it('klines sum up the trades', async () => {
    const minutes = (await publicGet(sim, '/api/v3/klines', { symbol: 'BTCUSDT', interval: '1m' })).body;
    const hours = (await publicGet(sim, '/api/v3/uiKlines', { symbol: 'BTCUSDT', interval: '1h' })).body;
    expect(minutes[0]).toHaveLength(12);
    expect(minutes[0][6] - minutes[0][0]).toBe(59_999);
    expect(hours.at(-1)[8]).toBeGreaterThan(0);
    expect((await publicGet(sim, '/api/v3/klines', { symbol: 'BTCUSDT', interval: '7m' })).body.code).toBe(
      -1120,
    );
    expect(
      (await publicGet(sim, '/api/v3/klines', { symbol: 'BTCUSDT', interval: '1d', timeZone: '+99' })).body
        .code,
    ).toBe(-1130);
  });

  it('tickers: one, several, all, mini and full', async () => {
    const day = (await publicGet(sim, '/api/v3/ticker/24hr', { symbol: 'BTCUSDT' })).body;
    expect(day.count).toBe(day.lastId - day.firstId + 1);
    expect(Number(day.bidPrice)).toBeLessThan(Number(day.askPrice));
    expect((await publicGet(sim, '/api/v3/ticker/24hr')).body).toHaveLength(4);
    const mini = await publicGet(sim, '/api/v3/ticker/24hr', { symbols: '["BTCUSDT"]', type: 'MINI' });
    expect(Object.keys(mini.body[0])).not.toContain('bidPrice');
    const rolling = (await publicGet(sim, '/api/v3/ticker', { symbol: 'BTCUSDT', windowSize: '15m' })).body;
    expect(rolling.openTime % 60_000).toBe(0);
    expect((await publicGet(sim, '/api/v3/ticker')).body.code).toBe(-1102);
    expect((await publicGet(sim, '/api/v3/ticker', { symbol: 'BTCUSDT', windowSize: '60m' })).body.code).toBe(
      -1130,
    );
    expect((await publicGet(sim, '/api/v3/ticker/tradingDay', { symbol: 'BTCUSDT' })).body.symbol).toBe(
      'BTCUSDT',
    );
    expect((await publicGet(sim, '/api/v3/ticker/price', { symbol: 'ETHBTC' })).body.price).toMatch(DECIMAL8);
    expect((await publicGet(sim, '/api/v3/ticker/bookTicker')).body).toHaveLength(4);
    expect((await publicGet(sim, '/api/v3/avgPrice', { symbol: 'BTCUSDT' })).body).toMatchObject({ mins: 5 });
    expect((await publicGet(sim, '/api/v3/ticker/price', { symbol: 'A', symbols: '["B"]' })).body.code).toBe(
      -1128,
    );
  });

  it('answers what does not exist with 404, and futures with no symbols', async () => {
    expect((await publicGet(sim, '/api/v3/nothing')).status).toBe(404);
    expect((await publicGet(sim, '/fapi/v1/exchangeInfo')).body.symbols).toEqual([]);
    expect((await publicGet(sim, '/dapi/v1/exchangeInfo')).body.symbols).toEqual([]);
    expect((await publicGet(sim, '/sapi/v1/margin/allPairs')).body).toEqual([]);
  });
});

describe('authentication', () => {
  const account = (params: Record<string, string | number>, key = demoKey(sim)) =>
    signedCall(sim, 'GET', '/api/v3/account', params, key);

  it('takes HMAC and Ed25519 keys, parameters in query or body or both, seconds split either way', async () => {
    for (const key of [demoKey(sim), demoEd25519(sim)]) {
      expect((await account({}, key)).body.accountType).toBe('SPOT');
      expect((await account({ timestamp: Date.now() * 1000 }, key)).status).toBe(200);
      const order = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.001' };
      const test = await signedCall(
        sim,
        'POST',
        '/api/v3/order/test',
        { ...order, price: 50_000 },
        key,
        true,
      );
      expect(test).toMatchObject({ status: 200, body: {} });
      const query = form({ symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT' });
      const body = form({ timeInForce: 'GTC', quantity: '0.001', price: 50_000, timestamp: Date.now() });
      const mixed = await http(
        `${sim.restUrl}/api/v3/order/test?${query}&signature=${encodeURIComponent(signature(key, query + body))}`,
        {
          method: 'POST',
          body,
          headers: { 'X-MBX-APIKEY': key.apiKey, 'content-type': 'application/x-www-form-urlencoded' },
        },
      );
      expect(mixed).toMatchObject({ status: 200, body: {} });
    }
  });

  it.each([
    ['no key', 401, -2014, { headers: {} }],
    ['malformed key', 401, -2014, { headers: { 'X-MBX-APIKEY': 'not a key!' } }],
    ['unknown key', 401, -2015, { headers: { 'X-MBX-APIKEY': 'a'.repeat(64) } }],
  ])('refuses %s', async (_name, status, code, init) => {
    const answer = await http(
      `${sim.restUrl}/api/v3/account?timestamp=${Date.now()}&signature=x`,
      init as RequestInit,
    );
    expect(answer).toMatchObject({ status, body: { code } });
  });

  it('refuses missing and wrong timestamps and signatures, in Binance’s words', async () => {
    const key = demoKey(sim);
    const raw = (query: string) =>
      http(`${sim.restUrl}/api/v3/account?${query}`, { headers: { 'X-MBX-APIKEY': key.apiKey } });
    expect((await raw('signature=x')).body).toEqual({
      code: -1102,
      msg: "Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed.",
    });
    expect((await raw(`timestamp=${Date.now()}`)).body.msg).toContain("'signature'");
    expect((await raw(`timestamp=${Date.now()}&signature=${'0'.repeat(64)}`)).body).toEqual({
      code: -1022,
      msg: 'Signature for this request is not valid.',
    });
    expect((await account({ timestamp: Date.now() - 6_000 })).body).toEqual({
      code: -1021,
      msg: 'Timestamp for this request is outside of the recvWindow.',
    });
    expect((await account({ timestamp: Date.now() - 6_000, recvWindow: 10_000 })).status).toBe(200);
    expect((await account({ timestamp: Date.now() + 3_000 })).body).toEqual({
      code: -1021,
      msg: "Timestamp for this request was 1000ms ahead of the server's time.",
    });
    expect((await account({ recvWindow: 60_001 })).body.code).toBe(-1102);
    expect((await account({ recvWindow: 'x' })).body.code).toBe(-1100);
    expect((await account({ surplus: 1 })).body.code).toBe(-1104);
  });
});

describe('account endpoints', () => {
  it('account, commission, limits, filters, wallet', async () => {
    const get = async (path: string, params: Record<string, string | number | boolean> = {}) =>
      (await signedCall(sim, 'GET', path, params)).body;
    const account = await get('/api/v3/account');
    expect(account).toMatchObject({
      makerCommission: 10,
      commissionRates: {
        maker: '0.00100000',
        taker: '0.00100000',
        buyer: '0.00000000',
        seller: '0.00000000',
      },
      permissions: ['SPOT'],
    });
    expect(account.balances.find((one: { asset: string }) => one.asset === 'USDT')).toEqual({
      asset: 'USDT',
      free: '1000000.00000000',
      locked: '0.00000000',
    });
    expect((await get('/api/v3/account', { omitZeroBalances: true })).balances).toHaveLength(4);
    expect((await get('/api/v3/account/commission', { symbol: 'BTCUSDT' })).standardCommission.maker).toBe(
      '0.00100000',
    );
    expect(await get('/api/v3/rateLimit/order')).toHaveLength(2);
    expect((await get('/api/v3/myFilters', { symbol: 'BTCUSDT' })).symbolFilters.length).toBeGreaterThan(5);
    expect((await get('/sapi/v1/capital/config/getall')).map((one: { coin: string }) => one.coin)).toContain(
      'BTC',
    );
    expect((await get('/sapi/v1/account/apiRestrictions')).enableWithdrawals).toBe(false);
    expect(await get('/api/v3/openOrderList')).toEqual([]);
  });
});
