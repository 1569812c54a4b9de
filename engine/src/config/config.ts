import { join } from 'node:path';
import type { ParsedConfig, StrategyConfig as ParsedStrategy } from './schema.js';
import { defaultMaxInventory } from './strategy-defaults.js';

/** A strategy's settings, complete. */
export type StrategyConfig = Omit<ParsedStrategy, 'maxInventory' | 'spreadBps'> & {
  readonly maxInventory: string;
  readonly spreadBps: number;
};

/** The whole configuration, every default filled in. Plain data; money and quantities are canonical decimal text. */
export type Config = Omit<ParsedConfig, 'strategies' | 'trading' | 'session' | 'journal' | 'ha'> & {
  readonly strategies: readonly StrategyConfig[];
  readonly trading: ParsedConfig['trading'] & { readonly testnet: boolean };
  readonly session: ParsedConfig['session'] & { readonly epochFile: string };
  readonly journal: ParsedConfig['journal'] & { readonly dir: string };
  readonly ha: Omit<ParsedConfig['ha'], 'lease'> & {
    readonly lease: ParsedConfig['ha']['lease'] & { readonly path: string };
  };
};

const DEFAULT_SPREAD_BPS = 2;

/** Fills in the defaults that depend on other settings. */
export function completeConfig(parsed: ParsedConfig): Config {
  const limits = parsed.risk.maxPosition;
  return {
    ...parsed,
    trading: { ...parsed.trading, testnet: parsed.trading.testnet ?? parsed.venue.environment === 'testnet' },
    strategies: parsed.strategies.map((strategy) => ({
      ...strategy,
      maxInventory:
        strategy.maxInventory ??
        defaultMaxInventory(
          strategy.orderSize,
          Object.hasOwn(limits, strategy.symbol) ? limits[strategy.symbol] : undefined,
        ),
      spreadBps: strategy.spreadBps ?? Math.max(DEFAULT_SPREAD_BPS, strategy.minSpreadBps),
    })),
    session: {
      ...parsed.session,
      epochFile: parsed.session.epochFile ?? join(parsed.session.stateDir, 'epoch'),
    },
    journal: { ...parsed.journal, dir: parsed.journal.dir ?? join(parsed.session.stateDir, 'journal') },
    ha: {
      ...parsed.ha,
      lease: { ...parsed.ha.lease, path: parsed.ha.lease.path ?? join(parsed.session.stateDir, 'lease') },
    },
  };
}

/** With what money, and where, a configuration trades. */
export type TradingMode = 'simulator' | 'paper' | 'testnet' | 'live';

/**
 * `simulator`: orders go to the built-in venue. `paper`: market data of a real or test venue, execution simulated here.
 * `testnet` and `live`: orders go there.
 */
export function tradingMode({ venue, trading }: Config): TradingMode {
  if (venue.environment === 'simulator') return 'simulator';
  return trading.paper ? 'paper' : venue.environment;
}
