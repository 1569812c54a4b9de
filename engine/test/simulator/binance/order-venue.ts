import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { createSimulator, type RunningSimulator } from '../../../src/simulator/index.js';
import { type Answer, type Key, signedCall } from './client.js';

/** Two accounts and nobody else: everything that happens is asked for here. */
export const MAKER: Key = { apiKey: 'maker', kind: 'hmac', secret: 'one' };
export const TAKER: Key = { apiKey: 'taker', kind: 'hmac', secret: 'two' };
const BALANCES = { BTC: '100', USDT: '1000000' };

export let sim: RunningSimulator;
export type Params = Record<string, string | number | boolean>;

export const call = (verb: string, path: string, params: Params, key: Key = MAKER) =>
  signedCall(sim, verb, path, params, key);
export const place = (params: Params, key: Key = MAKER) =>
  call('POST', '/api/v3/order', { symbol: 'BTCUSDT', ...params }, key);
export const limit = (
  side: string,
  price: string | number,
  quantity: string | number = '0.1',
  more: Params = {},
  key = MAKER,
) => place({ side, type: 'LIMIT', timeInForce: 'GTC', price, quantity, ...more }, key);
export const error = ({ status, body }: Answer) => ({ status, code: body.code, msg: body.msg });

/** Starts the venue for a suite of orders, and clears the book before each test. */
export function useOrderVenue(): void {
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
}
