import { describe, expect, it } from '@jest/globals';
import { call, error, limit, type Params, place, sim, TAKER, useOrderVenue } from './order-venue.js';

useOrderVenue();

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
