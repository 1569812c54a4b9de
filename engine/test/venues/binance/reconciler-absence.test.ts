import { expect, it } from '@jest/globals';
import { EventKind } from '../../../src/domain/index.js';
import { nullLogger } from '../../../src/telemetry/index.js';
import type { AccountQueries, OrderRow } from '../../../src/venues/binance/account-queries.js';
import { OrderClaims } from '../../../src/venues/binance/order-claims.js';
import { Reconciler } from '../../../src/venues/binance/reconciler.js';
import { systemTimers } from '../../../src/venues/timers.js';
import { BTC } from './market-fixtures.js';
import { userStreamUnderTest } from './private-fixtures.js';

const SENT_MS = 1_700_000_000_000;

/** A venue that does not know an order sent at SENT_MS, and takes so long to say so. Lost 15 s after it was sent. */
function setUp(answerMs: number) {
  const { registry, outlet, metrics, events } = userStreamUnderTest();
  let nowMs = SENT_MS;
  const api = {
    order: async (): Promise<OrderRow | undefined> => {
      nowMs += answerMs;
      return undefined;
    },
    openOrders: async () => [],
    tradesFrom: async () => [],
    lastTrade: async () => undefined,
    account: async () => ({ balances: [] }),
  } as unknown as AccountQueries;
  const claims = new OrderClaims({ registry, metrics, logger: nullLogger });
  const reconciler = new Reconciler({
    ...{ venue: 0, instruments: [BTC], api, registry, claims, outlet, timers: systemTimers, metrics },
    ...{ logger: nullLogger, nowMs: () => nowMs, recvWindowMs: 5_000, notFoundMarginMs: 10_000 },
  });
  const entry = registry.remember(7, 1, BTC.index);
  entry.sentMs = SENT_MS;
  const pass = (ms: number) => {
    nowMs += ms;
  };
  const proofs = () =>
    events.flatMap((event) => (event.kind === EventKind.OrderNotFound ? [event.definitive] : []));
  return { reconciler, entry, proofs, pass };
}

it('takes an order for lost by when the venue was asked, however late its answer is', async () => {
  const { reconciler, entry, proofs } = setUp(16_000);
  await reconciler.lookUp(entry, () => false);
  // What the venue said of the time when it was asked: by now it may have the order.
  expect(proofs()).toEqual([false]);
  await reconciler.lookUp(entry, () => false);
  expect(proofs()).toEqual([false, true]);
});

it('does so in a full comparison as well', async () => {
  const { reconciler, proofs } = setUp(16_000);
  await reconciler.run(() => false);
  expect(proofs()).toEqual([false]);
  await reconciler.run(() => false);
  expect(proofs()).toEqual([false, true]);
});

it('takes no order for lost before the venue has given up whatever it took in within the receive window', async () => {
  const { reconciler, entry, proofs, pass } = setUp(0);
  pass(15_000);
  await reconciler.lookUp(entry, () => false);
  pass(1);
  await reconciler.lookUp(entry, () => false);
  expect(proofs()).toEqual([false, true]);
});
