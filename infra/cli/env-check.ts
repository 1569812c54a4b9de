import { Command, CommanderError } from 'commander';
import { stdoutColors } from './colors.js';
import { environmentReport, formatReport } from './environment-report.js';

/**
 * `npm run env:check -- FILE...`: says everything that is wrong with environment files, or what their choices entail and how
 * recovery adds up. Exit code 0: all are right; 1: at least one is not; 2: wrong arguments. Talks to nobody.
 */
const program = new Command('env:check')
  .description('check environment files, without AWS')
  .argument('<files...>', 'environment files, e.g. infra/environments/paper-tokyo.yaml')
  .option('--json', 'print one JSON array, an item to a file')
  .showHelpAfterError()
  .exitOverride()
  .action((files: readonly string[], { json }: { json?: boolean }) => {
    const reports = files.map(environmentReport);
    const colors = stdoutColors();
    process.stdout.write(
      json
        ? `${JSON.stringify(reports, finite, 2)}\n`
        : `${reports.map((report) => formatReport(report, colors)).join('\n')}\n`,
    );
    process.exitCode = reports.every(({ ok }) => ok) ? 0 : 1;
  });

/** JSON has no infinity: what is lost without bound is null. */
function finite(_: string, value: unknown): unknown {
  return value === Number.POSITIVE_INFINITY ? null : value;
}

try {
  program.parse();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
