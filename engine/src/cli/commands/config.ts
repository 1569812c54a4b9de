import { Command } from 'commander';
import {
  configDigest,
  configJsonSchema,
  loadConfig,
  resolveCredentials,
  tradingMode,
} from '../../config/index.js';

export function configCommand(): Command {
  const config = new Command('config').description('check and describe configuration');
  config
    .command('check')
    .description('say everything that is wrong with a configuration, or what it amounts to')
    .argument('[file]', 'YAML file (default: built-in settings and TRADEWIND_* variables)')
    .option('--secrets', 'also resolve the credentials it refers to')
    .option('--print', 'print the complete configuration as JSON')
    .action((file: string | undefined, flags: { secrets?: boolean; print?: boolean }) => {
      const { config: checked } = loadConfig(file, process.env);
      if (flags.secrets) resolveCredentials(checked, process.env);
      if (flags.print) process.stdout.write(`${JSON.stringify(checked, null, 2)}\n`);
      const symbols = checked.venue.symbols.join(', ');
      process.stderr.write(
        `configuration is valid: ${tradingMode(checked)} on ${checked.venue.name}, ${symbols}, ` +
          `${checked.strategies.length} strategies, digest ${configDigest(checked)}\n`,
      );
    });
  config
    .command('schema')
    .description('print the JSON schema, for editors')
    .action(() => {
      process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    });
  return config;
}
