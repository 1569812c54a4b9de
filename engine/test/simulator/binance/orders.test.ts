import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createSimulator, type RunningSimulator } from '../../../src/simulator/index.js';
import { type Answer, type Key, signedCall } from './client.js';

/** Two accounts and nobody else: everything that happens is asked for here. */
const MAKER: Key = { apiKey: 'maker', kind: 'hmac', secret: 'one' };
const TAKER: Key = { apiKey: 'taker', kind: 'hmac', secret: 'two' };
const BALANCES = { BTC: '100', USDT: '1000000' };

let sim: RunningSimulator;
type Params = Record<string, string | number | boolean>;

const call = (verb: string, path: string, params: Params, key: Key = MAKER) =>
  signedCall(sim, verb, path, params, key);
const place = (params: Params, key: Key = MAKER) =>
  call('POST', '/api/v3/order', { symbol: 'BTCUSDT', ...params }, key);
const limit = (
  side: string,
  price: string | number,
  quantity: string | number = '0.1',
  more: Params = {},
  key = MAKER,
) => place({ side, type: 'LIMIT', timeInForce: 'GTC', price, quantity, ...more }, key);
const error = ({ status, body }: Answer) => ({ status, code: body.code, msg: body.msg });

beforeAll(async () => {
  sim = await createSimulator({
    flow: null,
    limits: { weightPerMinute: Number.POSITIVE_INFINITY, ordersPer10Seconds: Number.POSITIVE_INFINITY },
    accounts: [
      { name: 'maker', keys: [MAKER] as never, balances: BALANCES },
      { name: 'taker', keys: [TAKER] as never, balances: BALANCES, takerBps: 5 },
    ],
  });
});
afterAll(() => sim.close());
beforeEach(async () => {
  for (const key of [MAKER, TAKER]) await call('DELETE', '/api/v3/openOrders', { symbol: 'BTCUSDT' }, key);
});

describe('placing', () => {
  it('answers ACK, RESULT and FULL, with the documented defaults', async () => {
    const full = (await limit('BUY', '50000.10', '0.1', { newClientOrderId: 'mine-1' })).body;
    expect(full).toEqual({
      symbol: 'BTCUSDT',
      orderId: expect.any(Number),
      orderListId: -1,
      clientOrderId: 'mine-1',
      transactTime: expect.any(Number),
      price: '50000.10000000',
      origQty: '0.10000000',
      executedQty: '0.00000000',
      origQuoteOrderQty: '0.00000000',
      cummulativeQuoteQty: '0.00000000',
      status: 'NEW',
      timeInForce: 'GTC',
      type: 'LIMIT',
      side: 'BUY',
      workingTime: full.transactTime,
      selfTradePreventionMode: 'NONE',
      fills: [],
    });
    const ack = (await place({ side: 'BUY', type: 'LIMIT_MAKER', price: 40_000, quantity: '0.1' })).body;
    expect(Object.keys(ack)).toEqual(['symbol', 'orderId', 'orderListId', 'clientOrderId', 'transactTime']);
    expect(ack.clientOrderId).toMatch(/^[A-Za-z0-9]{22}$/);
    const result = (await limit('BUY', 40_000, '0.1', { newOrderRespType: 'RESULT' })).body;
    expect(result.status).toBe('NEW');
    expect(result.fills).toBeUndefined();
  });

  it('fills, with prices, fees and trade ids', async () => {
    await limit('SELL', '60000.00', '0.1');
    await limit('SELL', '60010.00', '0.2');
    const { body } = await place({ side: 'BUY', type: 'MARKET', quantity: '0.25' }, TAKER);
    expect(body).toMatchObject({
      status: 'FILLED',
      executedQty: '0.25000000',
      cummulativeQuoteQty: '15001.50000000',
      price: '0.00000000',
    });
    expect(body.fills).toEqual([
      {
        price: '60000.00000000',
        qty: '0.10000000',
        commission: '0.00005000',
        commissionAsset: 'BTC',
        tradeId: expect.any(Number),
      },
      {
        price: '60010.00000000',
        qty: '0.15000000',
        commission: '0.00007500',
        commissionAsset: 'BTC',
        tradeId: expect.any(Number),
      },
    ]);
    const mine = (await call('GET', '/api/v3/myTrades', { symbol: 'BTCUSDT', orderId: body.orderId }, TAKER))
      .body;
    expect(mine.map((one: { id: number }) => one.id)).toEqual(
      body.fills.map((one: { tradeId: number }) => one.tradeId),
    );
    expect(mine[0]).toMatchObject({
      isBuyer: true,
      isMaker: false,
      quoteQty: '6000.00000000',
      orderListId: -1,
    });
    const theirs = (await call('GET', '/api/v3/myTrades', { symbol: 'BTCUSDT', limit: 2 })).body;
    expect(theirs[0]).toMatchObject({ isBuyer: false, isMaker: true, commissionAsset: 'USDT' });
    expect(
      (await call('GET', '/api/v3/myTrades', { symbol: 'BTCUSDT', orderId: 1, startTime: 1 })).body.code,
    ).toBe(-1128);
  });

  it('spends a quote quantity, and expires what the book cannot give', async () => {
    await limit('SELL', '60000.00', '0.1');
    const spent = (await place({ side: 'BUY', type: 'MARKET', quoteOrderQty: '3000' }, TAKER)).body;
    expect(spent).toMatchObject({
      status: 'FILLED',
      executedQty: '0.05000000',
      origQuoteOrderQty: '3000.00000000',
    });
    const rest = (await place({ side: 'BUY', type: 'MARKET', quantity: '0.2' }, TAKER)).body;
    expect(rest).toMatchObject({ status: 'EXPIRED', executedQty: '0.05000000' });
    const ioc = (await limit('BUY', '60000.00', '0.2', { timeInForce: 'IOC' }, TAKER)).body;
    expect(ioc).toMatchObject({ status: 'EXPIRED', executedQty: '0.00000000' });
    expect(ioc.expiryReason).toBe('UNFILLED_IOC_QUANTITY_EXPIRED');
  });

  it('arms stops and shows them waiting', async () => {
    await limit('SELL', '60000.00', '0.1');
    await limit('BUY', '60000.00', '0.1', {}, TAKER);
    const { body } = await place({
      side: 'SELL',
      type: 'STOP_LOSS_LIMIT',
      timeInForce: 'GTC',
      quantity: '0.1',
      price: '50000',
      stopPrice: '50001',
      newOrderRespType: 'RESULT',
    });
    expect(body).toMatchObject({ status: 'NEW', stopPrice: '50001.00000000', workingTime: -1 });
    const queried = (await call('GET', '/api/v3/order', { symbol: 'BTCUSDT', orderId: body.orderId })).body;
    expect(queried).toMatchObject({ isWorking: false, workingTime: -1, type: 'STOP_LOSS_LIMIT' });
    const wrong = await place({ side: 'SELL', type: 'STOP_LOSS', quantity: '0.1', stopPrice: '70000' });
    expect(wrong.body.code).toBe(-2010);
    expect(wrong.body.msg).toContain('would trigger immediately');
  });

  const LIMIT = { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price: '50000', quantity: '0.1' };
  const without = (name: string) => Object.fromEntries(Object.entries(LIMIT).filter(([key]) => key !== name));
  it.each<[string, Params, number, string]>([
    [
      'no side',
      without('side'),
      -1102,
      "Mandatory parameter 'side' was not sent, was empty/null, or malformed.",
    ],
    [
      'no price',
      without('price'),
      -1102,
      "Mandatory parameter 'price' was not sent, was empty/null, or malformed.",
    ],
    ['no time in force', without('timeInForce'), -1102, "Mandatory parameter 'timeInForce' was not sent"],
    ['bad side', { ...LIMIT, side: 'HOLD' }, -1117, 'Invalid side.'],
    ['bad type', { ...LIMIT, type: 'ICEBERG' }, -1116, 'Invalid orderType.'],
    ['bad time in force', { ...LIMIT, timeInForce: 'DAY' }, -1115, 'Invalid timeInForce.'],
    ['bad symbol', { ...LIMIT, symbol: 'NOPE' }, -1121, 'Invalid symbol.'],
    ['empty quantity', { ...LIMIT, quantity: '' }, -1105, "Parameter 'quantity' was empty."],
    [
      'negative quantity',
      { ...LIMIT, quantity: '-1' },
      -1100,
      "Illegal characters found in parameter 'quantity'",
    ],
    ['zero quantity', { ...LIMIT, quantity: '0' }, -1013, 'Invalid quantity.'],
    ['zero price', { ...LIMIT, price: '0' }, -1013, 'Invalid price.'],
    ['precision', { ...LIMIT, price: '1.123456789' }, -1111, "Parameter 'price' has too much precision."],
    ['tick', { ...LIMIT, price: '50000.001' }, -1013, 'Filter failure: PRICE_FILTER'],
    ['price too high', { ...LIMIT, price: '99999999' }, -1013, 'Filter failure: PRICE_FILTER'],
    ['step', { ...LIMIT, quantity: '0.000001' }, -1013, 'Filter failure: LOT_SIZE'],
    ['too much', { ...LIMIT, quantity: '10000' }, -1013, 'Filter failure: LOT_SIZE'],
    ['notional', { ...LIMIT, quantity: '0.00001' }, -1013, 'Filter failure: NOTIONAL'],
    ['funds', { ...LIMIT, quantity: '100' }, -2010, 'Account has insufficient balance for requested action.'],
    [
      'unwanted price',
      { side: 'BUY', type: 'MARKET', quantity: 1, price: 1 },
      -1106,
      "Parameter 'price' sent when not required.",
    ],
    [
      'market without size',
      { side: 'BUY', type: 'MARKET' },
      -1102,
      "Param 'quantity' or 'quoteOrderQty' must be sent",
    ],
    [
      'unwanted time in force',
      { ...LIMIT, type: 'LIMIT_MAKER' },
      -1106,
      "Parameter 'timeInForce' sent when not required.",
    ],
    [
      'client id',
      { ...LIMIT, newClientOrderId: 'a b' },
      -1100,
      "Illegal characters found in parameter 'newClientOrderId'",
    ],
    ['long client id', { ...LIMIT, newClientOrderId: 'x'.repeat(37) }, -1100, 'legal range is'],
    [
      'trailing',
      { side: 'SELL', type: 'STOP_LOSS', quantity: 1, trailingDelta: 10 },
      -2010,
      'Trailing stop orders are not supported',
    ],
    [
      'peg',
      { ...LIMIT, pegPriceType: 'PRIMARY_PEG' },
      -2010,
      'Pegged orders are not supported for this symbol.',
    ],
    ['strategy', { ...LIMIT, strategyType: 1 }, -1134, 'strategyType'],
    ['transfer', { ...LIMIT, selfTradePreventionMode: 'TRANSFER' }, -1013, 'self-trade prevention mode'],
    [
      'unknown parameter',
      { ...LIMIT, color: 'red' },
      -1104,
      "Not all sent parameters were read; read '8' parameter(s) but was sent '9'.",
    ],
  ])('refuses %s', async (_name, params, code, msg) => {
    const answer = await place(params);
    expect(answer).toMatchObject({ status: 400, body: { code } });
    expect(answer.body.msg).toContain(msg);
    const test = await call('POST', '/api/v3/order/test', { symbol: 'BTCUSDT', ...params });
    expect(test.body.code).toBe(code);
  });

  it('refuses duplicates among open orders, post-only takers, and closed markets', async () => {
    await limit('BUY', 50_000, '0.1', { newClientOrderId: 'twice' });
    expect(error(await limit('BUY', 50_000, '0.1', { newClientOrderId: 'twice' }))).toEqual({
      status: 400,
      code: -2010,
      msg: 'Duplicate order sent.',
    });
    expect(
      error(await place({ side: 'SELL', type: 'LIMIT_MAKER', price: 49_000, quantity: '0.1' }, TAKER)),
    ).toEqual({
      status: 400,
      code: -2010,
      msg: 'Order would immediately match and take.',
    });
    sim.control.setSymbolStatus('BTCUSDT', 'halt');
    try {
      expect(error(await limit('BUY', 50_000)).msg).toBe('Market is closed.');
      expect(
        (await call('DELETE', '/api/v3/order', { symbol: 'BTCUSDT', origClientOrderId: 'twice' })).status,
      ).toBe(200);
    } finally {
      sim.control.setSymbolStatus('BTCUSDT', 'trading');
    }
  });

  it('tests orders, with commission rates on request', async () => {
    expect((await call('POST', '/api/v3/order/test', { symbol: 'BTCUSDT', ...LIMIT })).body).toEqual({});
    const rates = await call(
      'POST',
      '/api/v3/order/test',
      { symbol: 'BTCUSDT', ...LIMIT, computeCommissionRates: true },
      TAKER,
    );
    expect(rates.body.standardCommissionForOrder).toEqual({ maker: '0.00100000', taker: '0.00050000' });
    expect((await call('GET', '/api/v3/openOrders', {})).body).toEqual([]);
  });
});

describe('canceling and querying', () => {
  it('by either id; the answer names the cancel and the order', async () => {
    const { orderId } = (await limit('BUY', 50_000, '0.1', { newClientOrderId: 'c-1' })).body;
    const { body } = await call('DELETE', '/api/v3/order', {
      symbol: 'BTCUSDT',
      origClientOrderId: 'c-1',
      newClientOrderId: 'the-cancel',
    });
    expect(body).toMatchObject({
      orderId,
      origClientOrderId: 'c-1',
      clientOrderId: 'the-cancel',
      status: 'CANCELED',
    });
    expect((await call('GET', '/api/v3/order', { symbol: 'BTCUSDT', orderId })).body).toMatchObject({
      status: 'CANCELED',
      clientOrderId: 'c-1',
    });
    expect(error(await call('DELETE', '/api/v3/order', { symbol: 'BTCUSDT', orderId }))).toEqual({
      status: 400,
      code: -2011,
      msg: 'Unknown order sent.',
    });
  });

  it('refuses what it cannot find, mismatched ids, and broken restrictions', async () => {
    expect(error(await call('GET', '/api/v3/order', { symbol: 'BTCUSDT', orderId: 999 }))).toEqual({
      status: 400,
      code: -2013,
      msg: 'Order does not exist.',
    });
    expect((await call('GET', '/api/v3/order', { symbol: 'BTCUSDT' })).body.msg).toBe(
      "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!",
    );
    const { orderId } = (await limit('BUY', 50_000)).body;
    const mismatched = await call('DELETE', '/api/v3/order', {
      symbol: 'BTCUSDT',
      orderId,
      origClientOrderId: 'other',
    });
    expect([-2011, -2039]).toContain(mismatched.body.code);
    const restricted = { symbol: 'BTCUSDT', orderId, cancelRestrictions: 'ONLY_PARTIALLY_FILLED' };
    expect(error(await call('DELETE', '/api/v3/order', restricted)).msg).toBe(
      'Order was not canceled due to cancel restrictions.',
    );
    const invalid = { symbol: 'BTCUSDT', orderId, cancelRestrictions: 'NEVER' };
    expect((await call('DELETE', '/api/v3/order', invalid)).body.code).toBe(-1145);
    // Another account's order is not there.
    expect((await call('DELETE', '/api/v3/order', { symbol: 'BTCUSDT', orderId }, TAKER)).body.code).toBe(
      -2011,
    );
  });

  it('cancels all of a symbol, or says there is nothing', async () => {
    await limit('BUY', 50_000);
    await limit('BUY', 50_001);
    expect((await call('GET', '/api/v3/openOrders', { symbol: 'BTCUSDT' })).body).toHaveLength(2);
    const { body } = await call('DELETE', '/api/v3/openOrders', { symbol: 'BTCUSDT' });
    expect(body).toHaveLength(2);
    expect(body[0].clientOrderId).toBe(body[1].clientOrderId);
    expect((await call('DELETE', '/api/v3/openOrders', { symbol: 'BTCUSDT' })).body.code).toBe(-2011);
  });

  it('lists all orders by id, by time, by page', async () => {
    const first = (await limit('BUY', 50_000)).body.orderId;
    const second = (await limit('BUY', 50_001)).body.orderId;
    const from = (await call('GET', '/api/v3/allOrders', { symbol: 'BTCUSDT', orderId: first })).body;
    expect(from.map((one: { orderId: number }) => one.orderId)).toEqual([first, second]);
    const last = (await call('GET', '/api/v3/allOrders', { symbol: 'BTCUSDT', limit: 1 })).body;
    expect(last[0].orderId).toBe(second);
    const span = { symbol: 'BTCUSDT', startTime: Date.now() - 2 * 86_400_000, endTime: Date.now() };
    expect((await call('GET', '/api/v3/allOrders', span)).body).toEqual({
      code: -1127,
      msg: 'More than 24 hours between startTime and endTime.',
    });
  });
});

describe('cancel-replace', () => {
  const replace = (params: Params) =>
    call('POST', '/api/v3/order/cancelReplace', {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '0.1',
      price: '50000',
      cancelReplaceMode: 'STOP_ON_FAILURE',
      ...params,
    });

  it('both halves succeed: a new id', async () => {
    const { orderId } = (await limit('BUY', 50_000)).body;
    const { status, body } = await replace({ cancelOrderId: orderId, price: '50001' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      cancelResult: 'SUCCESS',
      newOrderResult: 'SUCCESS',
      cancelResponse: { orderId, status: 'CANCELED' },
      newOrderResponse: { status: 'NEW', price: '50001.00000000', fills: [] },
    });
    expect(body.newOrderResponse.orderId).not.toBe(orderId);
  });

  it('the cancel fails: stop, or go on', async () => {
    const cancelResponse = { code: -2011, msg: 'Unknown order sent.' };
    expect(await replace({ cancelOrderId: 999 })).toMatchObject({
      status: 400,
      body: {
        code: -2022,
        msg: 'Order cancel-replace failed.',
        data: {
          cancelResult: 'FAILURE',
          newOrderResult: 'NOT_ATTEMPTED',
          cancelResponse,
          newOrderResponse: null,
        },
      },
    });
    expect(await replace({ cancelOrderId: 999, cancelReplaceMode: 'ALLOW_FAILURE' })).toMatchObject({
      status: 409,
      body: {
        code: -2021,
        msg: 'Order cancel-replace partially failed.',
        data: {
          cancelResult: 'FAILURE',
          newOrderResult: 'SUCCESS',
          cancelResponse,
          newOrderResponse: { status: 'NEW' },
        },
      },
    });
  });

  it('the new order fails: 409, and the old one is gone; both fail: 400', async () => {
    await limit('SELL', 60_000, '0.1', {}, TAKER);
    const { orderId } = (await limit('BUY', 50_000)).body;
    const crossing = { type: 'LIMIT_MAKER', price: '60001', cancelOrderId: orderId };
    const params = {
      symbol: 'BTCUSDT',
      side: 'BUY',
      quantity: '0.1',
      cancelReplaceMode: 'STOP_ON_FAILURE',
      ...crossing,
    };
    const refused = { code: -2010, msg: 'Order would immediately match and take.' };
    expect(await call('POST', '/api/v3/order/cancelReplace', params)).toMatchObject({
      status: 409,
      body: {
        code: -2021,
        data: { cancelResult: 'SUCCESS', newOrderResult: 'FAILURE', newOrderResponse: refused },
      },
    });
    expect((await call('GET', '/api/v3/order', { symbol: 'BTCUSDT', orderId })).body.status).toBe('CANCELED');
    const both = { ...params, cancelReplaceMode: 'ALLOW_FAILURE' };
    expect(await call('POST', '/api/v3/order/cancelReplace', both)).toMatchObject({
      status: 400,
      body: {
        code: -2022,
        data: { cancelResult: 'FAILURE', newOrderResult: 'FAILURE', newOrderResponse: refused },
      },
    });
  });

  it('a filter failure of the new order touches nothing', async () => {
    const { orderId } = (await limit('BUY', 50_000)).body;
    expect((await replace({ cancelOrderId: orderId, price: '50000.001' })).body.code).toBe(-1013);
    expect((await replace({ cancelOrderId: orderId, quantity: '0.00001' })).body.code).toBe(-1013);
    expect((await replace({})).body.code).toBe(-1102);
    expect((await call('GET', '/api/v3/order', { symbol: 'BTCUSDT', orderId })).body.status).toBe('NEW');
  });
});

describe('amending', () => {
  const amend = (params: Params) =>
    call('PUT', '/api/v3/order/amend/keepPriority', { symbol: 'BTCUSDT', ...params });

  it('lowers the quantity, keeps the id, remembers', async () => {
    const { orderId, clientOrderId } = (await limit('BUY', 50_000, '0.5')).body;
    const { body } = await amend({ orderId, newQty: '0.3', newClientOrderId: 'smaller' });
    expect(body).toMatchObject({
      executionId: expect.any(Number),
      amendedOrder: {
        orderId,
        origClientOrderId: clientOrderId,
        clientOrderId: 'smaller',
        qty: '0.30000000',
        status: 'NEW',
      },
    });
    const { body: list } = await call('GET', '/api/v3/order/amendments', { symbol: 'BTCUSDT', orderId });
    expect(list).toEqual([
      expect.objectContaining({
        orderId,
        executionId: body.executionId,
        origClientOrderId: clientOrderId,
        newClientOrderId: 'smaller',
        origQty: '0.50000000',
        newQty: '0.30000000',
      }),
    ]);
    expect(error(await amend({ orderId, newQty: '0.4' }))).toMatchObject({ status: 400, code: -2038 });
    expect(error(await amend({ orderId, newQty: '0.3' })).msg).toContain('would change no state');
    expect(error(await amend({ orderId: 999, newQty: '0.1' })).code).toBe(-2038);
  });
});

describe('self-trade prevention', () => {
  it('expires the taker, and lists the prevented match', async () => {
    const resting = (await limit('SELL', 60_000, '0.1')).body.orderId;
    const { body } = await limit('BUY', 60_000, '0.1', { selfTradePreventionMode: 'EXPIRE_TAKER' });
    expect(body).toMatchObject({ status: 'EXPIRED_IN_MATCH', executedQty: '0.00000000' });
    expect(body.preventedMatchId).toBeGreaterThan(0);
    const list = (
      await call('GET', '/api/v3/myPreventedMatches', { symbol: 'BTCUSDT', orderId: body.orderId })
    ).body;
    expect(list[0]).toMatchObject({
      takerOrderId: body.orderId,
      makerOrderId: resting,
      selfTradePreventionMode: 'EXPIRE_TAKER',
    });
  });
});

describe('order rate', () => {
  it('answers -1015 past the limit, counts in headers, and takes fills back', async () => {
    const venue = await createSimulator({
      flow: null,
      limits: { ordersPer10Seconds: 5, weightPerMinute: Number.POSITIVE_INFINITY },
    });
    try {
      const key: Key = { apiKey: venue.demo!.hmac.apiKey, kind: 'hmac', secret: venue.demo!.hmac.secret };
      const send = () =>
        signedCall(
          venue,
          'POST',
          '/api/v3/order',
          {
            symbol: 'BTCUSDT',
            side: 'BUY',
            type: 'LIMIT',
            timeInForce: 'GTC',
            quantity: '0.1',
            price: '50000',
          },
          key,
        );
      let last = await send();
      expect(last.headers.get('x-mbx-order-count-10s')).toMatch(/^[1-5]$/);
      for (let i = 0; i < 20 && last.status === 200; i++) last = await send();
      expect(last.status).toBe(429);
      expect(last.body.code).toBe(-1015);
      expect(last.body.msg).toBe('Too many new orders; current limit is 5 orders per 10 SECOND.');
      expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
      venue.control.inject({ kind: 'fill' });
      expect((await send()).status).toBe(200);
    } finally {
      await venue.close();
    }
  });
});
