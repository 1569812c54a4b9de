import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createSimulator, type RunningSimulator } from '../../../src/simulator/index.js';
import {
  type ApiSocket,
  apiSocket,
  control,
  demoEd25519,
  demoKey,
  http,
  type Json,
  publicGet,
  Socket,
  signedCall,
} from './client.js';

let sim: RunningSimulator;

beforeAll(async () => {
  sim = await createSimulator({
    limits: { weightPerMinute: Number.POSITIVE_INFINITY, ordersPer10Seconds: Number.POSITIVE_INFINITY },
  });
});
afterAll(() => sim.close());
afterEach(async () => {
  await control(sim, 'DELETE', '/faults');
  await signedCall(sim, 'DELETE', '/api/v3/openOrders', { symbol: 'BTCUSDT' });
});

const inject = async (fault: Json) => {
  const { status, body } = await control(sim, 'POST', '/faults', fault);
  expect({ status, body }).toMatchObject({ status: 200 });
  return body.faults[0];
};
const applied = async (kind: string): Promise<number> =>
  (await control(sim, 'GET', '/faults')).body.applied[kind] ?? 0;
const LIMIT = {
  symbol: 'BTCUSDT',
  side: 'BUY',
  type: 'LIMIT',
  timeInForce: 'GTC',
  quantity: '0.001',
  price: '50000',
};
const place = (more: Record<string, string> = {}) =>
  signedCall(sim, 'POST', '/api/v3/order', { ...LIMIT, ...more });
const openOrders = async () => (await signedCall(sim, 'GET', '/api/v3/openOrders', {})).body as Json[];

async function loggedOn(): Promise<ApiSocket> {
  const socket = await apiSocket(sim);
  await socket.logon(demoEd25519(sim));
  return socket;
}
const order = (id: string) => ({ ...LIMIT, newClientOrderId: id, timestamp: Date.now() });

describe('market data faults', () => {
  const depth = () => new Socket(`${sim.streamUrl}/ws/btcusdt@depth@100ms`).open();
  const ids = (socket: Socket) =>
    socket.messages.map((event) => [event.U as number, event.u as number] as const);

  it('gap: a hole of exactly so many events', async () => {
    const socket = await depth();
    await socket.until(() => socket.messages.length >= 1, 'event');
    const at = socket.messages.length;
    await inject({ kind: 'gap', symbol: 'BTCUSDT', count: 2 });
    await socket.until(() => socket.messages.length >= at + 4, 'events');
    const holes = ids(socket).filter(([first], i) => i > 0 && first !== ids(socket)[i - 1]![1] + 1);
    expect(holes).toHaveLength(1);
    expect((await control(sim, 'GET', '/faults')).body.armed).toEqual([]);
    await socket.close();
  });

  it('duplicate and reorder', async () => {
    const socket = await depth();
    await inject({ kind: 'duplicate', stream: 'depth' });
    await socket.until(
      () => ids(socket).some(([first], i) => i > 0 && first === ids(socket)[i - 1]![0]),
      'duplicate',
    );
    await inject({ kind: 'reorder' });
    await socket.until(
      () => ids(socket).some(([first], i) => i > 0 && first < ids(socket)[i - 1]![0]),
      'reorder',
    );
    await socket.close();
  });

  it('corrupt and truncated frames are not JSON, and the next is', async () => {
    const socket = await new Socket(`${sim.streamUrl}/ws/btcusdt@bookTicker`).open();
    for (const kind of ['corrupt', 'truncate']) {
      const bad = socket.texts.length - socket.messages.length;
      await inject({ kind, stream: 'bookTicker', symbol: 'BTCUSDT' });
      await socket.until(() => socket.texts.length - socket.messages.length === bad + 1, kind);
      const good = socket.messages.length;
      await socket.until(() => socket.messages.length > good, 'good frame');
    }
    await socket.close();
  });
});

describe('connection faults', () => {
  it('disconnect: by channel, with or without a close frame', async () => {
    const market = await new Socket(`${sim.streamUrl}/ws/btcusdt@trade`).open();
    const api = await apiSocket(sim);
    const user = await loggedOn();
    await user.call('userDataStream.subscribe');
    await inject({ kind: 'disconnect', channel: 'user' });
    await user.until(() => user.closed !== null, 'cut');
    expect(user.closed!.code).toBe(1006);
    expect(market.closed).toBeNull();
    await inject({ kind: 'disconnect', channel: 'market', clean: true });
    await market.until(() => market.closed !== null, 'close');
    expect(market.closed!.code).toBe(1001);
    expect(api.closed).toBeNull();
    await inject({ kind: 'disconnect', channel: 'wsapi' });
    await api.until(() => api.closed !== null, 'cut');
  });

  it('half-open: silence, then the end', async () => {
    const market = await new Socket(`${sim.streamUrl}/ws/btcusdt@bookTicker`).open();
    await market.until(() => market.messages.length > 0, 'event');
    let pongs = 0;
    market.ws.on('pong', () => pongs++);
    await inject({ kind: 'halfOpen', channel: 'market', durationMs: 600 });
    // Whatever was on the way has arrived when another connection's answer has.
    await publicGet(sim, '/api/v3/ping');
    const count = market.messages.length;
    market.ws.ping();
    await market.until(() => market.closed !== null, 'cut');
    expect(market.messages.length - count).toBeLessThanOrEqual(1);
    expect(pongs).toBe(0);
    expect(market.closed!.code).toBe(1006);
  });

  it('refused connections, until the time is over', async () => {
    await inject({ kind: 'refuseConnections', channel: 'market', durationMs: 60_000 });
    const refused = new Socket(`${sim.streamUrl}/ws/btcusdt@trade`);
    await refused.until(() => refused.closed !== null, 'refusal');
    await (await apiSocket(sim)).close();
    await inject({ kind: 'refuseConnections', channel: 'rest' });
    await expect(publicGet(sim, '/api/v3/ping')).rejects.toThrow();
    await control(sim, 'DELETE', '/faults');
    await (await new Socket(`${sim.streamUrl}/ws/btcusdt@trade`).open()).close();
    expect((await publicGet(sim, '/api/v3/ping')).status).toBe(200);
  });
});

describe('request faults', () => {
  it('slow ack: executed and reported at once, answered late', async () => {
    const socket = await loggedOn();
    await socket.call('userDataStream.subscribe');
    await inject({ kind: 'slowAck', delayMs: 150, methods: ['order.place'] });
    const answer = await socket.call('order.place', order('slow'));
    const report = await socket.next((message) => message.event?.c === 'slow');
    expect(socket.messages.indexOf(report)).toBeLessThan(socket.messages.indexOf(answer));
    expect(answer.result.status).toBe('NEW');
    await socket.close();
  });

  it('lost ack: the order lives, no answer comes; lost request: it does not', async () => {
    const socket = await loggedOn();
    await inject({ kind: 'lostAck' });
    socket.post('order.place', order('lost-ack'));
    await inject({ kind: 'lostRequest', methods: ['order.place'] });
    const second = socket.post('order.place', order('lost-request'));
    await socket.call('ping');
    expect(socket.messages.some((message) => message.id === second)).toBe(false);
    expect((await openOrders()).map((one) => one.clientOrderId)).toEqual(['lost-ack']);
    await inject({ kind: 'lostAck', close: true });
    socket.post('order.place', order('cut'));
    await socket.until(() => socket.closed !== null, 'cut');
    expect((await openOrders()).map((one) => one.clientOrderId)).toEqual(['lost-ack', 'cut']);
    await inject({ kind: 'lostAck', close: true });
    await expect(place({ newClientOrderId: 'rest' })).rejects.toThrow();
    expect(await openOrders()).toHaveLength(3);
  });

  it('429 with Retry-After, once', async () => {
    await inject({ kind: 'rateLimit', retryAfterSeconds: 7 });
    const limited = await place();
    expect(limited).toMatchObject({ status: 429, body: { code: -1003 } });
    expect(limited.headers.get('retry-after')).toBe('7');
    expect(limited.body.data).toBeUndefined();
    expect((await place()).status).toBe(200);
  });

  it('418 for everybody, until lifted', async () => {
    await inject({ kind: 'ban', durationMs: 60_000 });
    const banned = await publicGet(sim, '/api/v3/time');
    expect(banned).toMatchObject({ status: 418, body: { code: -1003 } });
    expect(banned.body.msg).toContain('IP banned until');
    expect(Number(banned.headers.get('retry-after'))).toBeGreaterThan(50);
    const socket = new Socket(sim.wsApiUrl);
    await socket.until(() => socket.closed !== null, 'refusal');
    await control(sim, 'DELETE', '/faults');
    expect((await publicGet(sim, '/api/v3/time')).status).toBe(200);
  });

  it('5xx with the outcome unknown: executed or not, JSON or a page', async () => {
    await inject({ kind: 'serverError', executed: true });
    expect(await place({ newClientOrderId: 'happened' })).toMatchObject({
      status: 504,
      body: { code: -1007 },
    });
    await inject({ kind: 'serverError', executed: false, status: 503 });
    expect(await place({ newClientOrderId: 'not' })).toMatchObject({ status: 503, body: { code: -1007 } });
    await inject({ kind: 'serverError', status: 502, html: true });
    const page = await place({ newClientOrderId: 'page' });
    expect(page.status).toBe(502);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect((await openOrders()).map((one) => one.clientOrderId)).toEqual(['happened', 'page']);
    const socket = await loggedOn();
    await inject({ kind: 'serverError' });
    expect(await socket.call('order.place', order('ws'))).toMatchObject({
      status: 504,
      error: { code: -1007 },
    });
    await socket.close();
  });

  it('rejections of the next orders', async () => {
    const before = await applied('reject');
    await inject({ kind: 'reject', code: -2010, message: 'Market is closed.', count: 2 });
    for (let i = 0; i < 2; i++) {
      expect(await place()).toMatchObject({ status: 400, body: { code: -2010, msg: 'Market is closed.' } });
    }
    expect((await place()).status).toBe(200);
    expect(await applied('reject')).toBe(before + 2);
  });

  it('clock skew: server time and the timestamp check', async () => {
    await inject({ kind: 'clockSkew', offsetMs: 10_000 });
    const { body } = await publicGet(sim, '/api/v3/time');
    expect(body.serverTime - Date.now()).toBeGreaterThan(8_000);
    expect((await place()).body.code).toBe(-1021);
    await control(sim, 'DELETE', '/faults');
    await inject({ kind: 'clockSkew', offsetMs: -10_000 });
    expect((await place()).body.msg).toContain('1000ms ahead');
  });
});

describe('faults of the account', () => {
  it('stalled user stream: dropped or late, chosen by event', async () => {
    const socket = await loggedOn();
    await socket.call('userDataStream.subscribe');
    await inject({ kind: 'stallUserStream', drop: true, events: ['NEW'], count: 1 });
    await socket.call('order.place', order('unseen'));
    await socket.call('order.place', order('seen'));
    await socket.next((message) => message.event?.c === 'seen');
    expect(socket.messages.some((message) => message.event?.c === 'unseen')).toBe(false);
    const late = await socket.call('order.status', {
      symbol: 'BTCUSDT',
      origClientOrderId: 'unseen',
      timestamp: Date.now(),
    });
    expect(late.result.status).toBe('NEW');

    // A fill that arrives after the cancel it preceded.
    await inject({ kind: 'stallUserStream', delayMs: 200, events: ['TRADE'] });
    await inject({ kind: 'fill', clientOrderId: 'seen', quantity: '0.0005' });
    await socket.call('order.cancel', {
      symbol: 'BTCUSDT',
      origClientOrderId: 'seen',
      timestamp: Date.now(),
    });
    const trade = await socket.next((message) => message.event?.x === 'TRADE');
    const canceled = await socket.next((message) => message.event?.x === 'CANCELED');
    expect(socket.messages.indexOf(canceled)).toBeLessThan(socket.messages.indexOf(trade));
    expect(canceled.event).toMatchObject({ z: '0.00050000', X: 'CANCELED' });
    await socket.close();
  });

  it('a resting order is filled by somebody, or canceled by the venue', async () => {
    const socket = await loggedOn();
    await socket.call('userDataStream.subscribe');
    await socket.call('order.place', order('hit'));
    await inject({ kind: 'fill', clientOrderId: 'hit' });
    const trade = await socket.next((message) => message.event?.x === 'TRADE');
    expect(trade.event).toMatchObject({ X: 'FILLED', m: true, L: '50000.00000000', z: '0.00100000' });
    await socket.call('order.place', order('dropped'));
    await inject({ kind: 'cancel', account: 'demo', symbol: 'BTCUSDT' });
    const canceled = await socket.next((message) => message.event?.x === 'CANCELED');
    expect(canceled.event.X).toBe('CANCELED');
    expect((await control(sim, 'POST', '/faults', { kind: 'fill' })).status).toBe(409);
    await socket.close();
  });
});

describe('the control endpoint', () => {
  it('shows accounts, orders, balances and what faults did', async () => {
    await place({ newClientOrderId: 'shown' });
    const { body } = await control(sim, 'GET', '/state');
    const demo = body.accounts.find((one: Json) => one.name === 'demo');
    expect(demo.openOrders).toEqual([
      expect.objectContaining({
        clientOrderId: 'shown',
        side: 'BUY',
        price: '50000.00',
        quantity: '0.00100',
      }),
    ]);
    expect(demo.balances.USDT.locked).toBe('50');
    expect(body.symbols).toHaveLength(4);
  });

  it('registers accounts and moves money', async () => {
    const account = {
      name: 'second',
      keys: [{ kind: 'hmac', apiKey: 'second-key', secret: 'shh' }],
      balances: { USDT: '100.5' },
    };
    expect((await control(sim, 'POST', '/accounts', account)).status).toBe(200);
    expect((await control(sim, 'POST', '/accounts', account)).status).toBe(409);
    expect(
      (await control(sim, 'POST', '/deposits', { account: 'second', asset: 'BTC', amount: '2' })).status,
    ).toBe(200);
    const key = { apiKey: 'second-key', kind: 'hmac', secret: 'shh' } as const;
    const { body } = await signedCall(sim, 'GET', '/api/v3/account', { omitZeroBalances: true }, key);
    expect(body.balances).toEqual([
      { asset: 'BTC', free: '2.00000000', locked: '0.00000000' },
      { asset: 'USDT', free: '100.50000000', locked: '0.00000000' },
    ]);
    expect(
      (await control(sim, 'POST', '/deposits', { account: 'second', asset: 'BTC', amount: '-3' })).status,
    ).toBe(409);
    expect((await control(sim, 'POST', '/symbols', { symbol: 'NOPE', status: 'halt' })).status).toBe(409);
  });

  it.each([
    [{}],
    [[]],
    [{ kind: 'unknown' }],
    [{ kind: 'gap', count: 0 }],
    [{ kind: 'slowAck' }],
    [{ kind: 'gap', surplus: true }],
    ['text'],
  ])('refuses %j with a reason', async (fault) => {
    const { status, body } = await control(sim, 'POST', '/faults', fault);
    expect(status).toBe(400);
    expect(typeof body.error).toBe('string');
  });

  it('is out of reach of faults, and clears them one by one', async () => {
    await inject({ kind: 'refuseConnections', channel: 'all' });
    const { id } = await inject({ kind: 'gap', count: 5 });
    expect((await http(`${sim.controlUrl}/faults?id=${id}`, { method: 'DELETE' })).body).toEqual({
      cleared: 1,
    });
    expect((await control(sim, 'GET', '/faults')).body.armed).toHaveLength(1);
    expect((await control(sim, 'DELETE', '/faults')).body).toEqual({ cleared: 1 });
    expect((await signedCall(sim, 'GET', '/api/v3/account', {}, demoKey(sim))).status).toBe(200);
  });
});
