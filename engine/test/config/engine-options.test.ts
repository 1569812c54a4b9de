import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  riskLimits,
  simulatorBalances,
  simulatorListings,
  strategyChoices,
  venueEndpoints,
} from '../../src/config/index.js';
import { guessListing } from '../../src/config/symbol-listings.js';
import { parseAmount, parseUnits } from '../../src/domain/index.js';
import { TokenBucket } from '../../src/risk/index.js';
import { createStrategy } from '../../src/strategies/index.js';
import { issue, load } from './load.js';

describe('riskLimits', () => {
  it('turns money into exact amounts and leaves out what is unlimited', () => {
    const limits = riskLimits(
      load('max_daily_loss: 0.1\nmax_drawdown: 0.2\ncapital: 0.3\nposition_limits: {BTCUSDT: 1}'),
    );
    expect(limits).toMatchObject({
      maxDailyLoss: parseAmount('0.1'),
      maxDrawdown: parseAmount('0.2'),
      capital: parseAmount('0.3'),
      maxPosition: { BTCUSDT: '1', ETHUSDT: '0.2' },
      orderRate: { perSecond: 20, burst: 40 },
    });
    expect(limits.maxDailyLoss! + limits.maxDrawdown!).toBe(limits.capital);
    const defaults = riskLimits(load(''));
    expect(Object.hasOwn(defaults, 'maxDailyLoss') || Object.hasOwn(defaults, 'maxOrderNotional')).toBe(
      false,
    );
  });

  it('takes no order rate that the risk gate could not keep', () => {
    for (const yaml of ['risk: {orderRate: {perSecond: 2.5}}', 'order_rate_limit: 0.5']) {
      expect(issue(yaml)).toMatchObject({ path: 'risk.orderRate.perSecond' });
    }
    const { orderRate } = riskLimits(load('order_rate_limit: 3'));
    expect(() => new TokenBucket(orderRate.perSecond, orderRate.burst)).not.toThrow();
  });

  it('adds up the inventories of strategies that share a symbol without a limit', () => {
    const yaml =
      'strategies: [{symbol: BTCUSDT, orderSize: 0.1, maxInventory: 0.1}, {symbol: BTCUSDT, orderSize: 0.2, maxInventory: 0.2}]';
    expect(riskLimits(load(yaml)).maxPosition).toEqual({ BTCUSDT: '0.3' });
  });
});

describe('strategyChoices', () => {
  it('gives parameters that the strategies accept', () => {
    const choices = strategyChoices(load('refresh_interval: 1s\nspread_bps: 0.01\norder_timeout: 10ms'));
    expect(choices).toHaveLength(2);
    for (const { kind, params } of choices) {
      expect(params.repriceIntervalMs).toBe(1_000);
      expect(createStrategy(kind, params).symbols).toEqual([params.symbol]);
    }
  });
});

describe('venueEndpoints', () => {
  it('are those of the environment, overrides first', () => {
    expect(venueEndpoints(load(''))).toBeUndefined();
    expect(venueEndpoints(load('testnet: true'))?.rest).toBe('https://testnet.binance.vision');
    const yaml = 'venue: {environment: live, endpoints: {rest: "https://api1.binance.com/"}}';
    expect(venueEndpoints(load(yaml))).toMatchObject({
      rest: 'https://api1.binance.com',
      stream: 'wss://stream.binance.com:9443',
    });
    const elsewhere =
      'venue: {endpoints: {rest: "http://sim:1", stream: "ws://sim:1", wsApi: "ws://sim:1/ws-api/v3"}}';
    expect(venueEndpoints(load(elsewhere))?.wsApi).toBe('ws://sim:1/ws-api/v3');
  });
});

describe('the simulator', () => {
  it('lists what is followed, then what it was told to', () => {
    const yaml = [
      'symbols: [BTCUSDT, SOLUSDC]',
      'order_size: 1',
      'simulator: {symbols: [{symbol: ABCXYZ, base: ABC, quote: XYZ, tickSize: 0.1, stepSize: 1, startPrice: 5}]}',
    ].join('\n');
    const config = load(yaml);
    expect(simulatorListings(config).map(({ symbol, base, quote }) => [symbol, base, quote])).toEqual([
      ['BTCUSDT', 'BTC', 'USDT'],
      ['SOLUSDC', 'SOL', 'USDC'],
      ['ABCXYZ', 'ABC', 'XYZ'],
    ]);
    expect(simulatorBalances(config)).toMatchObject({
      BTC: '10',
      SOL: '1000',
      USDC: '1000000',
      USDT: '1000000',
    });
  });

  it('is given listings that a venue could have', () => {
    const base = fc.constantFrom('BTC', 'ETH', 'SOL', 'DOGE', 'PEPE', 'XYZ', 'A1');
    fc.assert(
      fc.property(base, fc.constantFrom('USDT', 'BTC', 'ETH', 'EUR', 'TRY'), (b, q) => {
        const { tickSize, stepSize, startPrice } = guessListing(`${b}${q}`)!;
        const decimals = tickSize.split('.')[1]!.length;
        expect(parseUnits(startPrice, decimals)).toBeGreaterThan(0);
        expect(stepSize).toMatch(/^(1|0\.0*1)$/);
      }),
    );
    expect(guessListing('USDT')).toBeUndefined();
    expect(guessListing('ABCXYZ')).toBeUndefined();
  });
});
