import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import {
  type Change,
  compare,
  type GoldenStacks,
  normalize,
  readGolden,
  writeGolden,
} from '../cdk/policy/replacement/index.js';
import { synthesizeTemplates } from '../cdk/synthesize.js';
import {
  EnvironmentError,
  type EnvironmentPlan,
  environmentFile,
  infraPath,
  loadEnvironment,
  planEnvironment,
  shippedEnvironments,
} from '../model/index.js';
import type { SynthesizedStack } from '../pictures/index.js';
import { stdoutColors } from './colors.js';

const colors = stdoutColors();

/** `npm run gate`: refuses a change that would delete, replace or unprotect what an environment must not lose. */
function main(argv: readonly string[]): number {
  const program = new Command('gate')
    .description('compare what would be deployed with the committed templates in infra/golden')
    .argument('[environments...]', 'names or files; default: all that ship')
    .option('--update', 'accept all changes: rewrite the committed templates', false)
    .showHelpAfterError()
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
  program.parse([...argv]);
  const { update } = program.opts<{ update: boolean }>();
  const files = program.args.length > 0 ? program.args.map(environmentFile) : shippedEnvironments();
  const refused = files.flatMap((file) => checkEnvironment(file, update));
  if (refused.length === 0) return 0;
  process.stdout.write(
    `\n${colors.red(`${refused.length} changes refused`)}: take them back, or plan a migration and accept them with \`npm run gate -- --update\`\n`,
  );
  return 1;
}

function checkEnvironment(file: string, update: boolean): Change[] {
  const plan = planEnvironment(loadEnvironment(file).config);
  const folder = infraPath('golden', plan.config.name);
  const current: GoldenStacks = Object.fromEntries(
    nominalTemplates(plan).map((stack) => [stack.name, normalize(stack)]),
  );
  const changes = compare(readGolden(folder), current);
  process.stdout.write(table(plan.config.name, changes, update));
  if (!update) return changes.filter((change) => change.refused);
  writeGolden(folder, current);
  return [];
}

/** The templates with a release without content: which one is delivered changes no resource the gate guards. */
function nominalTemplates(plan: EnvironmentPlan): readonly SynthesizedStack[] {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-gate-'));
  try {
    const archive = join(folder, 'release.tar.gz');
    writeFileSync(archive, '');
    const release = { version: '0.0.0-gate-00000000', archive, sha256: '0'.repeat(64) };
    return synthesizeTemplates(plan, release, join(folder, 'out'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const MARKS = { added: '+', changed: '~', removed: '-', replaced: '!', 'perhaps replaced': '?' } as const;

function table(environment: string, changes: readonly Change[], accepted: boolean): string {
  const title = colors.bold(environment);
  if (changes.length === 0) return `${title}: as committed\n`;
  const lines = changes.map(({ stack, logicalId, type, kind, properties, refused }) => {
    const what = `${MARKS[kind]} ${kind.padEnd(16)} ${stack}/${logicalId} (${type})`;
    const which = properties.length > 0 ? `  ${properties.join(', ')}` : '';
    if (!refused) return `  ${what}${which}`;
    const verdict = accepted ? colors.yellow('accepted') : colors.red('REFUSED');
    return `  ${what}${which}\n    ${verdict}: ${refused}`;
  });
  return `${title}: ${changes.length} changes${accepted ? ' accepted' : ''}\n${lines.join('\n')}\n`;
}

try {
  process.exitCode = main(process.argv);
} catch (error) {
  if (!(error instanceof EnvironmentError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
