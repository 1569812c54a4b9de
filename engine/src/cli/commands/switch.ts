import { userInfo } from 'node:os';
import { Command } from 'commander';
import { loadConfig } from '../../config/index.js';
import { TradingState } from '../../domain/index.js';
import { systemClock } from '../../telemetry/index.js';

const COMMANDS = [
  ['halt', TradingState.Halted, 'kill switch: cancel every open order and send no new one, until resumed'],
  ['reduce', TradingState.Reducing, 'allow only orders that make a position smaller'],
  [
    'resume',
    TradingState.Active,
    'trade again after a halt, by a person or a breaker; loss budgets start afresh',
  ],
] as const;

/** `halt`, `reduce` and `resume`. */
export function switchCommands(): Command[] {
  return COMMANDS.map(([name, state, description]) =>
    new Command(name)
      .description(description)
      .requiredOption('--why <reason>', 'why; kept with the decision')
      .option('--who <name>', 'who decides (default: the user of this machine)')
      .option('-c, --config <file>', "the engine's configuration: its state folder holds the switch")
      .action(async (flags: { why: string; who?: string; config?: string }) => {
        const { config } = loadConfig(flags.config, process.env);
        const { TradingSwitch } = await import('../../wiring/index.js');
        const file = new TradingSwitch(config.session.stateDir);
        file.set({ state, who: flags.who ?? userInfo().username, why: flags.why }, systemClock.nowUs());
        process.stdout.write(
          `${name}: stored in ${file.path}; an engine running there acts within a second\n`,
        );
      }),
  );
}
