import {
  constantLatency,
  percentageFees,
  type RecordingReport,
  type ReplayProgress,
  type ReplaySummary,
  readRecording,
  recordedInstruments,
  recordingFiles,
  replay,
  verifyRecording,
} from '../backtest/index.js';
import { type Config, type LoadedConfig, riskLimits, type StrategyConfig } from '../config/index.js';
import { formatUnits, type InstrumentSpec, parseAmount } from '../domain/index.js';
import { firstPrices } from './first-prices.js';
import { makeStrategies } from './strategies.js';

export interface ReplayOptions {
  /** Files, captures or file name beginnings of one recording, in order. */
  readonly paths: readonly string[];
  readonly loaded: LoadedConfig;
  readonly version: string;
  readonly onProgress: (stage: 'verify' | 'trade', progress: ReplayProgress) => void;
  readonly signal: AbortSignal;
}

export interface ReplayResult {
  readonly report: RecordingReport;
  /** Absent when nothing in the recording can be traded: see `untraded`. */
  readonly summary?: ReplaySummary;
  /** Symbols no strategy traded, and why. */
  readonly untraded: readonly string[];
}

/** Value of a default quote in the quote asset, when the venue's rules do not ask for more. */
const DEFAULT_VALUE = '100';

/**
 * Verifies a recording against an independent rebuild, then trades it with simulated execution: with the configured
 * strategies, or one market maker for each recorded symbol when no configuration is given.
 */
export async function replayRecording(options: ReplayOptions): Promise<ReplayResult> {
  const { loaded, version, onProgress, signal } = options;
  const files = (await Promise.all(options.paths.map((path) => recordingFiles(path)))).flat();
  const report = await verifyRecording(files);
  const specs = await recordedInstruments(files);
  const tradable = specs.filter(({ symbol }) => !isInverse(symbol));
  const untraded = specs
    .filter(({ symbol }) => isInverse(symbol))
    .map(({ symbol }) => `${symbol} is an inverse contract, whose profit spot accounting cannot count`);
  const wanted =
    loaded.path === undefined
      ? defaultStrategies(loaded.config, tradable, await firstPrices(files))
      : loaded.config.strategies;
  const strategies = wanted.filter(({ symbol }) => tradable.some((spec) => spec.symbol === symbol));
  const config: Config = { ...loaded.config, strategies };
  if (strategies.length === 0) untraded.push('no strategy trades a recorded symbol');
  const { simulator } = config;
  const summary = await replay({
    limits: riskLimits(config),
    strategies: makeStrategies(config),
    staleAfterUs: config.venue.staleAfterMs * 1000,
    recording: readRecording(files),
    instruments: specs,
    execution: {
      balances: { ...startingBalances(specs, strategies), ...simulator.balances },
      funding: report.futures ? 'margin' : 'cash',
      fees: percentageFees({ makerBps: simulator.makerBps, takerBps: simulator.takerBps, asset: 'received' }),
      latency: constantLatency({ entryUs: 5_000, responseUs: 1_000 }),
    },
    version,
    configDigest: loaded.digest,
    onProgress: (progress) => onProgress('trade', progress),
    signal,
  });
  return { report, summary, untraded };
}

/** COIN-margined contracts are of a dollar amount and settle in the coin. */
function isInverse(symbol: string): boolean {
  return symbol.includes('USD_');
}

/** A market maker for each symbol, with quotes of a size the venue's rules allow at the price recorded first. */
function defaultStrategies(
  { strategies: [template] }: Config,
  specs: readonly InstrumentSpec[],
  prices: ReadonlyMap<string, string>,
): StrategyConfig[] {
  return specs.flatMap((spec) => {
    const price = parseAmount(prices.get(spec.symbol) ?? '0');
    if (price === 0n || template === undefined) return [];
    const value = spec.minNotional === 0n ? parseAmount(DEFAULT_VALUE) : spec.minNotional * 5n;
    const steps = (value * 10n ** BigInt(spec.sizePrecision)) / price / BigInt(spec.sizeIncrement) + 1n;
    const units = Number(steps) * spec.sizeIncrement;
    const orderSize = formatUnits(Math.max(units, spec.minQuantity), spec.sizePrecision);
    const maxInventory = formatUnits(Math.max(units, spec.minQuantity) * 10, spec.sizePrecision);
    return [{ ...template, symbol: spec.symbol, orderSize, maxInventory }];
  });
}

/** Enough of both assets to hold any position the strategies may want. */
function startingBalances(specs: readonly InstrumentSpec[], strategies: readonly StrategyConfig[]) {
  const balances: Record<string, string> = {};
  for (const { symbol, base, quote } of specs) {
    balances[quote] ??= '1000000';
    const strategy = strategies.find((candidate) => candidate.symbol === symbol);
    if (strategy !== undefined) balances[base] = strategy.maxInventory;
  }
  return balances;
}
