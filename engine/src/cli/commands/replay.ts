import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Command } from 'commander';
import logUpdate from 'log-update';
import type { RecordingReport } from '../../backtest/index.js';
import { type LoadedConfig, loadConfig } from '../../config/index.js';
import { isEventLogPath } from '../../journal/index.js';
import { checkWritable } from '../options.js';
import { abortOnSignals } from '../signals.js';
import { renderSummary } from '../summary-view.js';
import { version } from '../version.js';

interface Flags {
  readonly config?: string;
  readonly summaryJson?: string;
}

const REDRAW_MS = 200;

export function replayCommand(): Command {
  return new Command('replay')
    .description(
      'run a recording through decoder, books, strategies and simulated execution; ' +
        'or a session (a file of paper --record, or a folder of its journal) through the kernel, comparing every command',
    )
    .argument('<recording...>', 'files of one recording, or how their names begin; or one session')
    .option('-c, --config <file>', 'configuration (default: a market maker for each recorded symbol)')
    .option('--summary-json <file>', 'write the figures as JSON too')
    .action(run);
}

async function run(paths: string[], flags: Flags): Promise<void> {
  const loaded = loadConfig(flags.config, process.env);
  if (flags.summaryJson !== undefined) checkWritable('--summary-json', flags.summaryJson);
  const save = (figures: object) => {
    if (flags.summaryJson !== undefined)
      writeFileSync(flags.summaryJson, `${JSON.stringify(figures, null, 2)}\n`);
  };
  if (paths.length === 1 && isLog(paths[0]!)) save(await replayLog(paths[0]!, loaded));
  else save(await replayFiles(paths, loaded));
}

function isLog(path: string): boolean {
  try {
    return isEventLogPath(path);
  } catch {
    // No such file: it may be how the names of several begin.
    return false;
  }
}

async function replayLog(path: string, { config, digest }: LoadedConfig): Promise<object> {
  const { replayEventLog } = await import('../../wiring/index.js');
  const report = replayEventLog(path, config, digest, version);
  for (const warning of report.warnings) process.stderr.write(`tradewind: note: ${warning}\n`);
  const same = report.firstDifference === undefined;
  process.stdout.write(
    `${report.events} events, ${report.commandLists} of them with commands; ` +
      `${same ? 'every command as recorded, byte for byte' : `commands differ from event ${report.firstDifference} on`}; ` +
      `state hash ${report.stateHash}\n`,
  );
  if (!same) process.exitCode = 1;
  return report;
}

async function replayFiles(paths: string[], loaded: LoadedConfig): Promise<object> {
  let drawnMs = 0;
  const terminal = process.stderr.isTTY === true;
  const { replayRecording } = await import('../../wiring/index.js');
  const result = await replayRecording({
    paths,
    loaded,
    version,
    signal: abortOnSignals(),
    onProgress: (stage, { messages, tsUs }) => {
      if (!terminal || performance.now() - drawnMs < REDRAW_MS) return;
      drawnMs = performance.now();
      logUpdate(`${stage === 'verify' ? 'verifying' : 'trading'}  ${messages} messages  ${iso(tsUs)}`);
    },
  });
  if (terminal) logUpdate.clear();
  const { report, summary, untraded } = result;
  process.stdout.write(`${renderReport(report)}\n`);
  for (const note of untraded) process.stdout.write(`  not traded     ${note}\n`);
  if (summary !== undefined) {
    process.stdout.write(
      `simulated trading\n${renderSummary(summary)}\n  state hash     ${summary.stateHash}\n`,
    );
  }
  const sound = report.naiveEqual && report.gaps === 0 && report.crossed === 0 && report.failures === 0;
  if (!sound) process.exitCode = 1;
  return result;
}

function renderReport(report: RecordingReport): string {
  const { nsPerMessage: ns } = report;
  const rows: [string, string][] = [
    ['files', report.files.map((file) => basename(file)).join(', ')],
    ['symbols', report.symbols.join(', ')],
    ['covers', `${iso(report.fromUs)} to ${iso(report.toUs)}`],
    [
      'messages',
      `${report.messages}: ${report.depthMessages} depth, ${report.quotes} quotes, ${report.trades} trades, ` +
        `${report.ignored} of other kinds, ${report.failures} undecodable`,
    ],
    [
      'depth',
      `${report.depthApplied} applied on ${report.snapshots} snapshots, ${report.depthDropped} older than their snapshot, ` +
        `${report.levels} levels`,
    ],
    ['integrity', `${report.gaps} sequence gaps, ${report.crossed} crossed books`],
    [
      'top of book',
      `${report.topsAgreed} of ${report.topsCompared} agree with the venue's own best bid and ask`,
    ],
    [
      'final books',
      report.naiveEqual
        ? 'equal to an independent naive rebuild'
        : `DIFFER from the naive rebuild: ${report.difference}`,
    ],
    [
      'decode + book',
      `p50 ${Math.round(ns.p50)} ns, p99 ${Math.round(ns.p99)} ns a message; ${Math.round(report.messagesPerSecond)}/s`,
    ],
  ];
  return `recording\n${rows.map(([label, text]) => `  ${label.padEnd(14)} ${text}`).join('\n')}`;
}

function iso(us: number): string {
  return new Date(us / 1000).toISOString();
}
