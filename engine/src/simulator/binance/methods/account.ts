/** Account methods: balances, orders, trades, limits, commissions. */
import type { ExchangeOrder } from '../../matching/index.js';
import { errors } from '../protocol/errors.js';
import { amount8, fixed8, rate8, timeIn, ZERO8 } from '../protocol/format.js';
import { myTradeView, preventedView, queryView } from '../protocol/orders.js';
import { optional, param } from '../protocol/params.js';
import { symbolFilters } from '../protocol/symbol-info.js';
import type { Venue } from '../venue.js';
import { accountOf, type Call, method } from './method.js';
import { orderReference } from './trading.js';

const limit1000 = optional(param.limit(1000));
const DAY_MS = 86_400_000;

/** Every asset the venue trades, then whatever else the account holds. */
export function balancesOf(venue: Venue, account: number) {
  const held = new Map(venue.exchange.balances(account).map((balance) => [balance.asset, balance]));
  for (const spec of venue.specs) {
    for (const asset of [spec.base, spec.quote]) {
      if (!held.has(asset)) held.set(asset, { asset, free: 0n, locked: 0n });
    }
  }
  return [...held.values()].sort((a, b) => (a.asset < b.asset ? -1 : 1));
}

function checkSpan(startTime: number | undefined, endTime: number | undefined): void {
  if (startTime === undefined || endTime === undefined) return;
  if (endTime < startTime) throw errors.badCombination();
  if (endTime - startTime > DAY_MS) throw errors.lookupTooLong(24);
}

/** Keeps what lies in [startTime, endTime]: the oldest `limit` with a start, else the latest. */
function page<T>(
  list: readonly T[],
  timeUs: (item: T) => number,
  values: { startTime?: number | undefined; endTime?: number | undefined; limit?: number | undefined },
  oldestFirst: boolean,
): T[] {
  const { startTime, endTime } = values;
  const limit = values.limit ?? 500;
  const inside = list.filter(
    (item) =>
      (startTime === undefined || timeUs(item) / 1000 >= startTime) &&
      (endTime === undefined || Math.floor(timeUs(item) / 1000) <= endTime),
  );
  return oldestFirst || startTime !== undefined ? inside.slice(0, limit) : inside.slice(-limit);
}

function orderViews(call: Call, orders: readonly ExchangeOrder[]): object[] {
  return orders.map((order) => queryView(call.venue.spec(order.symbol), order, call.unit));
}

export const accountMethods = [
  method({
    name: 'account.status',
    rest: [['GET', '/api/v3/account']],
    security: 'USER_DATA',
    weight: 20,
    params: { omitZeroBalances: optional(param.boolean) },
    handle: (call, values) => {
      const { venue } = call;
      const account = accountOf(call);
      const rates = venue.exchange.feeRates(account.index);
      const balances = balancesOf(venue, account.index).filter(
        (balance) => values.omitZeroBalances !== true || balance.free !== 0n || balance.locked !== 0n,
      );
      return {
        makerCommission: Math.round(rates.maker / 100),
        takerCommission: Math.round(rates.taker / 100),
        buyerCommission: 0,
        sellerCommission: 0,
        commissionRates: {
          maker: rate8(rates.maker),
          taker: rate8(rates.taker),
          buyer: ZERO8,
          seller: ZERO8,
        },
        canTrade: true,
        canWithdraw: false,
        canDeposit: false,
        brokered: false,
        requireSelfTradePrevention: false,
        preventSor: false,
        updateTime: timeIn(call.unit, venue.lastBalanceUs(account.index)),
        accountType: 'SPOT',
        balances: balances.map((balance) => ({
          asset: balance.asset,
          free: amount8(balance.free),
          locked: amount8(balance.locked),
        })),
        permissions: ['SPOT'],
        uid: account.uid,
      };
    },
  }),
  method({
    name: 'order.status',
    rest: [['GET', '/api/v3/order']],
    security: 'USER_DATA',
    weight: 4,
    params: {
      symbol: param.symbol,
      orderId: optional(param.integer),
      origClientOrderId: optional(param.clientOrderId),
    },
    handle: (call, values) => {
      const { venue } = call;
      const symbol = venue.symbolIndex(values.symbol);
      const order = venue.exchange.order(
        orderReference(accountOf(call).index, symbol, values.orderId, values.origClientOrderId),
      );
      if (order === undefined) throw errors.noSuchOrder();
      return queryView(venue.spec(symbol), order, call.unit);
    },
  }),
  method({
    name: 'openOrders.status',
    rest: [['GET', '/api/v3/openOrders']],
    security: 'USER_DATA',
    weight: (values) => (values.symbol === undefined ? 80 : 6),
    params: { symbol: optional(param.symbol) },
    handle: (call, values) => {
      const symbol = values.symbol === undefined ? undefined : call.venue.symbolIndex(values.symbol);
      return orderViews(call, call.venue.exchange.openOrders(accountOf(call).index, symbol));
    },
  }),
  method({
    name: 'allOrders',
    rest: [['GET', '/api/v3/allOrders']],
    security: 'USER_DATA',
    weight: 20,
    params: {
      symbol: param.symbol,
      orderId: optional(param.integer),
      startTime: optional(param.time),
      endTime: optional(param.time),
      limit: limit1000,
    },
    handle: (call, values) => {
      checkSpan(values.startTime, values.endTime);
      const symbol = call.venue.symbolIndex(values.symbol);
      const from = values.orderId;
      const all = call.venue.exchange.allOrders(accountOf(call).index, symbol);
      const orders = from === undefined ? all : all.filter((order) => order.orderId >= from);
      return orderViews(
        call,
        page(orders, (order) => order.createdUs, values, from !== undefined),
      );
    },
  }),
  method({
    name: 'myTrades',
    rest: [['GET', '/api/v3/myTrades']],
    security: 'USER_DATA',
    weight: (values) => (values.orderId === undefined ? 20 : 5),
    params: {
      symbol: param.symbol,
      orderId: optional(param.integer),
      startTime: optional(param.time),
      endTime: optional(param.time),
      fromId: optional(param.integer),
      limit: limit1000,
    },
    handle: (call, values) => {
      const { orderId, fromId } = values;
      const timed = values.startTime !== undefined || values.endTime !== undefined;
      if (timed && (orderId !== undefined || fromId !== undefined)) throw errors.badCombination();
      checkSpan(values.startTime, values.endTime);
      const symbol = call.venue.symbolIndex(values.symbol);
      const fills = call.venue.exchange
        .fills(accountOf(call).index, symbol)
        .filter(
          (fill) =>
            (orderId === undefined || fill.orderId === orderId) &&
            (fromId === undefined || fill.tradeId >= fromId),
        );
      return page(fills, (fill) => fill.timeUs, values, fromId !== undefined).map((fill) =>
        myTradeView(call.venue.spec(symbol), fill, call.unit),
      );
    },
  }),
  method({
    name: 'account.rateLimits.orders',
    rest: [['GET', '/api/v3/rateLimit/order']],
    security: 'USER_DATA',
    weight: 40,
    params: {},
    handle: (call) => accountOf(call).orders.views(call.venue.nowMs()),
  }),
  method({
    name: 'account.commission',
    rest: [['GET', '/api/v3/account/commission']],
    security: 'USER_DATA',
    weight: 20,
    params: { symbol: param.symbol },
    handle: (call, values) => {
      call.venue.symbolIndex(values.symbol);
      const rates = call.venue.exchange.feeRates(accountOf(call).index);
      const none = { maker: ZERO8, taker: ZERO8, buyer: ZERO8, seller: ZERO8 };
      return {
        symbol: values.symbol,
        standardCommission: { ...none, maker: rate8(rates.maker), taker: rate8(rates.taker) },
        specialCommission: none,
        taxCommission: none,
        discount: {
          enabledForAccount: false,
          enabledForSymbol: false,
          discountAsset: 'BNB',
          discount: ZERO8,
        },
      };
    },
  }),
  method({
    name: 'myPreventedMatches',
    rest: [['GET', '/api/v3/myPreventedMatches']],
    security: 'USER_DATA',
    weight: (values) => (values.orderId === undefined ? 2 : 20),
    params: {
      symbol: param.symbol,
      preventedMatchId: optional(param.integer),
      orderId: optional(param.integer),
      fromPreventedMatchId: optional(param.integer),
      limit: limit1000,
    },
    handle: (call, values) => {
      const { orderId, preventedMatchId, fromPreventedMatchId } = values;
      if (orderId === undefined && preventedMatchId === undefined) {
        throw errors.eitherMandatory('preventedMatchId', 'orderId');
      }
      const symbol = call.venue.symbolIndex(values.symbol);
      return call.venue.exchange
        .preventedMatches(accountOf(call).index, symbol)
        .filter(
          (match) =>
            (preventedMatchId === undefined || match.preventedMatchId === preventedMatchId) &&
            (orderId === undefined || match.takerOrderId === orderId || match.makerOrderId === orderId) &&
            (fromPreventedMatchId === undefined || match.preventedMatchId >= fromPreventedMatchId),
        )
        .slice(0, values.limit ?? 500)
        .map((match) => preventedView(call.venue.spec(symbol), match, call.unit));
    },
  }),
  method({
    name: 'myAllocations',
    rest: [['GET', '/api/v3/myAllocations']],
    security: 'USER_DATA',
    weight: 20,
    params: {
      symbol: param.symbol,
      startTime: optional(param.time),
      endTime: optional(param.time),
      fromAllocationId: optional(param.integer),
      limit: limit1000,
      orderId: optional(param.integer),
    },
    handle: (call, values) => {
      checkSpan(values.startTime, values.endTime);
      call.venue.symbolIndex(values.symbol);
      return [];
    },
  }),
  method({
    name: 'order.amendments',
    rest: [['GET', '/api/v3/order/amendments']],
    security: 'USER_DATA',
    weight: 4,
    params: {
      symbol: param.symbol,
      orderId: param.integer,
      fromExecutionId: optional(param.integer),
      limit: limit1000,
    },
    handle: (call, values) => {
      const symbol = call.venue.symbolIndex(values.symbol);
      const spec = call.venue.spec(symbol);
      const from = values.fromExecutionId;
      return call.venue.amendments
        .of(accountOf(call).index, symbol, values.orderId)
        .filter((one) => from === undefined || one.executionId >= from)
        .slice(0, values.limit ?? 500)
        .map((one) => ({
          symbol: spec.symbol,
          orderId: one.orderId,
          executionId: one.executionId,
          origClientOrderId: one.originalClientOrderId,
          newClientOrderId: one.newClientOrderId,
          origQty: fixed8(one.originalQuantity, spec.sizePrecision),
          newQty: fixed8(one.newQuantity, spec.sizePrecision),
          time: timeIn(call.unit, one.timeUs),
        }));
    },
  }),
  method({
    name: 'myFilters',
    rest: [['GET', '/api/v3/myFilters']],
    security: 'USER_DATA',
    weight: 40,
    params: { symbol: param.symbol },
    handle: (call, values) => ({
      exchangeFilters: [],
      symbolFilters: symbolFilters(call.venue.spec(call.venue.symbolIndex(values.symbol))),
      assetFilters: [],
    }),
  }),
  // Order lists (OCO and the like) do not exist here; asking for them is legal and finds none.
  method({
    name: 'openOrderLists.status',
    rest: [['GET', '/api/v3/openOrderList']],
    security: 'USER_DATA',
    weight: 6,
    params: {},
    handle: () => [],
  }),
  method({
    name: 'allOrderLists',
    rest: [['GET', '/api/v3/allOrderList']],
    security: 'USER_DATA',
    weight: 20,
    params: {
      fromId: optional(param.integer),
      startTime: optional(param.time),
      endTime: optional(param.time),
      limit: limit1000,
    },
    handle: () => [],
  }),
];
