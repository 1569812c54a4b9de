import { MarketMaker } from './market-maker.js';
import type { MarketMakingParams } from './market-making-params.js';
import type { Strategy } from './port.js';

/** The parameters of each built-in strategy, by kind: the word used in configuration. */
export interface StrategyParams {
  readonly 'market-maker': MarketMakingParams;
}
export type StrategyKind = keyof StrategyParams;

const FACTORIES: { readonly [K in StrategyKind]: (params: StrategyParams[K]) => Strategy } = {
  'market-maker': (params) => new MarketMaker(params),
};

/** Every kind `createStrategy` knows. */
export const STRATEGY_KINDS = Object.keys(FACTORIES) as readonly StrategyKind[];

/** A new strategy. Throws a RangeError naming the kind or the parameter that is not usable. */
export function createStrategy<K extends StrategyKind>(kind: K, params: StrategyParams[K]): Strategy {
  if (!Object.hasOwn(FACTORIES, kind)) {
    throw new RangeError(`unknown strategy ${JSON.stringify(kind)}, known are ${STRATEGY_KINDS.join(', ')}`);
  }
  return FACTORIES[kind](params);
}
