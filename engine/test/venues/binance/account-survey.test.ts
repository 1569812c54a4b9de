import { expect, it } from '@jest/globals';
import { EventKind, Side } from '../../../src/domain/index.js';
import { nullLogger } from '../../../src/telemetry/index.js';
import type { AccountQueries, OrderRow, TradeRow } from '../../../src/venues/binance/account-queries.js';
import { inParallel } from '../../../src/venues/binance/in-parallel.js';
import { OrderClaims } from '../../../src/venues/binance/order-claims.js';
import { Reconciler } from '../../../src/venues/binance/reconciler.js';
import { REST_CONNECTIONS } from '../../../src/venues/binance/rest-pool.js';
import { systemTimers } from '../../../src/venues/timers.js';
import { BTC, ETH, INSTRUMENTS } from './market-fixtures.js';
import { userStreamUnderTest } from './private-fixtures.js';

const ROW: OrderRow = {
  ...{ symbol: BTC.symbol, orderId: 900, clientOrderId: 'tw7x1', side: 'BUY', type: 'LIMIT' },
  ...{ status: 'CANCELED', timeInForce: 'GTC', price: '50000', origQty: '0.01', executedQty: '0' },
};
const trade = (id: number): TradeRow => ({
  ...{ id, orderId: 900, price: '50000', qty: '0.005', commission: '0', commissionAsset: null },
  ...{ time: 1_700_000_000_000 + id, isMaker: true },
});

/** A process that knows order 1 of epoch 7, and takes over from one that last compared up to trade `told` when it is given. */
function process(api: Partial<AccountQueries>, resume?: { told: number; booked: number[] }) {
  const { registry, outlet, metrics, events } = userStreamUnderTest();
  const claims = new OrderClaims({ registry, metrics, logger: nullLogger });
  if (resume !== undefined) {
    registry.resumeAfter(BTC.index, resume.told);
    claims.resume = {
      epoch: 8,
      knows: () => true,
      knowsFill: (_instrument, side, id) => side === Side.Buy && resume.booked.includes(Number(id)),
    };
  }
  const queries = {
    openOrders: async () => [],
    tradesFrom: async () => [],
    lastTrade: async () => undefined,
    account: async () => ({ balances: [] }),
    ...api,
  } as unknown as AccountQueries;
  const reconciler = new Reconciler({
    ...{
      venue: 0,
      instruments: INSTRUMENTS,
      api: queries,
      registry,
      claims,
      outlet,
      timers: systemTimers,
      metrics,
    },
    ...{ logger: nullLogger, nowMs: Date.now, recvWindowMs: 5_000, notFoundMarginMs: 10_000 },
  });
  const entry = registry.remember(7, 1, BTC.index);
  entry.cancelSent = true;
  const fills = () =>
    events.flatMap((event) => (event.kind === EventKind.OrderFilled ? [Number(event.tradeId)] : []));
  const compared = () =>
    events.flatMap((event) => (event.kind === EventKind.Reconciled ? [event.lastTradeIds[BTC.index]] : []));
  const owners = () =>
    events.flatMap((event) =>
      event.kind === EventKind.OrderFilled ? [`${event.tradeId} of ${event.sequence}`] : [],
    );
  const kinds = () => events.map(({ kind }) => kind);
  return { reconciler, registry, entry, fills, owners, compared, kinds };
}

it('finds an order that its cancel renames while it is asked about', async () => {
  let name = 'tw7x1';
  const order: AccountQueries['order'] = async (_symbol, target) => {
    const asked = 'origClientOrderId' in target ? target.origClientOrderId : '';
    if (asked === 'tw7x1') {
      // The cancel is sooner than this question, and later than any that is asked beside it.
      await null;
      name = 'tw7x1-c';
    }
    return asked === name ? { ...ROW, clientOrderId: name } : undefined;
  };
  const { reconciler, entry, kinds } = process({ order });
  entry.sentMs = 0;
  await reconciler.lookUp(entry, () => false);
  expect(kinds()).toEqual([EventKind.OrderReport]);
});

it('does not call a comparison complete that misses a fill: who takes over asks for it', async () => {
  let listed = [trade(51)];
  const api: Partial<AccountQueries> = {
    order: async () => ({ ...ROW, executedQty: '0.01' }),
    tradesFrom: async (_symbol, from) => listed.filter(({ id }) => id >= from),
    tradesOf: async () => listed,
    lastTrade: async () => trade(49),
  };
  const { reconciler, registry, fills, compared } = process(api);
  registry.verify(BTC.index, 50);
  await reconciler.run(() => false);
  expect(fills()).toEqual([51]);
  expect(compared()).toEqual([]);

  listed = [trade(50), trade(51)];
  const told = Number(compared().at(-1) ?? '49');
  const next = process(api, { told, booked: [51] });
  await next.reconciler.run(() => false);
  expect(next.fills()).toEqual([50]);
  expect(next.compared()).toEqual(['51']);
});

it('gives a fill to the order of its own symbol, whatever number another one has there', async () => {
  const ether = { ...ROW, symbol: ETH.symbol, clientOrderId: 'tw7x2' };
  const api: Partial<AccountQueries> = {
    order: async (symbol) => ({ ...(symbol === ETH.symbol ? ether : ROW), executedQty: '0.005' }),
    tradesFrom: async (symbol, from) => (symbol === BTC.symbol && from <= 51 ? [trade(51)] : []),
    tradesOf: async (symbol) => [trade(symbol === BTC.symbol ? 51 : 61)],
  };
  const { reconciler, registry, entry, owners } = process(api);
  for (const { index } of INSTRUMENTS) registry.verify(index, 50);
  entry.venueOrderId = 900;
  registry.remember(7, 2, ETH.index).venueOrderId = 900;
  await reconciler.run(() => false);
  expect(owners().sort()).toEqual(['51 of 1', '61 of 2']);
});

it('leaves connections to orders', async () => {
  let [now, most] = [0, 0];
  await inParallel(Array.from({ length: 50 }), async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setImmediate(resolve));
    now--;
  });
  // Beside the open orders of each symbol the account is asked for.
  expect(most + 1).toBeLessThan(REST_CONNECTIONS);
  expect(most).toBeGreaterThan(1);
});
