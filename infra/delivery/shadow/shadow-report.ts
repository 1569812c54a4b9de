import { loadConfig } from '@tradewind/engine/config';
import type { Instrument } from '@tradewind/engine/domain';
import { commandPairs, type ReplayNotes } from './command-pairs.js';
import {
  type DifferenceExample,
  Differences,
  type InstrumentDifference,
  type Tolerance,
} from './differences.js';

export interface ShadowReport {
  readonly log: string;
  /** Version and configuration digest of the engine that recorded the log. */
  readonly recordedBy: { readonly version: string; readonly configDigest: string };
  /** Configuration digest of this side; its version is the release the report was run from. */
  readonly replayedWith: { readonly configDigest: string };
  readonly events: number;
  /** Events that led to a command on either side. */
  readonly decisions: number;
  /** Those whose commands differ in any byte. */
  readonly changed: number;
  /**
   * Sequence of the first such event; null when there is none. From there on the replayed kernel hears of orders it did
   * not send, so that later figures say how much differs, not by whose decision.
   */
  readonly firstDifference: number | null;
  readonly instruments: readonly InstrumentDifference[];
  readonly examples: readonly DifferenceExample[];
  readonly tolerance: Tolerance;
  /** What is beyond the tolerance, in sentences; empty when nothing is. */
  readonly findings: readonly string[];
}

/** Compares what an engine recorded with what this release does upon the same events under `configFile`. */
export function shadowReport(log: string, configFile: string, tolerance: Tolerance): ShadowReport {
  // No variables: what the report says must follow from its two files.
  const { config, digest } = loadConfig(configFile, {});
  const notes: ReplayNotes = { instruments: new Map<number, Instrument>(), events: 0 };
  const differences = new Differences(notes.instruments);
  for (const pair of commandPairs(log, config, notes)) differences.add(pair);
  if (notes.recordedBy === undefined)
    throw new Error(`${log}: holds no session; record one with session.recordTo`);
  const instruments = differences.byInstrument();
  return {
    log,
    recordedBy: notes.recordedBy,
    replayedWith: { configDigest: digest },
    events: notes.events,
    decisions: differences.decisions,
    changed: differences.changed,
    firstDifference: differences.firstSequence ?? null,
    instruments,
    examples: differences.examples,
    tolerance,
    findings: findings(differences, instruments, tolerance),
  };
}

function findings(
  { decisions, changed }: Differences,
  instruments: readonly InstrumentDifference[],
  tolerance: Tolerance,
): string[] {
  const found: string[] = [];
  if (decisions === 0) found.push('Neither side sent a command: nothing was compared; watch for longer.');
  const share = decisions === 0 ? 0 : changed / decisions;
  if (share > tolerance.changedShare) {
    found.push(`${percent(share)} of ${decisions} decisions differ; ${percent(tolerance.changedShare)} may.`);
  }
  for (const { symbol, recorded, replayed, meanPriceBps } of instruments) {
    const most = Math.max(recorded.submits, replayed.submits);
    const orders = most === 0 ? 0 : Math.abs(recorded.submits - replayed.submits) / most;
    if (orders > tolerance.orders) {
      found.push(
        `${symbol}: ${recorded.submits} orders recorded, ${replayed.submits} replayed, ${percent(orders)} apart; ${percent(tolerance.orders)} may be.`,
      );
    }
    if (meanPriceBps > tolerance.priceBps) {
      found.push(`${symbol}: prices are ${meanPriceBps} bps apart on average; ${tolerance.priceBps} may be.`);
    }
  }
  return found;
}

/** The report for a person. */
export function renderShadowReport(report: ShadowReport): string {
  const lines = [
    `log              ${report.log}, ${report.events} events`,
    `recorded by      engine ${report.recordedBy.version}, configuration ${report.recordedBy.configDigest}`,
    `replayed with    configuration ${report.replayedWith.configDigest}`,
    `decisions        ${report.decisions}, of which ${report.changed} differ`,
  ];
  if (report.firstDifference !== null) lines.push(`first difference event ${report.firstDifference}`);
  for (const one of report.instruments) {
    const counts = (name: 'submits' | 'cancels' | 'denials') => `${one.recorded[name]}/${one.replayed[name]}`;
    lines.push(
      `${one.symbol.padEnd(16)} orders ${counts('submits')}, cancels ${counts('cancels')}, denials ${counts('denials')}; ` +
        `${one.changed} of ${one.decisions} decisions differ; prices ${one.meanPriceBps} bps apart (at most ${one.maxPriceBps}), ` +
        `${one.changedQuantities} of ${one.comparedPrices} quantities differ`,
    );
  }
  for (const { sequence, time, recorded, replayed } of report.examples.slice(0, 3)) {
    lines.push(`event ${sequence}, ${time}`);
    lines.push(`  recorded       ${recorded.join('; ') || 'nothing'}`);
    lines.push(`  replayed       ${replayed.join('; ') || 'nothing'}`);
  }
  lines.push(
    report.findings.length === 0
      ? 'verdict          within tolerance'
      : `verdict          beyond tolerance\n${report.findings.map((finding) => `  ${finding}`).join('\n')}`,
  );
  return lines.join('\n');
}

function percent(share: number): string {
  return `${Math.round(share * 10_000) / 100} %`;
}
