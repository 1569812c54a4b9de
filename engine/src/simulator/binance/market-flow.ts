/** Other traders, driven by the wall clock: one generator per symbol. */
import { parseUnits } from '../../domain/index.js';
import { FlowGenerator } from '../flow/index.js';
import type { SimulatorFlowOptions } from './options.js';
import type { SymbolOptions } from './symbols.js';
import type { Venue } from './venue.js';

export interface MarketFlow {
  stop(): void;
}

const DEFAULT_TICK_MS = 5;
/** Time lost beyond this (a suspended machine) is not made up for. */
const LONGEST_LAG_US = 1_000_000;

/** Opens the market on every symbol and keeps it moving. */
export function startFlow(
  venue: Venue,
  symbols: readonly SymbolOptions[],
  options: SimulatorFlowOptions,
): MarketFlow {
  const startUs = venue.exchangeUs();
  const generators = symbols.map(
    (symbol, index) =>
      new FlowGenerator({
        exchange: venue.exchange,
        symbol: index,
        seed: (options.seed ?? 1) + index,
        startPrice: parseUnits(symbol.startPrice, venue.spec(index).pricePrecision),
        startUs,
        ...(options.eventsPerSecond === undefined ? {} : { eventsPerSecond: options.eventsPerSecond }),
        ...(options.volatilityBps === undefined ? {} : { volatilityBps: options.volatilityBps }),
      }),
  );
  let lastUs = startUs;
  const advance = () => {
    const now = venue.exchangeUs();
    if (now === lastUs) return;
    if (now - lastUs > LONGEST_LAG_US) for (const generator of generators) generator.skip(now);
    else for (const generator of generators) generator.advance(now);
    lastUs = now;
  };
  // Requests act on a market that has caught up with them: the exchange's time never runs backwards.
  venue.catchUp = advance;
  const timer = setInterval(() => {
    advance();
    venue.settle();
  }, options.tickMs ?? DEFAULT_TICK_MS);
  return {
    stop: () => {
      clearInterval(timer);
      venue.catchUp = null;
    },
  };
}
