import type { Config } from '../config/index.js';
import type { InstrumentSpec } from '../domain/index.js';
import { SessionError } from './session-error.js';

/**
 * Money limits are plain amounts of the quote asset. With instruments of several quote assets one number would mean
 * several things (500 USDT, 500 BTC), some of them no limit at all: that is refused. Throws a {@link SessionError}.
 */
export function checkMoneyLimits({ risk, trading }: Config, specs: readonly InstrumentSpec[]): void {
  const quotes = [...new Set(specs.map(({ quote }) => quote))];
  if (quotes.length < 2) return;
  const limits = {
    'risk.maxOrderNotional': risk.maxOrderNotional,
    'risk.maxDailyLoss': risk.maxDailyLoss,
    'risk.maxDrawdown': risk.maxDrawdown,
    'trading.capital': trading.capital,
  };
  const set = Object.entries(limits).filter(([, value]) => value !== undefined);
  if (set.length === 0) return;
  throw new SessionError(
    `${set.map(([name, value]) => `${name} (${value})`).join(', ')} would count in ${quotes.join(' and ')} alike: ` +
      'trade symbols of one quote asset with one engine, or take the limit out',
  );
}
