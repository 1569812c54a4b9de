/**
 * The parts of Binance beside spot that general-purpose clients look at while starting up: wallet, margin and futures.
 * Answers are true of this venue: no deposits, no margin, no futures.
 */
import { errors } from '../protocol/errors.js';
import { amount8, timeIn } from '../protocol/format.js';
import { optional, param } from '../protocol/params.js';
import { balancesOf } from './account.js';
import { accountOf, type Method, method } from './method.js';

/** Clients sign some calls that need no signature. */
const signedAnyway = {
  timestamp: optional(param.text()),
  recvWindow: optional(param.text()),
  signature: optional(param.text()),
};

function empty(path: string, answer: () => unknown): Method {
  return method({
    name: path,
    rest: [['GET', path]],
    ws: false,
    weight: 1,
    params: signedAnyway,
    handle: answer,
  });
}

function futuresInfo(path: string): Method {
  return method({
    name: path,
    rest: [['GET', path]],
    ws: false,
    weight: 1,
    params: {},
    handle: (call) => ({
      timezone: 'UTC',
      serverTime: timeIn(call.unit, call.venue.nowUs()),
      rateLimits: [],
      exchangeFilters: [],
      assets: [],
      optionContracts: [],
      optionAssets: [],
      optionSymbols: [],
      symbols: [],
    }),
  });
}

export const neighborMethods: readonly Method[] = [
  method({
    name: 'wallet.coins',
    rest: [['GET', '/sapi/v1/capital/config/getall']],
    ws: false,
    security: 'USER_DATA',
    weight: 10,
    params: {},
    handle: (call) =>
      balancesOf(call.venue, accountOf(call).index).map((balance) => ({
        coin: balance.asset,
        depositAllEnable: false,
        withdrawAllEnable: false,
        name: balance.asset,
        free: amount8(balance.free),
        locked: amount8(balance.locked),
        freeze: '0',
        withdrawing: '0',
        ipoing: '0',
        ipoable: '0',
        storage: '0',
        isLegalMoney: false,
        trading: true,
        networkList: [],
      })),
  }),
  method({
    name: 'wallet.apiRestrictions',
    rest: [['GET', '/sapi/v1/account/apiRestrictions']],
    ws: false,
    security: 'USER_DATA',
    weight: 1,
    params: {},
    handle: (call) => ({
      ipRestrict: false,
      createTime: timeIn(call.unit, call.nowUs),
      enableReading: true,
      enableWithdrawals: false,
      enableInternalTransfer: false,
      enableMargin: false,
      enableFutures: false,
      permitsUniversalTransfer: false,
      enableVanillaOptions: false,
      enableFixApiTrade: false,
      enableFixReadOnly: false,
      enableSpotAndMarginTrading: true,
      enablePortfolioMarginTrading: false,
    }),
  }),
  method({
    name: 'wallet.userAsset',
    rest: [['POST', '/sapi/v3/asset/getUserAsset']],
    ws: false,
    security: 'USER_DATA',
    weight: 5,
    params: { asset: optional(param.text(20)), needBtcValuation: optional(param.boolean) },
    handle: (call, values) =>
      balancesOf(call.venue, accountOf(call).index)
        .filter((balance) => values.asset === undefined || balance.asset === values.asset)
        .filter((balance) => balance.free !== 0n || balance.locked !== 0n)
        .map((balance) => ({
          asset: balance.asset,
          free: amount8(balance.free),
          locked: amount8(balance.locked),
          freeze: '0',
          withdrawing: '0',
          ipoable: '0',
          btcValuation: '0',
        })),
  }),
  method({
    name: 'wallet.tradeFee',
    rest: [['GET', '/sapi/v1/asset/tradeFee']],
    ws: false,
    security: 'USER_DATA',
    weight: 1,
    params: { symbol: optional(param.symbol) },
    handle: (call, values) => {
      const rates = call.venue.exchange.feeRates(accountOf(call).index);
      if (values.symbol !== undefined) call.venue.symbolIndex(values.symbol);
      return call.venue.specs
        .filter((spec) => values.symbol === undefined || spec.symbol === values.symbol)
        .map((spec) => ({
          symbol: spec.symbol,
          makerCommission: String(rates.maker / 1e6),
          takerCommission: String(rates.taker / 1e6),
        }));
    },
  }),
  empty('/sapi/v1/system/status', () => ({ status: 0, msg: 'normal' })),
  empty('/sapi/v1/account/status', () => ({ data: 'Normal' })),
  empty('/sapi/v1/margin/allPairs', () => []),
  empty('/sapi/v1/margin/isolated/allPairs', () => []),
  empty('/sapi/v1/margin/allAssets', () => []),
  empty('/fapi/v1/ping', () => ({})),
  empty('/dapi/v1/ping', () => ({})),
  futuresInfo('/fapi/v1/exchangeInfo'),
  futuresInfo('/dapi/v1/exchangeInfo'),
  futuresInfo('/eapi/v1/exchangeInfo'),
  ...['/fapi/v1/time', '/dapi/v1/time'].map((path) =>
    method({
      name: path,
      rest: [['GET', path]],
      ws: false,
      weight: 1,
      params: {},
      handle: (call) => ({ serverTime: timeIn(call.unit, call.venue.nowUs()) }),
    }),
  ),
  ...(['/sapi/v1/userDataStream', '/sapi/v1/userDataStream/isolated', '/fapi/v1/listenKey'] as const).map(
    (path) =>
      method({
        name: path,
        rest: [['POST', path]],
        ws: false,
        weight: 1,
        params: { ...signedAnyway, symbol: optional(param.text()) },
        handle: () => {
          throw errors.rejectedApiKey();
        },
      }),
  ),
];
