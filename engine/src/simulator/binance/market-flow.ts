/** Other traders: one generator per symbol driven by the wall clock, or a recording. */
import { parseUnits } from '../../domain/index.js';
import { FlowGenerator, RecordedFlow } from '../flow/index.js';
import type { RecordedSource, SimulatorFlowOptions } from './options.js';
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

/** Lets a recording make the market of every symbol it speaks of. */
export function followRecording(
  venue: Venue,
  symbols: readonly SymbolOptions[],
  source: RecordedSource,
): MarketFlow {
  const flows = new Map(
    symbols.map(({ symbol }, index) => [
      symbol,
      new RecordedFlow({ exchange: venue.exchange, symbol: index }),
    ]),
  );
  const running = source.start((symbol, event) => {
    flows.get(symbol)?.apply(event, venue.exchangeUs());
    venue.settle();
  });
  return {
    stop: () => {
      running.stop();
      for (const flow of flows.values()) flow.close();
    },
  };
}
