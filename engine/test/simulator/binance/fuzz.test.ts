import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createSimulator, type RunningSimulator } from '../../../src/simulator/index.js';
import { apiSocket, demoKey, http, publicGet, Socket, signedCall } from './client.js';

let sim: RunningSimulator;

beforeAll(async () => {
  sim = await createSimulator({
    flow: null,
    limits: {
      weightPerMinute: Number.POSITIVE_INFINITY,
      rawRequestsPer5Minutes: Number.POSITIVE_INFINITY,
      ordersPer10Seconds: Number.POSITIVE_INFINITY,
      connectionsPer5Minutes: Number.POSITIVE_INFINITY,
    },
    sockets: { messagesPerSecond: 1_000_000 },
  });
});
afterAll(async () => {
  expect((await publicGet(sim, '/api/v3/ping')).status).toBe(200);
  await sim.close();
});

const word = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.stringMatching(/^[0-9.eE+-]{1,30}$/),
);
const names = fc.oneof(
  fc.constantFrom(
    'symbol',
    'side',
    'type',
    'timeInForce',
    'quantity',
    'price',
    'orderId',
    'origClientOrderId',
  ),
  fc.constantFrom(
    'limit',
    'interval',
    'startTime',
    'newClientOrderId',
    'stopPrice',
    'quoteOrderQty',
    '__proto__',
  ),
  word.filter((text) => text !== ''),
);
const values = fc.oneof(
  word,
  fc.constantFrom(
    'BTCUSDT',
    'BUY',
    'SELL',
    'LIMIT',
    'MARKET',
    'GTC',
    '0.001',
    '50000',
    '1',
    '9007199254740993',
    '0',
  ),
);

describe('random parameters over REST', () => {
  const paths = [
    ['GET', '/api/v3/depth'],
    ['GET', '/api/v3/klines'],
    ['GET', '/api/v3/ticker/24hr'],
    ['GET', '/api/v3/exchangeInfo'],
    ['POST', '/api/v3/order'],
    ['POST', '/api/v3/order/test'],
    ['DELETE', '/api/v3/order'],
    ['POST', '/api/v3/order/cancelReplace'],
    ['PUT', '/api/v3/order/amend/keepPriority'],
    ['GET', '/api/v3/myTrades'],
  ] as const;

  it('are answered, or refused with a code, and never with a failure of the server', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...paths),
        fc.array(fc.tuple(names, values), { maxLength: 8 }),
        fc.boolean(),
        async ([verb, path], pairs, inBody) => {
          const params = Object.fromEntries(pairs.filter(([name]) => name !== '__proto__'));
          const isPublic = verb === 'GET' && path !== '/api/v3/myTrades';
          const answer = isPublic
            ? await publicGet(sim, path, params)
            : await signedCall(sim, verb, path, params, demoKey(sim), inBody && verb !== 'GET');
          expect(answer.status).toBeLessThan(500);
          if (answer.status !== 200) {
            expect(answer.body.code).toBeLessThan(0);
            expect(answer.body.code).not.toBe(-1000);
            expect(typeof answer.body.msg).toBe('string');
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('raw query strings and bodies of any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ maxLength: 60 }),
        fc.uint8Array({ maxLength: 200 }),
        async (query, body) => {
          const url = `${sim.restUrl}/api/v3/order?${encodeURI(query).replaceAll('#', '')}`;
          const { status } = await http(url, {
            method: 'POST',
            body,
            headers: { 'X-MBX-APIKEY': 'x'.repeat(64), 'content-type': 'application/x-www-form-urlencoded' },
          });
          expect(status).toBeGreaterThanOrEqual(400);
          expect(status).toBeLessThan(500);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('random frames', () => {
  it('to the WebSocket API: one refusal for each', async () => {
    const socket = await apiSocket(sim);
    let sent = 0;
    const frames = fc.oneof(
      fc.string({ maxLength: 200 }),
      fc.json(),
      fc
        .record({ id: fc.jsonValue(), method: word, params: fc.jsonValue() })
        .map((value) => JSON.stringify(value)),
      fc
        .record({
          id: fc.integer(),
          method: fc.constantFrom(
            'order.place',
            'order.cancel',
            'session.logon',
            'depth',
            'userDataStream.subscribe',
          ),
          params: fc.dictionary(names, fc.jsonValue()),
        })
        .map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(frames, fc.boolean(), async (frame, binary) => {
        socket.ws.send(binary ? Buffer.from(frame) : frame, { binary });
        sent++;
        await socket.until(() => socket.messages.length === sent, 'answer');
        const answer = socket.messages.at(-1)!;
        expect(answer.status).toBeLessThan(500);
        if (answer.status !== 200) expect(answer.error.code).toBeLessThan(0);
      }),
      { numRuns: 200 },
    );
    await socket.close();
  });

  it('to the market streams: one answer for each', async () => {
    const socket = await new Socket(`${sim.streamUrl}/ws`).open();
    let sent = 0;
    const frames = fc.oneof(
      fc.string({ maxLength: 200 }),
      fc.json(),
      fc
        .record({
          id: fc.jsonValue(),
          method: fc.constantFrom(
            'SUBSCRIBE',
            'UNSUBSCRIBE',
            'LIST_SUBSCRIPTIONS',
            'SET_PROPERTY',
            'GET_PROPERTY',
          ),
          params: fc.oneof(fc.jsonValue(), fc.array(word)),
        })
        .map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(frames, async (frame) => {
        socket.ws.send(frame);
        sent++;
        await socket.until(() => socket.messages.length === sent, 'answer');
        const answer = socket.messages.at(-1)!;
        expect('result' in answer || typeof answer.error.msg === 'string').toBe(true);
      }),
      { numRuns: 150 },
    );
    await socket.close();
  });

  it('huge and malformed ones end that connection only', async () => {
    const huge = await apiSocket(sim);
    huge.ws.send('x'.repeat(1_000_000));
    await huge.until(() => huge.closed !== null, 'close');
    const deep = await apiSocket(sim);
    deep.ws.send(`${'['.repeat(100_000)}`);
    expect((await deep.next((message) => message.error !== undefined)).error.code).toBe(-1135);
    await deep.close();
    const raw = connect(sim.port, '127.0.0.1');
    raw.on('error', () => {});
    raw.write(
      'GET /ws-api/v3 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    raw.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x00, 0x01]));
    await new Promise((done) => raw.on('close', done).resume());
  });

  it('nonsense before the handshake', async () => {
    for (const text of [
      '\u0000\u0001',
      'GET / HTTP/9.9\r\n\r\n',
      'GET //[ HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    ]) {
      const raw = connect(sim.port, '127.0.0.1');
      raw.on('error', () => {});
      raw.end(text);
      await new Promise((done) => raw.on('close', done).resume());
    }
  });
});

describe('the control endpoint', () => {
  it('refuses anything it does not know, with a reason', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('/faults', '/accounts', '/deposits', '/symbols'),
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.record({ kind: fc.string(), count: fc.jsonValue() }).map((v) => JSON.stringify(v)),
        ),
        async (path, body) => {
          const { status } = await http(`${sim.controlUrl}${path}`, { method: 'POST', body });
          expect(status).toBe(400);
        },
      ),
      { numRuns: 60 },
    );
  });
});
