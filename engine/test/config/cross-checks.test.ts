import { describe, expect, it } from '@jest/globals';
import { tradingMode } from '../../src/config/index.js';
import { failure, issue, load } from './load.js';

const KEYS = 'credentials: {apiKey: {env: K}, secret: {file: s.pem}}';

describe('with what money', () => {
  it.each([
    ['', 'simulator'],
    ['testnet: true', 'paper'],
    ['venue: {environment: testnet}', 'paper'],
    ['venue: {environment: live}', 'paper'],
    [`venue: {environment: testnet, ${KEYS}}\npaper: false`, 'testnet'],
    [`testnet: true\npaper: false\nvenue: {${KEYS}}`, 'testnet'],
    [`venue: {environment: live, ${KEYS}}\ntrading: {paper: false, live: true}`, 'live'],
  ])('%j is %s', (yaml, mode) => expect(tradingMode(load(yaml))).toBe(mode));

  it.each([
    ['real money without saying live', `venue: {environment: live, ${KEYS}}\npaper: false`, 'trading.paper'],
    ['live and paper', `venue: {environment: live, ${KEYS}}\ntrading: {live: true}`, 'trading.live'],
    ['live on the simulator', 'trading: {live: true, paper: true}', 'trading.live'],
    ['live on the testnet', `testnet: true\nlive: true\npaper: false\nvenue: {${KEYS}}`, 'trading.live'],
    ['testnet switch against environment', 'testnet: true\nvenue: {environment: live}', 'trading.testnet'],
    ['no testnet against environment', 'testnet: false\nvenue: {environment: testnet}', 'trading.testnet'],
    ['no paper on the simulator', 'paper: false', 'trading.paper'],
    ['testnet orders without a key', 'testnet: true\npaper: false', 'venue.credentials'],
    [
      'real orders without a key',
      'venue: {environment: live}\ntrading: {paper: false, live: true}',
      'venue.credentials',
    ],
  ])('refuses %s', (_, yaml, path) => {
    const { issues } = failure(yaml);
    expect(issues.map((found) => found.path)).toContain(path);
    for (const found of issues) expect(found.allowed).toBeDefined();
  });
});

describe('settings that do not go together', () => {
  const strategy = (rest: string) => `strategies: [{symbol: BTCUSDT, ${rest}}]`;
  it.each([
    [
      'an order larger than the inventory',
      strategy('orderSize: 0.11, maxInventory: 0.1'),
      'strategies[0].orderSize',
    ],
    [
      'an inventory larger than the position limit',
      `${strategy('orderSize: 0.1, maxInventory: 0.3')}\nposition_limits: {BTCUSDT: 0.2}`,
      'strategies[0].maxInventory',
    ],
    [
      'an order larger than any may be',
      `${strategy('orderSize: 0.1')}\nrisk: {maxOrderQuantity: 0.05}`,
      'strategies[0].orderSize',
    ],
    ['a symbol nobody follows', 'strategies: [{symbol: BTCUSD, orderSize: 1}]', 'strategies[0].symbol'],
    ['a limit for a symbol nobody follows', 'position_limits: {BTCUSD: 1}', 'risk.maxPosition.BTCUSD'],
    ['a symbol listed twice', 'symbols: [BTCUSDT, BTCUSDT]\nstrategies: []', 'venue.symbols[1]'],
    [
      'delays the wrong way round',
      'venue: {reconnect: {minDelayMs: 2s, maxDelayMs: 1s}}',
      'venue.reconnect.maxDelayMs',
    ],
    ['a symbol the simulator cannot know', 'symbols: [ABCXYZ]\norder_size: 1', 'venue.symbols[0]'],
    ['half a simulator', 'venue: {endpoints: {rest: "http://127.0.0.1:1"}}', 'venue.endpoints'],
    [
      'the real venue, its name written with the final dot, as a simulator',
      'venue: {endpoints: {rest: "https://api.binance.com.", stream: "ws://127.0.0.1:1", wsApi: "ws://127.0.0.1:1"}}',
      'venue.endpoints.rest',
    ],
    [
      'the real venue on the testnet',
      'testnet: true\nvenue: {endpoints: {rest: "https://api.binance.com"}}',
      'venue.endpoints.rest',
    ],
    [
      'keys over plain text',
      'testnet: true\nvenue: {endpoints: {rest: "http://example.com"}}',
      'venue.endpoints.rest',
    ],
    [
      'a secret in two places',
      'venue: {credentials: {apiKey: {env: A, file: b}, secret: {env: C}}}',
      'venue.credentials.apiKey',
    ],
    ['a secret nowhere', 'venue: {credentials: {apiKey: {}, secret: {env: C}}}', 'venue.credentials.apiKey'],
  ])('are refused: %s', (_, yaml, path) => expect(issue(yaml).path).toBe(path));

  it('name the nearest symbol', () => {
    expect(issue('strategies: [{symbol: BTCUSD, orderSize: 1}]').nearest).toBe('BTCUSDT');
  });

  it('compare exactly, where floats would not', () => {
    expect(() => load(strategy('orderSize: 0.3, maxInventory: 0.3'))).not.toThrow();
    expect(issue(strategy('orderSize: 0.300000000000000001, maxInventory: 0.3')).path).toBe(
      'strategies[0].orderSize',
    );
  });

  it('keep a default inventory within the position limit', () => {
    const { strategies } = load('symbols: [BTCUSDT]\norder_size: 0.1\nposition_limits: {BTCUSDT: 0.5}');
    expect(strategies[0]!.maxInventory).toBe('0.5');
  });

  it('quote no tighter than the threshold unless told so', () => {
    expect(load('spread_threshold_bps: 7').strategies[0]!.spreadBps).toBe(7);
    expect(load('spread_threshold_bps: 7\nspread_bps: 3').strategies[0]!.spreadBps).toBe(3);
  });
});
