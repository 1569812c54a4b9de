import { describe, expect, it } from '@jest/globals';
import { parseConfig } from '../../src/config/index.js';
import { checkMoneyLimits } from '../../src/wiring/money-limits.js';
import { spec } from '../kernel/support/fixtures.js';

const config = (yaml: string) => parseConfig(Buffer.from(yaml));
const btc = { ...spec, symbol: 'ETHBTC', base: 'ETH', quote: 'BTC' };

describe('checkMoneyLimits', () => {
  it('takes any limit with one quote asset, and any assets without a limit', () => {
    expect(() => checkMoneyLimits(config('risk: {maxDailyLoss: 500}'), [spec, spec])).not.toThrow();
    expect(() => checkMoneyLimits(config('log: {level: info}'), [spec, btc])).not.toThrow();
  });

  it.each([
    ['risk.maxDailyLoss', 'risk: {maxDailyLoss: 500}'],
    ['risk.maxDrawdown', 'risk: {maxDrawdown: 500}'],
    ['risk.maxOrderNotional', 'risk: {maxOrderNotional: 500}'],
    ['trading.capital', 'trading: {capital: 5000}'],
  ])('refuses %s that would mean two things', (name, yaml) => {
    expect(() => checkMoneyLimits(config(yaml), [spec, btc])).toThrow(new RegExp(`${name}.*USDT and BTC`));
  });
});
