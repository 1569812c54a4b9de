import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { basename, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { EnvironmentError, environmentFile, infraPath, shippedEnvironments } from '../model/index.js';
import { stdoutColors } from './colors.js';
import type { SynthesisReport } from './synthesize.js';

const colors = stdoutColors();

interface Outcome {
  readonly name: string;
  readonly ok: boolean;
  readonly output: string;
  readonly report?: SynthesisReport;
}

/**
 * `npm run synth`: every environment in both forms, with its pictures, from files alone. Each environment is made in a
 * process of its own, so that they use all cores and one that fails leaves the others whole.
 */
async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('synth')
    .description('make the CDK and the Terraform form of environments, and pictures of what will exist')
    .argument('[environments...]', 'names or files; default: all that ship')
    .option('--strict', 'warnings fail too', false)
    .option('-o, --out <folder>', 'where to write', infraPath('out'))
    .option(
      '--jobs <count>',
      'environments made at once',
      String(Math.max(1, Math.min(4, availableParallelism()))),
    )
    .showHelpAfterError()
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
  program.parse([...argv]);
  const { strict, out, jobs } = program.opts<{ strict: boolean; out: string; jobs: string }>();
  const count = Number(jobs);
  if (!Number.isInteger(count) || count < 1) program.error(`--jobs ${jobs}: write a whole number from 1`);
  const files = program.args.length > 0 ? program.args.map(environmentFile) : shippedEnvironments();

  const began = performance.now();
  const outcomes = await inParallel(files, count, async (file) => {
    const outcome = await synthesizeApart(file, resolve(out), strict);
    process.stdout.write(describe(outcome));
    return outcome;
  });
  const failed = outcomes.filter((outcome) => !outcome.ok);
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  process.stdout.write(
    failed.length === 0
      ? `${outcomes.length} environments in ${seconds} s, written to ${relative('.', resolve(out)) || '.'}\n`
      : `${failed.length} of ${outcomes.length} environments failed (${failed.map((one) => one.name).join(', ')}), ${seconds} s\n`,
  );
  return failed.length === 0 ? 0 : 1;
}

async function synthesizeApart(file: string, out: string, strict: boolean): Promise<Outcome> {
  const script = fileURLToPath(new URL('./synthesize.js', import.meta.url));
  const name = basename(file, '.yaml');
  process.stderr.write(`${name}: making ...\n`);
  const child = spawn(process.execPath, [script, file, out, ...(strict ? ['--strict'] : [])], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, CHECKPOINT_DISABLE: '1', CDK_DISABLE_CLI_TELEMETRY: '1' },
  });
  let output = '';
  let report: SynthesisReport | undefined;
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (output += data));
  child.on('message', (message) => (report = message as SynthesisReport));
  const code = await new Promise<number | null>((done) => child.on('close', done));
  return { name, ok: code === 0, output, ...(report ? { report } : {}) };
}

function describe({ name, ok, output, report }: Outcome): string {
  const title = ok ? colors.green('ok') : colors.red('FAILED');
  if (!report) return `\n${colors.bold(name)}  ${title}\n${output}`;
  const lines = [
    `${report.stacks} stacks, ${report.resources} resources, ${report.roles} roles, about ${Math.round(report.monthly).toLocaleString('en-US')} US dollars a month`,
    `CDK ${report.seconds.cdk.toFixed(1)} s, Terraform ${report.seconds.terraform.toFixed(1)} s, pictures ${report.seconds.pictures.toFixed(1)} s`,
    `look at ${relative('.', report.page)}`,
    ...report.consequences.map((text) => `- ${text}`),
    ...report.findings.map((text) => colors.red(text)),
  ];
  return `\n${colors.bold(name)}  ${title}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

async function inParallel<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}

try {
  process.exitCode = await main(process.argv);
} catch (error) {
  if (!(error instanceof EnvironmentError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
