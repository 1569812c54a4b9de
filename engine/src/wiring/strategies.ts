import type { StrategyConfig } from '../config/index.js';
import { createStrategy, type Strategy } from '../strategies/index.js';

/** The configured strategies, in order. */
export function makeStrategies(configs: readonly StrategyConfig[]): Strategy[] {
  return configs.map(({ kind, refreshIntervalMs, ...params }) =>
    createStrategy(kind, { ...params, repriceIntervalMs: refreshIntervalMs }),
  );
}
