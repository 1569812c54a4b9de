import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { classicTargetExists } from '../../src/config/describe-config.js';
import { ENV_PREFIX, upperSnake } from '../../src/config/environment.js';
import { CLASSIC_KNOBS, describeConfig } from '../../src/config/index.js';
import { issue, load } from './load.js';

describe('environment overrides', () => {
  it('win over the file, which wins over the defaults', () => {
    const yaml = 'risk: {maxOpenOrders: 7, maxDailyLoss: 5}';
    const { risk } = load(yaml, { TRADEWIND_RISK__MAX_DAILY_LOSS: '100.50' });
    expect([risk.maxOpenOrders, risk.maxDailyLoss, risk.priceCollarBps]).toEqual([7, '100.5', 200]);
  });

  it('reach maps, lists and items of lists', () => {
    const config = load('strategies: [{symbol: BTCUSDT, orderSize: 1}]', {
      TRADEWIND_RISK__MAX_POSITION__BTCUSDT: '9',
      TRADEWIND_STRATEGIES__0__MAX_INVENTORY: '8',
      TRADEWIND_STRATEGIES__1__SYMBOL: 'ETHUSDT',
      TRADEWIND_STRATEGIES__1__ORDER_SIZE: '2',
      TRADEWIND_VENUE__SYMBOLS: 'BTCUSDT, ETHUSDT',
    });
    expect(config.risk.maxPosition).toEqual({ BTCUSDT: '9' });
    expect(config.strategies.map(({ orderSize, maxInventory }) => [orderSize, maxInventory])).toEqual([
      ['1', '8'],
      ['2', '20'],
    ]);
    expect(config.venue.symbols).toEqual(['BTCUSDT', 'ETHUSDT']);
  });

  it('know the classic keys, and those for every strategy win over each', () => {
    const yaml = 'strategies: [{symbol: BTCUSDT, orderSize: 1}, {symbol: ETHUSDT, orderSize: 2}]';
    const config = load(yaml, { TRADEWIND_ORDER_SIZE: '3', TRADEWIND_LOG_LEVEL: 'debug' });
    expect(config.strategies.map(({ orderSize }) => orderSize)).toEqual(['3', '3']);
    expect(config.log.level).toBe('debug');
  });

  it.each([
    ['TRADEWIND_RISK__MAX_DALY_LOSS', 'TRADEWIND_RISK__MAX_DAILY_LOSS'],
    ['TRADEWIND_ORDERSIZE', 'TRADEWIND_ORDER_SIZE'],
  ])('that name nothing are refused: %s', (name, nearest) => {
    expect(issue('', { [name]: '1' })).toMatchObject({ path: name, message: 'names no setting', nearest });
  });

  it.each([
    'TRADEWIND_RISK',
    'TRADEWIND_',
    'TRADEWIND_STRATEGIES__X__SYMBOL',
    'TRADEWIND_RISK__',
    'TRADEWIND_VENUE__NAME__X',
  ])('that name no single value are refused: %s', (name) =>
    expect(issue('', { [name]: '1' }).path).toBe(name),
  );

  it('may not leave a hole in a list', () => {
    expect(
      issue('strategies: [{symbol: BTCUSDT, orderSize: 1}]', { TRADEWIND_STRATEGIES__2__SYMBOL: 'BTCUSDT' })
        .message,
    ).toBe('there is no item 1 before it');
  });

  it('say which variable was wrong', () => {
    expect(issue('', { TRADEWIND_LOG__LEVEL: 'loud' })).toMatchObject({
      path: 'log.level',
      written: 'TRADEWIND_LOG__LEVEL',
      source: 'environment',
      value: 'loud',
    });
  });

  it('leave alone what is not ours, what is no setting, and secrets that credentials refer to', () => {
    const yaml =
      'venue: {credentials: {apiKey: {env: TRADEWIND_API_KEY}, secret: {env: TRADEWIND_API_SECRET}}}';
    const env = {
      PATH: '/bin',
      TRADEWIND_RECORDINGS: 'x',
      TRADEWIND_API_KEY: 'k',
      TRADEWIND_API_SECRET: 's',
    };
    expect(() => load(yaml, env)).not.toThrow();
    const { allowed } = issue('', { TRADEWIND_API_KEY: 'hush' });
    expect(allowed).toBe('in venue.credentials, a reference to it: {env: TRADEWIND_API_KEY}');
  });

  it('exist for every single value of the schema', () => {
    for (const { key, type } of describeConfig()) {
      if (key.includes('[]') || type === 'list' || type.includes('->')) continue;
      const name = ENV_PREFIX + key.split('.').map(upperSnake).join('__');
      // A value that is wrong for most: what matters is that the variable is known.
      try {
        load('', { [name]: '?' });
      } catch (error) {
        expect((error as Error).message).not.toContain('names no setting');
      }
    }
  });

  it('never crash on any name or value', () => {
    const names = fc.oneof(
      fc.string(),
      fc
        .array(
          fc.constantFrom(
            'RISK',
            'STRATEGIES',
            '0',
            'SYMBOL',
            'VENUE',
            'SYMBOLS',
            '__PROTO__',
            'CONSTRUCTOR',
            'MAX_POSITION',
            '',
          ),
          { maxLength: 5 },
        )
        .map((words) => words.join('__')),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(names, fc.string()), { maxLength: 4 }), (pairs) => {
        const env = Object.fromEntries(pairs.map(([name, value]) => [ENV_PREFIX + name, value]));
        try {
          load('', env);
        } catch (error) {
          expect(error).toMatchObject({ name: 'ConfigError' });
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('CLASSIC_KNOBS', () => {
  it.each(Object.keys(CLASSIC_KNOBS))('%s leads to a setting', (key) =>
    expect(classicTargetExists(key)).toBe(true),
  );
});
