/**
 * cli: the `tradewind` command. Arguments enter, a process with an exit code leaves: 0 done, 1 failed, 2 wrong arguments or
 * configuration, 3 the venue did not confirm that no order of ours is left.
 */
import { CommanderError } from 'commander';
import { ConfigError } from '../config/index.js';
import { createProgram } from './program.js';

/** How long a finished command may be kept alive by what it forgot to close, e.g. a request nobody answers. */
const LINGER_MS = 1_000;

try {
  await createProgram().parseAsync();
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
