import { Command, type OutputConfiguration } from 'commander';
import { configCommand } from './commands/config.js';
import { paperCommand } from './commands/paper.js';
import { replayCommand } from './commands/replay.js';
import { simCommand } from './commands/sim.js';
import { switchCommands } from './commands/switch.js';
import { venueCommand } from './commands/venue.js';
import { version } from './version.js';

/** The command with all its subcommands. Wrong arguments reject `parseAsync` with a CommanderError, once they were told. */
export function createProgram(output: OutputConfiguration = {}): Command {
  const program = new Command('tradewind')
    .description('Trading engine for crypto venues: paper trading, a simulated venue, replay')
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
    replayCommand(),
    simCommand(),
    configCommand(),
    venueCommand(),
    ...switchCommands(),
  ]) {
    program.addCommand(command.copyInheritedSettings(program));
    for (const sub of command.commands) sub.copyInheritedSettings(program);
  }
  return program;
}
