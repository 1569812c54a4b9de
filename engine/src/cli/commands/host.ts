import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import {
  clockMetrics,
  createMetricsServer,
  driftMetrics,
  hostFilesFolder,
  loadKnobs,
  type PlanOptions,
  planHost,
  profileDifferences,
  readClock,
  rebootOnce,
  tuneHost,
  verifyHost,
  writeAtomically,
} from '../../host/index.js';
import { durationOption, portOption } from '../options.js';
import { abortOnSignals } from '../signals.js';
import { clockTable, differenceTable, settingRow, settingTable, summaryLine } from './host-tables.js';

interface MachineFlags {
  readonly root?: string;
  readonly hostFiles?: string;
  readonly profile?: string;
  readonly json?: boolean;
}

export function hostCommand(): Command {
  const host = new Command('host').description('look at and tune the machine the engine runs on');
  onMachine(host.command('plan'))
    .description('what `host tune` would change here, and why')
    .option('--all', 'also what is right already, and what does not concern this machine')
    .action(plan);
  onMachine(host.command('tune'))
    .description('make this machine what the knob table says; says what needs a reboot')
    .option('--reboot-once', 'reboot when settings wait for it, once for the same settings')
    .action(tune);
  onMachine(host.command('verify'))
    .description('check every setting; exit code 1 when one is not as it should be')
    .option('--all', 'also show what is right')
    .option('--metrics-file <file>', 'write the result as Prometheus text, whole or not at all')
    .action(verify);
  host
    .command('clock')
    .description('the clock: its source, its offset, and how far from true time it may be')
    .option('--root <folder>', 'machine to look at (default: this one)')
    .option('--json', 'print JSON')
    .option('--metrics-file <file>', 'write the reading as Prometheus text, whole or not at all')
    .option('--every <duration>', 'read again and again, until a signal', durationOption)
    .action(clock);
  host
    .command('metrics')
    .description("serve this machine's metric files to a collector on it, until a signal")
    .requiredOption('--port <port>', 'port of /metrics on 127.0.0.1; 0: any free one', portOption)
    .option('--folder <folder>', 'folder of the *.prom files', '/var/lib/tradewind/metrics')
    .action(metrics);
  const profile = host.command('profile').description('the two profiles of host settings');
  profile
    .command('diff')
    .description('what max-speed has otherwise than audited, and what each costs in security or audit')
    .option('--host-files <folder>', 'folder of the host files (default: the ones of this engine)')
    .option('--json', 'print JSON')
    .action(diff);
  return host;
}

function onMachine(command: Command): Command {
  return command
    .option('--root <folder>', 'machine to work on, as a tree of its files (default: this one)', rootOption)
    .option('--host-files <folder>', 'folder of the host files (default: the ones of this engine)')
    .option('--profile <name>', 'audited or max-speed (default: TRADEWIND_PROFILE of host.env, or audited)')
    .option('--json', 'print JSON');
}

function rootOption(text: string): string {
  if (text === '') throw new InvalidArgumentError('it must be a folder, or / for this machine.');
  return text;
}

function optionsOf({ root, hostFiles, profile }: MachineFlags): PlanOptions {
  return { root, profile, files: hostFiles ?? hostFilesFolder() };
}

function plan(flags: MachineFlags & { all?: boolean }): void {
  const { settings, profile, context } = planHost(optionsOf(flags));
  const shown = settings.filter(({ state }) => flags.all || (state !== 'right' && state !== 'skipped'));
  if (flags.json) print({ profile, layout: context.machine.layout, settings: shown.map(settingRow) });
  else say(settingTable(shown, summaryLine(profile, context.machine, settings)));
}

function tune(flags: MachineFlags & { rebootOnce?: boolean }): void {
  const result = tuneHost(optionsOf(flags));
  const { changes, failures, awaitingReboot } = result;
  const reboot = flags.rebootOnce === true ? rebootOnce(result) : undefined;
  if (flags.json) {
    print({ changes, failures, awaitingReboot: awaitingReboot.map(settingRow), ...(reboot && { reboot }) });
  } else {
    for (const change of changes) say(`changed  ${change}\n`);
    for (const { knob, message } of failures) say(`FAILED   ${knob}: ${message}\n`);
    for (const { place, current, wanted } of awaitingReboot) {
      say(`reboot   ${place}: ${current ?? 'not there'} now, ${wanted} after a reboot\n`);
    }
    if (reboot !== undefined && reboot !== 'not needed') say(`reboot: ${reboot}\n`);
    say(
      `tune: ${changes.length} changes, ${failures.length} failed, ${awaitingReboot.length} need a reboot\n`,
    );
  }
  if (failures.length > 0) process.exitCode = 1;
}

async function verify(flags: MachineFlags & { all?: boolean; metricsFile?: string }): Promise<void> {
  const verdict = verifyHost(optionsOf(flags));
  const { plan: checked, drift, skipped } = verdict;
  if (flags.metricsFile !== undefined) {
    writeAtomically(flags.metricsFile, await driftMetrics(verdict, Math.floor(Date.now() / 1_000)));
  }
  if (flags.json) {
    const { profile } = checked;
    print({ profile, checked: verdict.checked, skipped, drift: drift.map(settingRow) });
  } else {
    const shown = flags.all ? checked.settings.filter(({ state }) => state !== 'skipped') : drift;
    const { profile, context, settings } = checked;
    say(settingTable(shown, summaryLine(profile, context.machine, settings)));
  }
  if (drift.length > 0) process.exitCode = 1;
}

interface ClockFlags {
  readonly root?: string;
  readonly json?: boolean;
  readonly metricsFile?: string;
  readonly every?: number;
}

async function clock(flags: ClockFlags): Promise<void> {
  const { every } = flags;
  if (every === undefined) return readOnce(flags);
  const signal = abortOnSignals();
  while (!signal.aborted) {
    // Chrony restarts with its configuration; a reading lost is no reason to stop reading.
    await readOnce(flags).catch((error: unknown) => {
      process.stderr.write(`tradewind: ${error instanceof Error ? error.message : error}\n`);
    });
    await sleep(every, undefined, { signal }).catch(() => {});
  }
  process.exitCode = 0;
}

async function metrics({ port, folder }: { port: number; folder: string }): Promise<void> {
  const signal = abortOnSignals();
  const server = await createMetricsServer(folder);
  say(`serving ${folder} at ${await server.listen({ host: '127.0.0.1', port })}/metrics\n`);
  if (!signal.aborted) await once(signal, 'abort');
  await server.close();
}

async function readOnce({ root, json, metricsFile, every }: ClockFlags): Promise<void> {
  const reading = readClock(root);
  if (metricsFile !== undefined) writeAtomically(metricsFile, await clockMetrics(reading));
  if (json) print(reading);
  else if (every === undefined) say(clockTable(reading));
  if (!reading.synchronized) process.exitCode = 1;
}

function diff(flags: { hostFiles?: string; json?: boolean }): void {
  const differences = profileDifferences(loadKnobs(flags.hostFiles ?? hostFilesFolder()));
  if (flags.json) print(differences);
  else say(differenceTable(differences));
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

function say(text: string): void {
  process.stdout.write(text);
}
