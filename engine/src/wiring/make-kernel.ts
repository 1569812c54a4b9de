import { type Config, riskLimits } from '../config/index.js';
import { Kernel } from '../kernel/index.js';
import { makeStrategies } from './strategies.js';

/** A kernel without history, of a configuration's limits and strategies. */
export function makeKernel(config: Config): Kernel {
  return new Kernel({
    limits: riskLimits(config),
    strategies: makeStrategies(config),
    staleAfterUs: config.venue.staleAfterMs * 1000,
  });
}
