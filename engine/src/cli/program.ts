import { Command, type OutputConfiguration } from 'commander';
import { configCommand } from './commands/config.js';
import { haCommand } from './commands/ha.js';
import { hostCommand } from './commands/host.js';
import { journalCommand } from './commands/journal.js';
import { replayCommand } from './commands/replay.js';
import { liveCommand, paperCommand } from './commands/run.js';
import { simCommand } from './commands/sim.js';
import { switchCommands } from './commands/switch.js';
import { venueCommand } from './commands/venue.js';
import { version } from './version.js';

/** The command with all its subcommands. Wrong arguments reject `parseAsync` with a CommanderError, once they were told. */
export function createProgram(output: OutputConfiguration = {}): Command {
  const program = new Command('tradewind')
    .description(
      'Trading engine for crypto venues: paper and live trading, hot standby, a simulated venue, replay',
    )
    .version(version)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      ...output,
      // One line, the suggestion too.
      outputError: (text, write) =>
        write(
          `tradewind: ${text
            .replace(/^error: /, '')
            .trimEnd()
            .replaceAll('\n', ' ')}\n`,
        ),
    });
  for (const command of [
    paperCommand(),
    liveCommand(),
    replayCommand(),
    journalCommand(),
    simCommand(),
    configCommand(),
    venueCommand(),
    hostCommand(),
    haCommand(),
    ...switchCommands(),
  ]) {
    program.addCommand(command.copyInheritedSettings(program));
    for (const sub of below(command)) sub.copyInheritedSettings(program);
  }
  return program;
}

/** All commands below one, at any depth. */
function below(command: Command): Command[] {
  return command.commands.flatMap((sub) => [sub, ...below(sub)]);
}
