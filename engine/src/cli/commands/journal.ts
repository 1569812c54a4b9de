import { mkdirSync, statSync } from 'node:fs';
import { Command } from 'commander';
import { logUpdateStderr } from 'log-update';
import { loadConfig } from '../../config/index.js';
import {
  describeSegments,
  FolderDisk,
  type JournalError,
  type JournalReport,
  RestoreError,
  restoreJournal,
  type SegmentReport,
  verifyJournal,
} from '../../journal/index.js';
import { isoMicros } from './journal-lines.js';
import { LineOutput } from './journal-output.js';
import {
  type GrepFlags,
  kindOption,
  orderOption,
  placeOption,
  printRecords,
  type RangeFlags,
} from './journal-search.js';

interface FolderFlags {
  readonly dir?: string;
  readonly config?: string;
  readonly json?: boolean;
}

const REDRAW_MS = 200;

export function journalCommand(): Command {
  const journal = new Command('journal').description('look into, check and restore a journal');
  onFolder(journal.command('ls'))
    .description('the segments: sequences, times, epoch, size, state')
    .action(list);
  onFolder(journal.command('dump'))
    .description('print records, one per line')
    .option('--from <place>', 'first sequence, or ISO time', placeOption)
    .option('--to <place>', 'last sequence, or ISO time', placeOption)
    .action((flags: FolderFlags & RangeFlags) => printRecords(open(flags), flags));
  onFolder(journal.command('verify'))
    .description('read everything; exit code 1 when something is damaged, and where')
    .action(verify);
  onFolder(journal.command('grep'))
    .description('print the records that match all of what is asked for')
    .option('--order <id>', 'about the order of this client order id', orderOption)
    .option('--instrument <name>', 'about an instrument: symbol, SYMBOL.VENUE or index')
    .option('--kind <name>', 'events of a kind, e.g. OrderFilled', kindOption)
    .option('--text <text>', 'with this in the printed line, in either case')
    .option('--from <place>', 'first sequence, or ISO time', placeOption)
    .option('--to <place>', 'last sequence, or ISO time', placeOption)
    .action(grep);
  onFolder(journal.command('restore'))
    .description("bring back a damaged journal from the standby's folder, or an unpacked archive")
    .requiredOption('--from <folder>', 'a sound journal: its segments and snapshots are copied')
    .action(restore);
  return journal;
}

function onFolder(command: Command): Command {
  return command
    .option('--dir <folder>', 'the journal (default: journal.dir of the configuration)')
    .option('-c, --config <file>', "the engine's configuration")
    .option('--json', 'print JSON');
}

function folderOf({ dir, config }: FolderFlags): string {
  return dir ?? loadConfig(config, process.env).config.journal.dir;
}

function open(flags: FolderFlags, name = '--dir'): FolderDisk {
  const path = folderOf(flags);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Error(`${name}: ${path} is no folder: name that of a journal`);
  }
  return new FolderDisk(path, { readOnly: true });
}

async function list(flags: FolderFlags): Promise<void> {
  const output = new LineOutput();
  const segments = describeSegments(open(flags));
  if (flags.json) output.line(JSON.stringify(segments.map(plain), null, 2));
  else {
    if (segments.length === 0) output.line('no segments');
    for (const line of table(segments)) output.line(line);
    for (const { damage } of segments) if (damage !== undefined) output.line(damage.message);
  }
  await output.flush();
  if (segments.some(({ damage }) => damage !== undefined)) process.exitCode = 1;
}

function table(segments: readonly SegmentReport[]): string[] {
  if (segments.length === 0) return [];
  const rows = segments.map(
    ({ name, firstSequence, lastSequence, tsFirst, tsLast, epoch, bytes, compressed, state }) => [
      name,
      lastSequence < firstSequence ? '-' : `${firstSequence}-${lastSequence}`,
      tsFirst === 0 ? '-' : isoMicros(tsFirst),
      tsLast === 0 ? '-' : isoMicros(tsLast),
      String(epoch),
      String(bytes),
      compressed ? `${state} gz` : state,
    ],
  );
  const all = [['segment', 'sequences', 'first', 'last', 'epoch', 'bytes', 'state'], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}

/** As JSON output has it. */
function plain({ damage, tsFirst, tsLast, ...segment }: SegmentReport) {
  return {
    ...segment,
    first: tsFirst === 0 ? null : isoMicros(tsFirst),
    last: tsLast === 0 ? null : isoMicros(tsLast),
    ...(damage !== undefined && { damage: fault(damage) }),
  };
}

function fault({ file, offset, message }: JournalError) {
  return { file, offset, message };
}

async function verify(flags: FolderFlags): Promise<void> {
  const steps = verifyJournal(open(flags));
  const report = await withProgress(steps, ({ done, total }) => bar('verifying', done, total));
  const { segments, records, bytes, snapshots, damage } = report;
  if (flags.json) {
    const damaged = damage.map(fault);
    process.stdout.write(
      `${JSON.stringify({ records, bytes, snapshots, damage: damaged, segments: segments.map(plain) }, null, 2)}\n`,
    );
  } else process.stdout.write(`${verdict(report).join('\n')}\n`);
  if (damage.length > 0) process.exitCode = 1;
}

function verdict({ segments, records, bytes, snapshots, damage }: JournalReport): string[] {
  const first = segments[0]?.firstSequence ?? 0;
  const last = segments.at(-1)?.lastSequence ?? 0;
  const lines = damage.map(({ message }) => `DAMAGED ${message}`);
  const torn = segments.at(-1)?.tail;
  if (torn !== undefined) {
    lines.push(
      `torn tail: ${segments.at(-1)!.name}, offset ${torn.offset}: ${torn.bytes} bytes (${torn.why}); ` +
        'the next start cuts them off and keeps them aside',
    );
  }
  const range = records > 0 ? `, ${first} to ${last}` : '';
  lines.push(
    `${damage.length === 0 ? 'sound' : 'damaged'}: ${records} records${range}, in ${segments.length} segments of ${bytes} bytes; ${snapshots} snapshots`,
  );
  return lines;
}

async function grep(flags: FolderFlags & GrepFlags): Promise<void> {
  const { order, instrument, kind, text } = flags;
  if (order === undefined && instrument === undefined && kind === undefined && text === undefined) {
    throw new Error('journal grep: say what to look for: --order, --instrument, --kind or --text');
  }
  await printRecords(open(flags), flags);
}

async function restore(flags: FolderFlags & { from: string }): Promise<void> {
  const target = folderOf(flags);
  const from = open({ dir: flags.from }, '--from');
  mkdirSync(target, { recursive: true });
  try {
    const steps = restoreJournal(from, new FolderDisk(target));
    const report = await withProgress(steps, ({ stage, done, total }) => bar(stage, done, total));
    if (flags.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else {
      const { files, bytes, firstSequence, lastSequence, aside } = report;
      const kept =
        aside.length === 0 ? '' : `; what was there is kept as ${aside[0]}${aside.length > 1 ? ', ...' : ''}`;
      process.stdout.write(
        `restored records ${firstSequence} to ${lastSequence} into ${target}: ${files.length} files, ${bytes} bytes${kept}\n`,
      );
    }
  } catch (error) {
    if (error instanceof RestoreError)
      throw new Error(`journal restore: nothing was changed: ${error.message}`);
    throw error;
  }
}

/** Runs `steps` to their end, drawing a bar on a terminal. Lets signals through in between. */
async function withProgress<P, R>(steps: Generator<P, R>, draw: (progress: P) => string): Promise<R> {
  const terminal = process.stderr.isTTY === true;
  let drawnMs = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done) {
      if (terminal) logUpdateStderr.clear();
      return step.value;
    }
    if (performance.now() - drawnMs < REDRAW_MS) continue;
    drawnMs = performance.now();
    if (terminal) logUpdateStderr(draw(step.value));
    await new Promise(setImmediate);
  }
}

function bar(stage: string, done: number, total: number): string {
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const filled = Math.round(share * 30);
  const mib = (bytes: number) => (bytes / 1_048_576).toFixed(0);
  return `${stage} ${'█'.repeat(filled)}${'░'.repeat(30 - filled)} ${Math.floor(share * 100)} %  ${mib(done)} of ${mib(total)} MiB`;
}
