import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSimulator, type RunningSimulator } from '../../../src/simulator/index.js';
import { type ApiSocket, apiSocket, demoEd25519, demoKey, signedCall } from './client.js';

let sim: RunningSimulator;
let api: ApiSocket;

beforeAll(async () => {
  sim = await createSimulator({ limits: { ordersPer10Seconds: Number.POSITIVE_INFINITY } });
  api = await apiSocket(sim);
});
afterAll(() => sim.close());

const LIMIT = {
  symbol: 'BTCUSDT',
  side: 'BUY',
  type: 'LIMIT',
  timeInForce: 'GTC',
  quantity: '0.001',
  price: '50000',
};

describe('requests', () => {
  it('echo any id and carry rate limits unless told otherwise', async () => {
    for (const id of [7, 'text', null, -1]) {
      const from = api.messages.length;
      api.ws.send(JSON.stringify({ id, method: 'ping' }));
      const answer = await api.next((message) => message.id === id, from);
      expect(answer).toMatchObject({ status: 200, result: {} });
      expect(answer.rateLimits).toEqual([
        {
          rateLimitType: 'REQUEST_WEIGHT',
          interval: 'MINUTE',
          intervalNum: 1,
          limit: 6000,
          count: expect.any(Number),
        },
      ]);
    }
    expect(await api.call('time', { returnRateLimits: false })).not.toHaveProperty('rateLimits');
    const quiet = await apiSocket(sim, '?returnRateLimits=false&timeUnit=microsecond');
    const time = await quiet.call('v3/time');
    expect(time).not.toHaveProperty('rateLimits');
    expect(String(time.result.serverTime)).toHaveLength(16);
    expect(await quiet.call('time', { returnRateLimits: true })).toHaveProperty('rateLimits');
    await quiet.close();
  });

  it('serve market data as REST does', async () => {
    expect((await api.call('exchangeInfo', { symbol: 'ETHBTC' })).result.symbols).toHaveLength(1);
    expect((await api.call('depth', { symbol: 'BTCUSDT', limit: 5 })).result.bids).toHaveLength(5);
    expect((await api.call('trades.recent', { symbol: 'BTCUSDT', limit: 3 })).result).toHaveLength(3);
    expect((await api.call('klines', { symbol: 'BTCUSDT', interval: '1m' })).result.length).toBeGreaterThan(
      0,
    );
    expect((await api.call('ticker.book', { symbol: 'BTCUSDT' })).result.bidPrice).toBeDefined();
    expect((await api.call('ticker.24hr', { symbol: 'BTCUSDT' })).result.symbol).toBe('BTCUSDT');
  });

  it.each<[string, unknown, number]>([
    ['not JSON', '{', -1135],
    ['an array', [], -1135],
    ['no id', { method: 'ping' }, -1102],
    ['a wrong id', { id: {}, method: 'ping' }, -1130],
    ['no method', { id: 1 }, -1102],
    ['an unknown method', { id: 1, method: 'order.steal' }, -1130],
    ['parameters of a wrong shape', { id: 1, method: 'ping', params: [1] }, -1135],
    ['unknown parameters', { id: 1, method: 'ping', params: { x: 1 } }, -1101],
    ['a missing parameter', { id: 1, method: 'depth' }, -1102],
    ['a nested parameter', { id: 1, method: 'depth', params: { symbol: { a: 1 } } }, -1100],
    ['a null parameter', { id: 1, method: 'depth', params: { symbol: null } }, -1105],
  ])('refuse %s', async (_name, request, code) => {
    const from = api.messages.length;
    api.ws.send(typeof request === 'string' ? request : JSON.stringify(request));
    const answer = await api.next((message) => message.error !== undefined, from);
    expect(answer).toMatchObject({ status: 400, error: { code } });
  });
});

describe('authentication', () => {
  it('a session is for Ed25519 keys, and spares the signature', async () => {
    const socket = await apiSocket(sim);
    expect(await socket.logon(demoKey(sim))).toMatchObject({ status: 401, error: { code: -2015 } });
    expect((await socket.call('session.status')).result).toMatchObject({
      apiKey: null,
      authorizedSince: null,
    });
    const logon = await socket.logon(demoEd25519(sim));
    expect(logon.result).toMatchObject({ apiKey: sim.demo!.ed25519.apiKey, userDataStream: false });
    expect(logon.result.authorizedSince).toBeGreaterThanOrEqual(logon.result.connectedSince);
    const placed = await socket.call('order.place', { ...LIMIT, timestamp: Date.now() });
    expect(placed.result).toMatchObject({ status: 'NEW', fills: [] });
    expect(placed.rateLimits).toHaveLength(3);
    expect((await socket.call('order.place', LIMIT)).error.code).toBe(-1102);
    expect((await socket.call('order.place', { ...LIMIT, timestamp: 1 })).error.code).toBe(-1021);
    const { orderId } = placed.result;
    const canceled = await socket.call('order.cancel', { symbol: 'BTCUSDT', orderId, timestamp: Date.now() });
    expect(canceled.result.status).toBe('CANCELED');
    expect((await socket.call('session.logout')).result.apiKey).toBeNull();
    expect((await socket.call('order.place', { ...LIMIT, timestamp: Date.now() })).error.code).toBe(-1102);
    await socket.close();
  });

  it('any key signs single requests; wrong signatures are refused', async () => {
    for (const key of [demoKey(sim), demoEd25519(sim)]) {
      expect((await api.signed('account.status', {}, key)).result.accountType).toBe('SPOT');
      expect((await api.signed('order.test', LIMIT, key)).result).toEqual({});
    }
    const key = demoKey(sim);
    expect((await api.signed('account.status', {}, { ...key, secret: 'x' })).error.code).toBe(-1022);
    expect((await api.signed('account.status', {}, { ...key, apiKey: 'x'.repeat(64) })).error.code).toBe(
      -2015,
    );
    expect((await api.call('account.status', { timestamp: Date.now() })).error.code).toBe(-1102);
  });

  it('signatures cover numbers as written', async () => {
    const { createHmac } = await import('node:crypto');
    const { apiKey, secret } = sim.demo!.hmac;
    const timestamp = Date.now();
    const payload = `apiKey=${apiKey}&price=50000.10&quantity=0.0010&side=BUY&symbol=BTCUSDT&timeInForce=GTC&timestamp=${timestamp}&type=LIMIT`;
    const signature = createHmac('sha256', secret).update(payload).digest('hex');
    const from = api.messages.length;
    api.ws.send(
      `{"id":"raw","method":"order.test","params":{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC",` +
        `"price":50000.10,"quantity":0.0010,"timestamp":${timestamp},"apiKey":"${apiKey}","signature":"${signature}"}}`,
    );
    expect(await api.next((message) => message.id === 'raw', from)).toMatchObject({
      status: 200,
      result: {},
    });
  });
});

describe('trading', () => {
  it('every order method, the same orders as over REST', async () => {
    const socket = await apiSocket(sim);
    await socket.logon(demoEd25519(sim));
    const call = (method: string, params: Record<string, string | number>) =>
      socket.call(method, { ...params, timestamp: Date.now() });
    const placed = await call('order.place', { ...LIMIT, newClientOrderId: 'ws-1' });
    const { orderId } = placed.result;
    const rest = await signedCall(sim, 'GET', '/api/v3/order', {
      symbol: 'BTCUSDT',
      origClientOrderId: 'ws-1',
    });
    const status = await call('order.status', { symbol: 'BTCUSDT', orderId });
    expect(status.result).toEqual(rest.body);
    const replaced = await call('order.cancelReplace', {
      ...LIMIT,
      price: '50001',
      cancelReplaceMode: 'STOP_ON_FAILURE',
      cancelOrderId: orderId,
    });
    expect(replaced.result).toMatchObject({ cancelResult: 'SUCCESS', newOrderResult: 'SUCCESS' });
    const failed = await call('order.cancelReplace', {
      ...LIMIT,
      cancelReplaceMode: 'ALLOW_FAILURE',
      cancelOrderId: orderId,
    });
    expect(failed).toMatchObject({ status: 409, error: { code: -2021, data: { cancelResult: 'FAILURE' } } });
    const next = replaced.result.newOrderResponse.orderId;
    const amended = await call('order.amend.keepPriority', {
      symbol: 'BTCUSDT',
      orderId: next,
      newQty: '0.0005',
    });
    expect(amended.result.amendedOrder.qty).toBe('0.00050000');
    expect((await call('openOrders.status', { symbol: 'BTCUSDT' })).result).toHaveLength(2);
    expect((await call('openOrders.cancelAll', { symbol: 'BTCUSDT' })).result).toHaveLength(2);
    const bought = await call('order.place', {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'MARKET',
      quantity: '0.001',
    });
    expect(bought.result.status).toBe('FILLED');
    expect((await call('myTrades', { symbol: 'BTCUSDT' })).result.at(-1).orderId).toBe(bought.result.orderId);
    expect((await call('allOrders', { symbol: 'BTCUSDT' })).result.length).toBeGreaterThanOrEqual(3);
    expect((await call('account.rateLimits.orders', {})).result).toHaveLength(2);
    await socket.close();
  });

  it('answers requests sent without waiting, each with its own id', async () => {
    const socket = await apiSocket(sim);
    await socket.logon(demoEd25519(sim));
    const ids = Array.from({ length: 50 }, (_, i) =>
      socket.post('order.place', { ...LIMIT, newClientOrderId: `burst-${i}`, timestamp: Date.now() }),
    );
    const answers = await Promise.all(ids.map((id) => socket.wait(id)));
    expect(answers.map((answer) => answer.result.clientOrderId)).toEqual(ids.map((_, i) => `burst-${i}`));
    await socket.call('openOrders.cancelAll', { symbol: 'BTCUSDT', timestamp: Date.now() });
    await socket.close();
  });
});

describe('user data stream', () => {
  it('by session: acknowledged first, then reported; ended by logout', async () => {
    const socket = await apiSocket(sim);
    await socket.logon(demoEd25519(sim));
    const { subscriptionId } = (await socket.call('userDataStream.subscribe')).result;
    expect((await socket.call('userDataStream.subscribe')).error.code).toBe(-2035);
    expect((await socket.call('session.subscriptions')).result).toEqual([{ subscriptionId }]);
    expect((await socket.call('session.status')).result.userDataStream).toBe(true);
    const from = socket.messages.length;
    const ack = await socket.call('order.place', {
      ...LIMIT,
      newClientOrderId: 'seen',
      timestamp: Date.now(),
    });
    const report = await socket.next((message) => message.event?.e === 'executionReport', from);
    expect(socket.messages.indexOf(ack)).toBeLessThan(socket.messages.indexOf(report));
    expect(report.subscriptionId).toBe(subscriptionId);
    expect(report.event).toMatchObject({
      s: 'BTCUSDT',
      c: 'seen',
      C: '',
      S: 'BUY',
      o: 'LIMIT',
      f: 'GTC',
      q: '0.00100000',
      p: '50000.00000000',
      x: 'NEW',
      X: 'NEW',
      r: 'NONE',
      i: ack.result.orderId,
      l: '0.00000000',
      z: '0.00000000',
      n: '0',
      N: null,
      t: -1,
      w: true,
      m: false,
      g: -1,
      V: 'NONE',
    });
    const position = await socket.next((message) => message.event?.e === 'outboundAccountPosition', from);
    expect(position.event.B).toContainEqual({ a: 'USDT', f: expect.any(String), l: '50.00000000' });
    await socket.call('order.cancel', {
      symbol: 'BTCUSDT',
      origClientOrderId: 'seen',
      newClientOrderId: 'the-cancel',
      timestamp: Date.now(),
    });
    const canceled = await socket.next((message) => message.event?.x === 'CANCELED', from);
    expect(canceled.event).toMatchObject({ c: 'the-cancel', C: 'seen', X: 'CANCELED', w: false });
    await socket.call('session.logout');
    await socket.next((message) => message.event?.e === 'eventStreamTerminated', from);
    expect((await socket.call('session.status')).result.userDataStream).toBe(false);
    await socket.close();
  });

  it('by signature, with any key: fills as taker and deposits', async () => {
    const socket = await apiSocket(sim);
    const { result } = await socket.signed('userDataStream.subscribe.signature', {}, demoKey(sim));
    expect(result).toEqual({ subscriptionId: 0 });
    const placed = await signedCall(sim, 'POST', '/api/v3/order', {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'MARKET',
      quantity: '0.001',
    });
    const report = await socket.next((message) => message.event?.x === 'TRADE');
    expect(report.event).toMatchObject({
      i: placed.body.orderId,
      t: placed.body.fills[0].tradeId,
      N: 'BTC',
      n: placed.body.fills[0].commission,
      m: false,
    });
    sim.control.deposit('demo', 'BTC', '1.5');
    const update = await socket.next((message) => message.event?.e === 'balanceUpdate');
    expect(update.event).toMatchObject({ a: 'BTC', d: '1.50000000' });
    expect((await socket.call('userDataStream.unsubscribe', { subscriptionId: 9 })).error.code).toBe(-2036);
    expect((await socket.call('userDataStream.unsubscribe')).result).toEqual({});
    await socket.next((message) => message.event?.e === 'eventStreamTerminated');
    expect((await socket.call('userDataStream.subscribe')).error.code).toBe(-2015);
    await socket.close();
  });
});
