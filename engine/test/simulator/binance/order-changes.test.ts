import { describe, expect, it } from '@jest/globals';
import { createSimulator } from '../../../src/simulator/index.js';
import { type Key, signedCall } from './client.js';
import { call, error, limit, type Params, TAKER, useOrderVenue } from './order-venue.js';

useOrderVenue();

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
