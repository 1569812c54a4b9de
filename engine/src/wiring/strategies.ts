import { type Config, strategyChoices } from '../config/index.js';
import { createStrategy, type Strategy } from '../strategies/index.js';

/** The configured strategies, in order. */
export function makeStrategies(config: Config): Strategy[] {
  return strategyChoices(config).map(({ kind, params }) => createStrategy(kind, params));
}
