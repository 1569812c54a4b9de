import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { loadConfig } from '../../config/index.js';
import type { RunOptions, SessionResult } from '../../wiring/index.js';
import { LiveDisplay } from '../live-display.js';
import { checkWritable, durationOption, portOption } from '../options.js';
import { abortOnSignals } from '../signals.js';
import { renderSummary } from '../summary-view.js';
import { version } from '../version.js';

interface Flags {
  readonly config?: string;
  readonly for?: number;
  readonly summaryJson?: string;
  readonly record?: string;
  readonly metricsPort?: number;
  readonly ha?: boolean;
  readonly node?: string;
}

/** Exit code when the venue did not confirm that none of our orders is left. */
const UNVERIFIED = 3;

export function paperCommand(): Command {
  return withFlags(
    new Command('paper').description(
      'trade with play money: on the built-in simulator, the testnet, or live public data',
    ),
    '(default: built-in settings on the simulator)',
  ).action((flags: Flags) => run('paper', flags));
}

export function liveCommand(): Command {
  return withFlags(
    new Command('live').description(
      'trade real money, if the configuration says three times that it is meant',
    ),
    '(venue.environment: live, trading.paper: false, trading.live: true)',
  ).action((flags: Flags) => run('live', flags));
}

function withFlags(command: Command, aboutConfig: string): Command {
  return command
    .option('-c, --config <file>', `configuration ${aboutConfig}`)
    .option('--for <duration>', 'end by itself after this long, e.g. 20s', durationOption)
    .option('--summary-json <file>', 'write the summary as JSON too')
    .option('--record <file>', 'record every event, for `tradewind replay`')
    .option('--metrics-port <port>', 'port of /metrics, /health and /ready; 0: any free one', portOption)
    .option('--ha', 'be one of a pair, leader or hot standby: start the same command twice')
    .option('--node <name>', 'name of this one of the pair (default: a, or b where a is running)');
}

/** What a wrong flag or setting has no use for is loaded once they are right: half of the time a command takes to start. */
async function start(title: 'paper' | 'live', options: RunOptions): Promise<SessionResult> {
  const { runLive, runPaper } = await import('../../wiring/index.js');
  return (title === 'paper' ? runPaper : runLive)(options);
}

/** Flags are settings like those of the environment. */
function environment(flags: Flags): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env };
  if (flags.record !== undefined) env.TRADEWIND_SESSION__RECORD_TO = flags.record;
  if (flags.metricsPort !== undefined) env.TRADEWIND_TELEMETRY__PORT = String(flags.metricsPort);
  if (flags.ha === true) env.TRADEWIND_HA__ENABLED = 'true';
  if (flags.node !== undefined) env.TRADEWIND_HA__NODE = flags.node;
  return env;
}

async function run(title: 'paper' | 'live', flags: Flags): Promise<void> {
  const env = environment(flags);
  const loaded = loadConfig(flags.config, env);
  if (flags.summaryJson !== undefined) checkWritable('--summary-json', flags.summaryJson);
  const terminal = process.stdout.isTTY === true;
  let display: LiveDisplay | undefined;
  const { summary, shutdown, recordError } = await start(title, {
    loaded,
    version,
    env,
    stdoutLog: !terminal,
    signal: abortOnSignals(),
    ...(flags.for !== undefined && { forMs: flags.for }),
    onStart: (running) => {
      display = new LiveDisplay(running, terminal, title);
    },
    onStopping: () => display?.stop(),
  });
  if (flags.summaryJson !== undefined)
    writeFileSync(flags.summaryJson, `${JSON.stringify(summary, null, 2)}\n`);
  // On a terminal for the person; elsewhere standard output is JSON lines and the summary was logged as one.
  const out = terminal ? process.stdout : process.stderr;
  out.write(`\nsummary\n${renderSummary(summary)}\n  ${'shutdown'.padEnd(14)} ${shutdown.detail}\n`);
  if (recordError !== undefined) {
    process.stderr.write(`tradewind: session.recordTo: the event log is incomplete: ${recordError}\n`);
    process.exitCode = 1;
  }
  if (!shutdown.verified && shutdown.elsewhere !== true) process.exitCode = UNVERIFIED;
}
