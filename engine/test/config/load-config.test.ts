import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig, tradingMode } from '../../src/config/index.js';
import { failure, issue, load, SOURCE } from './load.js';

const folder = mkdtempSync(join(tmpdir(), 'tradewind-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('loadConfig', () => {
  it('needs no file at all', () => {
    const { config, path, digest } = loadConfig(undefined, {});
    expect(path).toBeUndefined();
    expect(digest).toMatch(/^[0-9a-f]{32}$/);
    expect(tradingMode(config)).toBe('simulator');
    expect(
      config.strategies.map(({ symbol, orderSize, maxInventory }) => [symbol, orderSize, maxInventory]),
    ).toEqual([
      ['BTCUSDT', '0.001', '0.01'],
      ['ETHUSDT', '0.02', '0.2'],
    ]);
  });

  it('gives the same for no file and an empty one', () => {
    for (const text of ['', '\n', '# nothing\n', '---\n', '{}', 'null'])
      expect(load(text)).toEqual(loadConfig(undefined, {}).config);
  });

  it('reads a file and says which', () => {
    const path = join(folder, 'a.yaml');
    writeFileSync(path, 'log: {level: debug}\n');
    expect(loadConfig(path, {})).toMatchObject({ path, config: { log: { level: 'debug' } } });
  });

  it.each([
    [join(folder, 'absent.yaml'), 'no such file'],
    [folder, 'it is a folder'],
  ])('says why %s cannot be read', (path, why) => {
    expect(() => loadConfig(path, {})).toThrow(ConfigError);
    expect(() => loadConfig(path, {})).toThrow(why);
  });

  it('gives a value nobody can change', () => {
    const config = load('');
    expect(() => Object.assign(config.risk, { maxOpenOrders: 0 })).toThrow(TypeError);
    expect(() => (config.strategies as unknown[]).push(1)).toThrow(TypeError);
  });

  const examples = fileURLToPath(new URL('../../config/', import.meta.url));
  it.each(readdirSync(examples).filter((name) => name.endsWith('.yaml')))(
    'accepts the example %s',
    (name) => {
      expect(() => loadConfig(join(examples, name), {})).not.toThrow();
    },
  );

  it('reads the classic example as the sections would say it', () => {
    const { config } = loadConfig(join(examples, 'classic.yaml'), {});
    expect(config).toMatchObject({
      trading: { capital: '25000', paper: true, testnet: false },
      risk: {
        maxPosition: { BTCUSDT: '0.1', ETHUSDT: '2' },
        orderRate: { perSecond: 20, burst: 40 },
        maxDailyLoss: '250',
        maxDrawdown: '500',
        circuitBreakerBps: 300,
      },
      venue: { bookDepth: 1000, restTimeoutMs: 10_000, reconnect: { maxAttempts: 10 } },
      log: { level: 'info', file: '.tradewind/engine.log' },
    });
    for (const strategy of config.strategies) {
      expect(strategy).toMatchObject({
        orderSize: '0.01',
        maxInventory: '0.1',
        refreshIntervalMs: 250,
        minSpreadBps: 0,
      });
    }
  });
});

describe('spelling', () => {
  it.each([
    ['camelCase', 'risk: {maxDailyLoss: 5, orderRate: {perSecond: 3}}'],
    ['snake_case', 'risk: {max_daily_loss: 5, order_rate: {per_second: 3}}'],
    ['kebab-case', 'risk: {max-daily-loss: 5, order-rate: {per-second: 3}}'],
    ['classic keys', 'max_daily_loss: 5\norder_rate_limit: 3'],
    ['quoted text', 'risk: {"maxDailyLoss": "5.0", orderRate: {perSecond: "3"}}'],
    ['anchors', 'risk: {maxDailyLoss: &five 5, orderRate: {perSecond: 3}}'],
  ])('reads %s', (_, yaml) => {
    expect(load(yaml)).toEqual(load('risk: {maxDailyLoss: "5", orderRate: {perSecond: 3}}'));
  });

  it('leaves symbols and assets as they are written', () => {
    expect(load('position_limits: {BTCUSDT: 7}').risk.maxPosition).toEqual({ BTCUSDT: '7' });
    expect(load('simulator: {balances: {USDT: 7}}').simulator.balances).toEqual({ USDT: '7' });
  });

  it.each([
    ['risk: {maxDailyLoss: 5, max_daily_loss: 6}', 'maxDailyLoss'],
    ['max_daily_loss: 5\nrisk: {maxDailyLoss: 6}', 'risk.maxDailyLoss'],
    ['max_daily_loss: 5\ndaily_loss_limit: 6', 'risk.maxDailyLoss'],
    ['refresh_interval: 1s\nrefresh_interval_ms: 6', 'refreshIntervalMs'],
  ])('refuses a setting given twice: %s', (yaml, path) => {
    expect(issue(yaml)).toMatchObject({ path, message: 'is given twice, in two spellings' });
  });

  it.each([
    ['250ms', 250],
    ['2s', 2_000],
    ['1.5s', 1_500],
    ['1m', 60_000],
    ['400', 400],
  ])('reads the duration %s', (text, ms) => {
    expect(load(`venue: {restTimeoutMs: ${text}}`).venue.restTimeoutMs).toBe(ms);
  });

  it.each(['1d', '-1s', '5', '2h', '1.0001ms', 'soon', '1s2s'])('refuses the duration %s', (text) => {
    expect(issue(`venue: {restTimeoutMs: ${text}}`)).toMatchObject({
      value: text,
      allowed: expect.stringContaining('250ms'),
    });
  });

  it('reads level names of other systems', () => {
    expect(load('log_level: WARNING').log.level).toBe('warn');
  });
});

describe('errors', () => {
  it('come all at once, each with path, place, value and what is allowed', () => {
    const { issues, message } = failure(
      [
        'risk:',
        '  maxDailyLos: 5',
        '  orderRate: 7',
        '  maxPosition: {btcusdt: 1}',
        'strategies:',
        '  - symbol: BTCUSDT',
        '    orderSize: lots',
        '  - orderSize: 1',
        'log:',
        'venue: {bookDepth: 4, orderEntry: fax, symbols: []}',
      ].join('\n'),
    );
    const at = (path: string) => issues.find((found) => found.path === path);
    expect(at('risk.maxDailyLos')).toMatchObject({
      line: 2,
      column: 3,
      nearest: 'risk.maxDailyLoss',
      source: SOURCE,
    });
    expect(at('risk.orderRate')).toMatchObject({ line: 3, message: 'is a single value' });
    expect(at('risk.maxPosition.btcusdt')).toMatchObject({
      line: 4,
      allowed: expect.stringContaining('upper-case'),
    });
    expect(at('strategies[0].orderSize')).toMatchObject({
      line: 7,
      value: 'lots',
      allowed: expect.stringContaining('decimal'),
    });
    expect(at('strategies[1].symbol')).toMatchObject({ line: 8, message: 'is required' });
    expect(at('log')).toMatchObject({ line: 9, message: 'has no value; give one or remove the key' });
    expect(at('venue.bookDepth')).toMatchObject({ value: '4', allowed: 'a whole number from 5 to 5000' });
    expect(at('venue.orderEntry')).toMatchObject({ value: 'fax', allowed: 'websocket, rest' });
    expect(at('venue.symbols')).toMatchObject({ message: 'is empty' });
    expect(issues).toHaveLength(9);
    expect(message.split('\n')).toHaveLength(10);
    expect(message).toContain(
      'test.yaml:2:3: risk.maxDailyLos: unknown key; did you mean risk.maxDailyLoss?',
    );
  });

  it('of single values and of values that do not go together come in one go', () => {
    const { issues } = failure(
      'risk: {maxOpenOrders: many}\nstrategies: [{symbol: BTCUSDT, orderSize: 2, maxInventory: 1}]',
    );
    expect(issues.map(({ path }) => path)).toEqual(['risk.maxOpenOrders', 'strategies[0].orderSize']);
  });

  it.each([
    ['ordersize: 1', 'orderSize'],
    ['order_sise: 1', 'orderSize'],
    ['perSecond: 1', 'risk.orderRate.perSecond'],
    ['riks: {}', 'risk'],
    ['venue: {symbol: [BTCUSDT]}', 'venue.symbols'],
    ['venue: {reconnect: {max_attempt: 1}}', 'venue.reconnect.maxAttempts'],
  ])('names the nearest key for %s', (yaml, nearest) => {
    expect(issue(yaml)).toMatchObject({ message: 'unknown key', nearest });
  });

  it('names none when none is near', () => {
    expect(issue('xylophone: 1').nearest).toBeUndefined();
  });

  it.each([
    ['a: [1, 2\nb: 3', 2, 1],
    ['a: 1\n\tb: 2', 2, 1],
    ['log: {level: info}\nlog: {level: debug}', 2, 1],
    ['a: "unclosed', 1, 13],
    ['a: !thing 1', 1, 4],
    ['risk: {maxDailyLoss: *nowhere}', 1, 22],
    ['a: 1\n---\nb: 2', 2, 1],
  ])('of YAML itself are one clear line with its place: %j', (yaml, line, column) => {
    expect(issue(yaml)).toMatchObject({ line, column, source: SOURCE });
  });

  it.each(['- 1', 'text', '5', '[]'])('refuse a document that is no map: %s', (yaml) => {
    expect(issue(yaml).message).toMatch(/must be a map/);
  });

  it('show a wrong classic key as it was written, once', () => {
    expect(issue('order_size: 0\nsymbols: [BTCUSDT, ETHUSDT]')).toMatchObject({
      path: 'strategies[0].orderSize',
      written: 'order_size',
      line: 1,
      value: '0',
    });
  });

  it('ask for a size where none can be guessed', () => {
    expect(issue('symbols: [SOLUSDT]')).toMatchObject({
      path: 'strategies[0].orderSize',
      message: 'is required',
    });
    expect(load('symbols: [SOLUSDT]\norder_size: 1').strategies[0]).toMatchObject({
      symbol: 'SOLUSDT',
      orderSize: '1',
    });
  });
});
