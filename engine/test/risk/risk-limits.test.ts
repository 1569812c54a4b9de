import { describe, expect, it } from '@jest/globals';
import { parseAmount } from '../../src/domain/index.js';
import { resolveLimits } from '../../src/risk/index.js';
import { instrument, openLimits } from '../kernel/support/fixtures.js';

describe('resolveLimits', () => {
  it('turns text and money into units, rounded against us', () => {
    const limits = resolveLimits(
      {
        ...openLimits,
        maxOrderQuantity: '1.000019',
        maxPosition: { BTCUSDT: '2' },
        maxOrderNotional: parseAmount('0.00000019'),
        capital: parseAmount('1.000000009'),
      },
      instrument(0, { minNotional: 1n }),
    );
    expect(limits).toMatchObject({
      scale: 7,
      maxOrderQuantity: 100_001,
      maxPosition: 200_000,
      maxOrderNotional: 1,
      minNotional: 1,
      maxNotional: 9_000_000_0000000,
      capital: 100_000_000,
    });
  });

  it('leaves absent limits off', () => {
    const limits = resolveLimits(openLimits, instrument(0, { maxNotional: 0n }));
    const { maxOrderQuantity, maxPosition, maxOrderNotional, maxNotional, capital } = limits;
    for (const limit of [maxOrderQuantity, maxPosition, maxOrderNotional, maxNotional, capital]) {
      expect(limit).toBe(Number.POSITIVE_INFINITY);
    }
  });

  it.each(['', 'x', '-1', '1e3', '0x10', ' 1'])('refuses %j as a quantity', (text) => {
    expect(() => resolveLimits({ ...openLimits, maxPosition: { BTCUSDT: text } }, instrument())).toThrow(
      /maxPosition\.BTCUSDT/,
    );
  });

  it('is not fooled by names every object has', () => {
    expect(resolveLimits(openLimits, instrument(0, { symbol: 'constructor' })).maxPosition).toBe(
      Number.POSITIVE_INFINITY,
    );
  });
});
