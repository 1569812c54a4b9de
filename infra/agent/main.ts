import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { InputError } from '../shared/index.js';
import { monotonicMs } from './clock.js';
import { type AgentConfig, loadAgentConfig } from './config.js';
import { askAgent, type ControlRequest } from './control.js';
import { runGuard } from './guard.js';
import { runAgent } from './run-agent.js';
import { EngineUnit } from './unit-control.js';

const DEFAULT_FILE = '/etc/tradewind/agent.json';
/** The running agent answers these at once. */
const SHORT_MS = 5_000;

interface Flags {
  readonly config: string;
  readonly json?: boolean;
  readonly reason?: string;
  readonly off?: boolean;
}

const program = new Command('agent').description(
  'The lease agent of a trading host: who may trade, and who does not',
);

const command = (name: string, about: string, action: (config: AgentConfig, flags: Flags) => Promise<void>) =>
  program
    .command(name)
    .description(about)
    .option('-c, --config <file>', 'configuration', DEFAULT_FILE)
    .action((flags: Flags) => action(loadAgentConfig(flags.config), flags));

const ask = (config: AgentConfig, request: ControlRequest, timeoutMs: number) =>
  askAgent(config.control.socket, request, timeoutMs);

const print = (result: Record<string, unknown>, json = false) => {
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else
    for (const [name, value] of Object.entries(result))
      process.stdout.write(`${name.padEnd(16)} ${value ?? '-'}\n`);
};

/** A planned stop, and what follows it until the other side has claimed. */
const stopMs = ({ engine, control }: AgentConfig) =>
  engine.gracefulStopMs + control.acceptWithinMs + control.handoverQuietMs + SHORT_MS;

command(
  'run',
  'hold or watch the lease until SIGTERM; then stop the engine and let the lease go',
  (config, flags) =>
    runAgent(config, [process.execPath, fileURLToPath(import.meta.url), 'guard', '--config', flags.config]),
);
command('guard', 'started by `run`: kills the engine when its permission runs out', (config) => {
  // Asked to end together with the agent, it stays until the agent has let go of it.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
  const unit = new EngineUnit(config.systemctl, config.engine.unit);
  return runGuard(process.stdin, process.stdout, { unit, clock: monotonicMs, tickMs: config.lease.tickMs });
});
command('status', 'who holds the lease, and how the engine is', async (config, { json }) =>
  print(await ask(config, { command: 'status' }, SHORT_MS), json),
).option('--json', 'print JSON');
command(
  'handover',
  'planned: the other side accepts, the engine stops with its orders cancelled, the lease moves',
  async (config, { json }) => print(await ask(config, { command: 'handover' }, stopMs(config)), json),
).option('--json', 'print JSON');
command('release', 'stop the engine, let the lease go and stay on hold', async (config, { json }) =>
  print(await ask(config, { command: 'release' }, stopMs(config)), json),
).option('--json', 'print JSON');
command('hold', 'maintenance: this host does not claim the lease', async (config, { json, off, reason }) =>
  print(
    await ask(
      config,
      off ? { command: 'resume' } : { command: 'hold', reason: reason ?? 'by hand' },
      SHORT_MS,
    ),
    json,
  ),
)
  .option('--json', 'print JSON')
  .option('--off', 'end the hold')
  .option('--reason <text>', 'why, for the next person');

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`agent: ${error instanceof Error ? error.message : String(error)}\n`);
  // 2: a wrong configuration, as of the `tradewind` command.
  process.exitCode = error instanceof InputError ? 2 : 1;
}
