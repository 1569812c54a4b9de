import type { Socket } from 'node:net';
import { expect, it } from '@jest/globals';
import { peerOf } from '../../../src/simulator/binance/server/ip.js';
import { createSimulator, LEDGER_FORMAT, NO_LIMITS } from '../../../src/simulator/index.js';
import { type Key, signedCall } from './client.js';

const MAKER: Key = { apiKey: 'maker', kind: 'hmac', secret: 'one' };
const TAKER: Key = { apiKey: 'taker', kind: 'hmac', secret: 'two' };
const BALANCES = { BTC: '100', USDT: '1000000' };

type Line = [string, ...unknown[]];

it('a ledger holds every order request with its answer, and every execution, in order', async () => {
  const lines: Line[] = [];
  const sim = await createSimulator({
    flow: null,
    limits: NO_LIMITS,
    accounts: [
      { name: 'maker', keys: [MAKER] as never, balances: BALANCES },
      { name: 'taker', keys: [TAKER] as never, balances: BALANCES },
    ],
    ledger: (line) => lines.push(JSON.parse(line) as Line),
  });
  try {
    const order = (verb: string, params: Record<string, string>, key: Key) =>
      signedCall(sim, verb, '/api/v3/order', { symbol: 'BTCUSDT', ...params }, key);
    const limit = { type: 'LIMIT', timeInForce: 'GTC', price: '50000.10', quantity: '0.3' };
    await order('POST', { ...limit, side: 'BUY', newClientOrderId: 'first' }, MAKER);
    await order('POST', { ...limit, side: 'SELL', quantity: '0.1', newClientOrderId: 'second' }, TAKER);
    await order('GET', { origClientOrderId: 'first' }, MAKER);
    await order('POST', { ...limit, side: 'BUY', newClientOrderId: 'first' }, MAKER);
    await order('DELETE', { origClientOrderId: 'first', newClientOrderId: 'the-cancel' }, MAKER);
    await order('DELETE', { origClientOrderId: 'first' }, MAKER);
  } finally {
    await sim.close();
  }
  const [head, ...rest] = lines;
  expect(head).toEqual(['H', LEDGER_FORMAT, expect.arrayContaining([['BTCUSDT', 2, 5]])]);
  const times = rest.map(([, us]) => us as number);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  const index = (head![2] as unknown[][]).findIndex(([symbol]) => symbol === 'BTCUSDT');
  const maker = rest[0]![2];
  const taker = rest[2]![2];
  const bought = rest[0]![4];
  const sold = rest[2]![4];
  const trade = rest[3]![5];
  const peer = expect.stringMatching(/^127\.0\.0\.1:\d+\/\d+$/);
  const price = 5_000_010;
  expect(rest.map(([kind, , ...more]) => [kind, ...more])).toEqual([
    ['N', maker, index, bought, 'first', 'B', price, 30_000],
    ['R', peer, maker, 'order.place', 'first', 200, 0],
    ['N', taker, index, sold, 'second', 'S', price, 10_000],
    ['T', taker, index, sold, trade, 'S', price, 10_000, 0],
    ['T', maker, index, bought, trade, 'B', price, 10_000, 20_000],
    ['R', peer, taker, 'order.place', 'second', 200, 0],
    ['R', peer, maker, 'order.place', 'first', 400, -2010],
    ['X', maker, index, bought, 'CANCELED', 0],
    ['R', peer, maker, 'order.cancel', 'first', 200, 0],
    ['R', peer, maker, 'order.cancel', 'first', 400, -2011],
  ]);
  expect(maker).not.toBe(taker);
});

it('tells two connections apart that had the same port one after the other', () => {
  const socket = () => ({ remoteAddress: '::ffff:127.0.0.1', remotePort: 45446 }) as Socket;
  const [first, second] = [socket(), socket()];
  const name = peerOf(first);
  expect(peerOf(second)).not.toBe(name);
  expect(peerOf(first)).toBe(name);
  expect(name).toMatch(/^127\.0\.0\.1:45446\/\d+$/);
});
