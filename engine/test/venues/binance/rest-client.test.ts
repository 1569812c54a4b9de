import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MetricRegistry, nullLogger } from '../../../src/telemetry/index.js';
import { Signer } from '../../../src/venues/binance/auth.js';
import { BinanceLimits } from '../../../src/venues/binance/limits.js';
import {
  RateBudgetError,
  RestClient,
  RestError,
  RestStoppedError,
} from '../../../src/venues/binance/rest-client.js';
import { RestPool } from '../../../src/venues/binance/rest-pool.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let handle: Handler;
let requests: IncomingMessage[];
let limits: BinanceLimits;
let client: RestClient;
let url: string;
const signer = new Signer({ kind: 'hmac', apiKey: 'the-key', secret: 'hunter2' });
const now = 1_700_000_000_000;

beforeEach(async () => {
  requests = [];
  handle = (_, response) => response.end('{}');
  server = createServer((request, response) => {
    requests.push(request);
    handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`;
  limits = new BinanceLimits(() => now, new MetricRegistry(), nullLogger);
  client = connect(url);
});
afterEach(async () => {
  await client.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
const connect = (to: string) =>
  new RestClient({
    pool: new RestPool(to, 300),
    timeoutMs: 300,
    recvWindowMs: 4_000,
    maxBodyBytes: 1_000,
    ...{ limits, signer },
    nowMs: () => now,
  });
const answer =
  (status: number, body: string, headers: Record<string, string> = {}): Handler =>
  (_, response) =>
    response.writeHead(status, headers).end(body);
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => Promise.reject(new Error('should have failed')),
    (error: unknown) => error as Error & { readonly sent?: boolean },
  );

describe('RestClient', () => {
  it('signs what it sends, under its base path, with the key in a header', async () => {
    handle = answer(200, '{"ok":1}');
    await client.call({
      method: 'DELETE',
      path: '/api/v3/order',
      params: { symbol: 'Aé' },
      weight: 1,
      signed: true,
    });
    const [query, signature] = requests[0]!.url!.split('&signature=');
    expect(query).toBe(`/base/api/v3/order?symbol=A%C3%A9&recvWindow=4000&timestamp=${now}`);
    expect(signature).toBe(signer.sign(query!.split('?')[1]!));
    expect(requests[0]!.method).toBe('DELETE');
    expect(requests[0]!.headers['x-mbx-apikey']).toBe('the-key');
  });

  it('books what the usage headers say', async () => {
    handle = answer(200, '[]', { 'X-MBX-USED-WEIGHT-1M': '5990' });
    await client.call({ method: 'GET', path: '/x', weight: 1 });
    const refused = await failure(client.call({ method: 'GET', path: '/x', weight: 20, urgent: true }));
    expect(refused).toBeInstanceOf(RateBudgetError);
    expect(refused.sent).toBe(false);
    expect(requests).toHaveLength(1);
  });

  it('gives an error answer its code and message', async () => {
    handle = answer(400, '{"code":-1121,"msg":"Invalid symbol."}');
    expect(await failure(client.call({ method: 'GET', path: '/x', weight: 1 }))).toMatchObject({
      status: 400,
      venueCode: -1121,
      venueMessage: 'Invalid symbol.',
    });
    handle = answer(502, '<html>bad gateway</html>');
    expect(await failure(client.call({ method: 'GET', path: '/x', weight: 1 }))).toMatchObject({
      status: 502,
      venueCode: 0,
    });
  });

  it('stops everything after a 418, for as long as it says', async () => {
    handle = answer(418, '{"code":-1003,"msg":"Way too much request weight used; IP banned"}', {
      'Retry-After': '120',
    });
    await failure(client.call({ method: 'GET', path: '/x', weight: 1 }));
    expect(limits.banned).toBe(true);
    expect(limits.blockedForMs).toBe(120_000);
    expect(await failure(client.getJson('/x', '', 1))).toBeInstanceOf(RateBudgetError);
    expect(requests).toHaveLength(1);
  });

  it('closes only the orders on a 429 of -1015', async () => {
    handle = answer(429, '{"code":-1015,"msg":"Too many new orders"}', { 'Retry-After': '3' });
    await failure(client.call({ method: 'GET', path: '/x', weight: 1 }));
    expect(limits.tryOrder()).toBe(false);
    expect(limits.tryRequest(1, true)).toBe(true);
  });

  it('gives up on a slow answer, a body too large or a broken one: outcome unknown', async () => {
    const call = () => failure(client.call({ method: 'POST', path: '/x', weight: 1 }));
    handle = () => {};
    expect(await call()).toMatchObject({ sent: true });
    handle = answer(200, 'x'.repeat(2_000));
    expect(await call()).toMatchObject({ sent: true });
    handle = (request) => void request.socket.destroy();
    expect(await call()).toMatchObject({ sent: true });
    handle = answer(200, 'not json');
    expect(await call()).toMatchObject({ sent: true });
    // Never sent twice by itself.
    expect(requests).toHaveLength(4);
  });

  it('knows when nothing was sent', async () => {
    const nobody = connect('http://127.0.0.1:1');
    const error = await failure(nobody.call({ method: 'POST', path: '/x', weight: 1 }));
    expect(error).toBeInstanceOf(RestError);
    expect(error.sent).toBe(false);
    await nobody.stop();
  });

  it('never shows a signature or a secret in an error', async () => {
    handle = () => {};
    const error = await failure(client.call({ method: 'GET', path: '/x', weight: 1, signed: true }));
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toMatch(/signature|hunter2|the-key/);
  });

  describe('stopped', () => {
    const pair = () => {
      const pool = new RestPool(url, 300);
      const options = { pool, limits, timeoutMs: 10_000, recvWindowMs: 4_000, nowMs: () => now };
      return { pool, one: new RestClient(options), other: new RestClient(options) };
    };

    it('refuses to send, until started again', async () => {
      await client.stop();
      expect(await failure(client.call({ method: 'GET', path: '/x', weight: 1 }))).toBeInstanceOf(
        RestStoppedError,
      );
      expect(await failure(client.getJson('/x', '', 1))).toBeInstanceOf(RestStoppedError);
      expect(requests).toHaveLength(0);
      client.start();
      await client.getJson('/x', '', 1);
      expect(requests).toHaveLength(1);
    });

    it('gives back the budget that a caller had booked', async () => {
      limits.configure([{ rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 1 }]);
      expect(limits.tryOrder()).toBe(true);
      await client.stop();
      await failure(client.request({ method: 'POST', path: '/x', weight: 1, order: true, booked: true }));
      expect(limits.tryOrder()).toBe(true);
    });

    it('ends a wait for budget at once, without sending', async () => {
      client.start();
      limits.penalize(429, 0, 3 * 86_400_000);
      const waiting = failure(client.getJson('/x', '', 1));
      await client.stop();
      expect(await waiting).toBeInstanceOf(RestStoppedError);
      expect(requests).toHaveLength(0);
    });

    it('cuts off what is on the wire: its outcome is unknown', async () => {
      handle = () => {};
      const { one } = pair();
      one.start();
      const cut = failure(one.call({ method: 'POST', path: '/x', weight: 1 }));
      while (requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      await one.stop();
      expect(await cut).toMatchObject({ name: 'RestError', sent: true });
    });

    it('leaves the other its connections, and none when both are', async () => {
      const { pool, one, other } = pair();
      one.start();
      other.start();
      one.start();
      await one.getJson('/x', '', 1);
      await one.stop();
      await one.stop();
      expect(pool.open).toBe(true);
      await other.getJson('/x', '', 1);
      await other.stop();
      expect(pool.open).toBe(false);
      one.start();
      await one.getJson('/x', '', 1);
      await one.stop();
      expect(pool.open).toBe(false);
    });

    it('keeps no connection after a single question without start', async () => {
      const { pool, one } = pair();
      await one.getJson('/x', '', 1);
      expect(pool.open).toBe(false);
    });
  });
});
