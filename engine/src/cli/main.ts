/**
 * cli: the `tradewind` command. Arguments enter, a process with an exit code leaves: 0 done, 1 failed, 2 wrong arguments or
 * configuration, 3 the venue did not confirm that no order of ours is left.
 */
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config/index.js';
import { configCommand } from './commands/config.js';
import { paperCommand } from './commands/paper.js';
import { replayCommand } from './commands/replay.js';
import { simCommand } from './commands/sim.js';
import { switchCommands } from './commands/switch.js';
import { venueCommand } from './commands/venue.js';
import { version } from './version.js';

/** How long a finished command may be kept alive by what it forgot to close, e.g. a request nobody answers. */
const LINGER_MS = 1_000;

const program = new Command('tradewind')
  .description('Trading engine for crypto venues: paper trading, a simulated venue, replay')
  .version(version)
  .exitOverride()
  .showSuggestionAfterError()
  .configureOutput({ outputError: (text, write) => write(`tradewind: ${text.replace(/^error: /, '')}`) });
for (const command of [
  paperCommand(),
  replayCommand(),
  simCommand(),
  configCommand(),
  venueCommand(),
  ...switchCommands(),
]) {
  program.addCommand(command.copyInheritedSettings(program));
  for (const sub of command.commands) sub.copyInheritedSettings(program);
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    const usage = error instanceof ConfigError;
    const text = error instanceof Error ? error.message : String(error);
    process.stderr.write(`tradewind: ${text}\n`);
    process.exitCode = usage ? 2 : 1;
  }
}
setTimeout(() => process.exit(), LINGER_MS).unref();
