import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSimulator, type RunningSimulator } from '../../../src/simulator/index.js';
import { http, type Json, publicGet, Socket, signedCall } from './client.js';

let sim: RunningSimulator;

beforeAll(async () => {
  sim = await createSimulator({ limits: { weightPerMinute: Number.POSITIVE_INFINITY } });
});
afterAll(() => sim.close());

const stream = (path: string) => new Socket(`${sim.streamUrl}${path}`).open();

/** A book kept as the documentation says to, in the simplest way. */
class NaiveBook {
  readonly bids = new Map<string, string>();
  readonly asks = new Map<string, string>();
  lastId: number;

  constructor(snapshot: Json) {
    this.lastId = snapshot.lastUpdateId;
    for (const [price, quantity] of snapshot.bids) this.bids.set(price, quantity);
    for (const [price, quantity] of snapshot.asks) this.asks.set(price, quantity);
  }

  apply(event: Json): void {
    if (event.u <= this.lastId) return;
    if (event.U > this.lastId + 1) throw new Error(`gap: ${this.lastId} then ${event.U}`);
    for (const [map, list] of [
      [this.bids, event.b],
      [this.asks, event.a],
    ] as const) {
      for (const [price, quantity] of list) {
        if (Number(quantity) === 0) map.delete(price);
        else map.set(price, quantity);
      }
    }
    this.lastId = event.u;
  }

  top(n: number): { bids: string[][]; asks: string[][] } {
    const sorted = (map: Map<string, string>, sign: number) =>
      [...map].sort((a, b) => sign * (Number(a[0]) - Number(b[0]))).slice(0, n);
    return { bids: sorted(this.bids, -1), asks: sorted(this.asks, 1) };
  }
}

describe('the book over depth events', () => {
  it.each(['btcusdt', 'pepeusdt'])(
    '%s: rebuilt from a snapshot, equals every later snapshot',
    async (name) => {
      const socket = await stream(`/ws/${name}@depth@100ms`);
      const symbol = name.toUpperCase();
      await socket.until(() => socket.messages.length >= 3, 'events');
      const book = new NaiveBook((await publicGet(sim, '/api/v3/depth', { symbol, limit: 5000 })).body);
      let applied = 0;
      const catchUp = () => {
        for (; applied < socket.messages.length; applied++) book.apply(socket.messages[applied]!);
      };
      let compared = 0;
      for (let round = 0; round < 20 && compared < 3; round++) {
        const { body } = await publicGet(sim, '/api/v3/depth', { symbol, limit: 5000 });
        // An event ends where the snapshot stands only now and then: look at each.
        await socket.until(
          () => socket.messages.some((event) => event.u >= body.lastUpdateId),
          'newer event',
        );
        for (; applied < socket.messages.length; applied++) {
          book.apply(socket.messages[applied]!);
          if (book.lastId !== body.lastUpdateId) continue;
          expect(book.top(200)).toEqual({ bids: body.bids.slice(0, 200), asks: body.asks.slice(0, 200) });
          compared++;
        }
        if (book.lastId !== body.lastUpdateId && compared === 0 && round > 4) {
          const partial = await new Socket(`${sim.streamUrl}/ws/${name}@depth20@100ms`).open();
          for (let i = 0; i < 10; i++) {
            await partial.until(() => partial.messages.length > i, 'partial');
            const view = partial.messages[i]!;
            await socket.until(() => socket.messages.some((event) => event.u >= view.lastUpdateId), 'event');
            for (; applied < socket.messages.length && book.lastId < view.lastUpdateId; applied++) {
              book.apply(socket.messages[applied]!);
            }
            if (book.lastId !== view.lastUpdateId) continue;
            expect(book.top(20)).toEqual({ bids: view.bids, asks: view.asks });
            compared++;
          }
          await partial.close();
        }
      }
      catchUp();
      expect(compared).toBeGreaterThan(0);
      for (let i = 1; i < socket.messages.length; i++) {
        expect(socket.messages[i]!.U).toBe(socket.messages[i - 1]!.u + 1);
      }
      await socket.close();
    },
  );

  it('book ticker shares the ids: at its u the book’s best prices are the ticker’s', async () => {
    const socket = await stream('/stream?streams=btcusdt@depth@100ms/btcusdt@bookTicker');
    await socket.until(() => socket.messages.some((m) => m.stream === 'btcusdt@depth@100ms'), 'event');
    const book = new NaiveBook(
      (await publicGet(sim, '/api/v3/depth', { symbol: 'BTCUSDT', limit: 5000 })).body,
    );
    const tickers = new Map<number, Json>();
    let read = 0;
    let checked = 0;
    // A depth event ends at a ticker's id only when the last change before it moved the top: wait for some.
    await socket.until(() => {
      for (; read < socket.messages.length; read++) {
        const { stream: name, data } = socket.messages[read]!;
        if (name === 'btcusdt@bookTicker') {
          tickers.set(data.u, data);
          continue;
        }
        book.apply(data);
        const ticker = tickers.get(book.lastId);
        if (ticker === undefined) continue;
        expect(book.top(1)).toEqual({ bids: [[ticker.b, ticker.B]], asks: [[ticker.a, ticker.A]] });
        checked++;
      }
      return checked >= 3;
    }, 'coinciding ids');
    expect(tickers.size).toBeGreaterThan(10);
    await socket.close();
  });
});

describe('events', () => {
  it('raw and combined, in milliseconds or microseconds', async () => {
    const raw = await stream('/ws/btcusdt@trade');
    const trade = await raw.next((message) => message.e === 'trade');
    expect(Object.keys(trade)).toEqual(['e', 'E', 's', 't', 'p', 'q', 'T', 'm', 'M']);
    expect(String(trade.T)).toHaveLength(13);
    const combined = await stream('/stream?streams=btcusdt@trade&timeUnit=MICROSECOND');
    const wrapped = await combined.next((message) => message.stream === 'btcusdt@trade');
    expect(String(wrapped.data.T)).toHaveLength(16);
    await Promise.all([raw.close(), combined.close()]);
  });

  it('trades arrive without a hole, and aggregate trades cover them', async () => {
    const socket = await stream('/stream?streams=btcusdt@trade/btcusdt@aggTrade');
    await socket.until(
      () => socket.messages.filter((m) => m.stream.endsWith('aggTrade')).length > 20,
      'trades',
    );
    const ids = socket.messages.filter((m) => m.data.e === 'trade').map((m) => m.data.t);
    for (let i = 1; i < ids.length; i++) expect(ids[i]).toBe(ids[i - 1] + 1);
    const aggregates = socket.messages.filter((m) => m.data.e === 'aggTrade').map((m) => m.data);
    for (let i = 1; i < aggregates.length; i++) expect(aggregates[i].f).toBe(aggregates[i - 1].l + 1);
    await socket.close();
  });

  it('every other stream speaks', async () => {
    const names = [
      'btcusdt@depth5',
      'btcusdt@depth10@100ms',
      'btcusdt@depth',
      'btcusdt@kline_1s',
      'btcusdt@kline_1m',
      'btcusdt@miniTicker',
      'btcusdt@ticker',
      'btcusdt@ticker_1h',
      'btcusdt@avgPrice',
      'btcusdt@bookTicker',
      '!miniTicker@arr',
      '!ticker@arr',
      '!ticker_1d@arr',
      '!bookTicker',
    ];
    const socket = await stream(`/stream?streams=${names.join('/')}`);
    const heard = () => new Set(socket.messages.map((message) => message.stream));
    await socket.until(() => names.every((name) => heard().has(name)), `all of ${names}`);
    const of = (name: string) => socket.messages.find((message) => message.stream === name)!.data;
    expect(of('btcusdt@depth5').bids).toHaveLength(5);
    expect(of('btcusdt@kline_1m')).toMatchObject({ e: 'kline', k: { i: '1m', s: 'BTCUSDT' } });
    expect(of('btcusdt@ticker')).toMatchObject({ e: '24hrTicker', s: 'BTCUSDT' });
    expect(of('btcusdt@ticker_1h')).toMatchObject({ e: '1hTicker' });
    expect(of('btcusdt@avgPrice')).toMatchObject({ e: 'avgPrice', i: '5m' });
    expect(of('!miniTicker@arr')).toHaveLength(4);
    expect(Object.keys(of('btcusdt@bookTicker'))).toEqual(['u', 's', 'b', 'B', 'a', 'A']);
    await socket.close();
  });
});

describe('control messages', () => {
  const ask = async (socket: Socket, request: unknown) => {
    const from = socket.messages.length;
    socket.ws.send(typeof request === 'string' ? request : JSON.stringify(request));
    return socket.next((message) => 'result' in message || 'error' in message, from);
  };

  it('subscribe, list, unsubscribe', async () => {
    const socket = await stream('/ws');
    expect(await ask(socket, { method: 'SUBSCRIBE', params: ['btcusdt@depth@100ms'], id: 1 })).toEqual({
      result: null,
      id: 1,
    });
    await socket.next((message) => message.e === 'depthUpdate');
    expect(await ask(socket, { method: 'LIST_SUBSCRIPTIONS', id: 'two' })).toEqual({
      result: ['btcusdt@depth@100ms'],
      id: 'two',
    });
    expect(await ask(socket, { method: 'UNSUBSCRIBE', params: ['btcusdt@depth@100ms'], id: 3 })).toEqual({
      result: null,
      id: 3,
    });
    expect((await ask(socket, { method: 'LIST_SUBSCRIPTIONS', id: 4 })).result).toEqual([]);
    await socket.close();
  });

  it('properties', async () => {
    const socket = await stream('/ws/btcusdt@trade');
    expect((await ask(socket, { method: 'GET_PROPERTY', params: ['combined'], id: 1 })).result).toBe(false);
    expect(
      (await ask(socket, { method: 'SET_PROPERTY', params: ['combined', true], id: 2 })).result,
    ).toBeNull();
    await socket.next((message) => message.stream === 'btcusdt@trade');
    expect((await ask(socket, { method: 'SET_PROPERTY', params: ['combined', 1], id: 3 })).error.code).toBe(
      1,
    );
    expect((await ask(socket, { method: 'SET_PROPERTY', params: ['color', true], id: 4 })).error.code).toBe(
      0,
    );
    await socket.close();
  });

  it('errors', async () => {
    const socket = await stream('/ws');
    expect((await ask(socket, '{')).error.code).toBe(3);
    expect((await ask(socket, { id: 1 })).error.msg).toContain('missing field `method`');
    expect((await ask(socket, { method: 'STEAL', id: 1 })).error.msg).toContain('unknown variant');
    expect((await ask(socket, { method: 'SUBSCRIBE', params: [], id: {} })).error.msg).toContain(
      'request ID',
    );
    await socket.close();
  });

  it('more than five messages a second end the connection', async () => {
    const socket = await stream('/ws');
    for (let i = 0; i < 8; i++) socket.ws.send(JSON.stringify({ method: 'LIST_SUBSCRIPTIONS', id: i }));
    await socket.until(() => socket.closed !== null, 'close');
    expect(socket.closed).toEqual({ code: 1008, reason: 'Too many requests' });
    expect(socket.messages.length).toBeLessThanOrEqual(5);
  });

  it('other paths are not sockets', async () => {
    const socket = new Socket(`${sim.streamUrl}/nothing`);
    await socket.until(() => socket.closed !== null, 'refusal');
    expect((await http(`${sim.restUrl}/ws`)).status).toBe(404);
  });
});

describe('keeping connections', () => {
  it('pings, cuts who does not answer, ends old ones, announces its own end', async () => {
    const venue = await createSimulator({
      flow: null,
      sockets: { pingIntervalMs: 20, pongTimeoutMs: 200, maxAgeMs: 700, messagesPerSecond: 1_000 },
    });
    const silent = await new Socket(`${venue.streamUrl}/ws/btcusdt@trade`, { autoPong: false }).open();
    const good = await new Socket(`${venue.wsApiUrl}`).open();
    await silent.until(() => silent.closed !== null, 'cut');
    expect(silent.closed!.code).toBe(1006);
    expect(good.pings).toBeGreaterThan(2);
    await good.until(() => good.closed !== null, 'old age');
    expect(good.closed!.code).toBe(1000);

    const raw = await new Socket(`${venue.streamUrl}/ws`).open();
    const combined = await new Socket(`${venue.streamUrl}/stream?streams=btcusdt@trade`).open();
    const api = await new Socket(venue.wsApiUrl).open();
    await venue.close();
    expect(await raw.next((m) => m.e === 'serverShutdown')).toBeDefined();
    expect(await combined.next((m) => m.stream === '!serverShutdown')).toBeDefined();
    expect(await api.next((m) => m.event?.e === 'serverShutdown')).toBeDefined();
    for (const socket of [raw, combined, api]) {
      await socket.until(() => socket.closed !== null, 'close');
      expect(socket.closed!.code).toBe(1001);
    }
  });

  it('cuts a client that asks for much and reads nothing', async () => {
    const venue = await createSimulator({
      sockets: { maxBufferedBytes: 100_000 },
      limits: { weightPerMinute: Number.POSITIVE_INFINITY },
    });
    const slow = await new Socket(venue.wsApiUrl).open();
    slow.ws.pause();
    const request = { id: 1, method: 'depth', params: { symbol: 'BTCUSDT', limit: 5000 } };
    for (let i = 0; i < 400; i++) slow.ws.send(JSON.stringify(request));
    const left = async () => (await http(`${venue.controlUrl}/state`)).body.connections.wsapi as number;
    const deadline = Date.now() + 10_000;
    while ((await left()) > 0 && Date.now() < deadline) await new Promise((done) => setTimeout(done, 50));
    expect(await left()).toBe(0);
    slow.ws.terminate();
    await venue.close();
  });
});

describe('listenKey user stream', () => {
  it('is served while the option says so', async () => {
    const headers = { 'X-MBX-APIKEY': sim.demo!.hmac.apiKey };
    const url = `${sim.restUrl}/api/v3/userDataStream`;
    const { body } = await http(url, { method: 'POST', headers });
    expect(body.listenKey).toHaveLength(64);
    expect((await http(url, { method: 'POST', headers })).body).toEqual(body);
    const socket = await stream(`/ws/${body.listenKey}`);
    await signedCall(sim, 'POST', '/api/v3/order', {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'MARKET',
      quantity: '0.001',
    });
    expect(await socket.next((message) => message.e === 'executionReport')).toMatchObject({ x: 'NEW' });
    expect((await http(`${url}?listenKey=${body.listenKey}`, { method: 'PUT', headers })).body).toEqual({});
    expect((await http(`${url}?listenKey=none`, { method: 'PUT', headers })).body.code).toBe(-1125);
    expect((await http(`${url}?listenKey=${body.listenKey}`, { method: 'DELETE', headers })).body).toEqual(
      {},
    );
    await socket.close();
    const current = await createSimulator({ flow: null, legacyListenKey: false });
    const gone = await http(`${current.restUrl}/api/v3/userDataStream`, {
      method: 'POST',
      headers: { 'X-MBX-APIKEY': current.demo!.hmac.apiKey },
    });
    expect(gone).toMatchObject({ status: 410, body: { code: -1016 } });
    await current.close();
  });
});
