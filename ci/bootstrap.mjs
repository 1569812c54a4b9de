// Makes the two commands of the README work on a machine with only Node and npm: installs and builds what is missing or
// out of date, does nothing when all is there, then runs what was asked for. Uses nothing but Node itself.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { INFRA_LAYERS } from './infra-layers.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (...parts) => join(root, ...parts);

/** Projects `tsc -b` builds: the file whose date says when, and what it is made from. */
const BASE = [at('tsconfig.base.json')];
const PROJECTS = {
  engine: project('engine'),
  'engine/chaos': project('engine/chaos'),
  'engine/chaos/real': project('engine/chaos/real'),
  infra: {
    built: at('infra', 'dist', '.tsbuildinfo'),
    sources: [...INFRA_LAYERS.map((layer) => at('infra', layer)), at('infra', 'tsconfig.json'), ...BASE],
  },
};

/** A project with its sources in `src`. */
function project(path) {
  return {
    built: at(path, 'dist', '.tsbuildinfo'),
    sources: [at(path, 'src'), at(path, 'tsconfig.json'), ...BASE],
  };
}

/** Made by synthesis, inside folders of sources. */
const OUTPUTS = new Set(['cdk.out', 'cdktf.out']);

function fail(message) {
  process.stderr.write(`tradewind: ${message}\n`);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(`Node 20.19 or later is needed, this is ${process.versions.node}`);
  }
}

/** The parts of the environment an installed tree depends on. */
function installKey() {
  const hash = createHash('sha256').update(readFileSync(at('package-lock.json')));
  return hash.update(`${process.platform} ${process.arch} ${process.versions.modules}`).digest('hex');
}

function install() {
  const stamp = at('node_modules', '.tradewind-installed');
  const key = installKey();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === key) return;
  step('installing dependencies (npm ci)', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, key);
}

/** Builds those of the projects that are older than their sources; the later ones build what they refer to. */
function build(...names) {
  for (const name of names) {
    const { built, sources } = PROJECTS[name];
    const date = existsSync(built) ? statSync(built).mtimeMs : 0;
    if (date > 0 && sources.every((path) => newest(path) <= date)) continue;
    const tsc = at('node_modules', 'typescript', 'bin', 'tsc');
    step(`building ${name} (tsc -b)`, process.execPath, [tsc, '-b', at(name)]);
  }
}

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  let latest = stat.mtimeMs;
  for (const name of readdirSync(path)) {
    if (!OUTPUTS.has(name)) latest = Math.max(latest, newest(join(path, name)));
  }
  return latest;
}

function step(label, command, args) {
  const began = Date.now();
  process.stderr.write(`tradewind: ${label} ...\n`);
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (error) fail(`${label}: ${error.message}`);
  if (status !== 0) fail(`${label} failed; its output is above`);
  process.stderr.write(`tradewind: ${label} took ${((Date.now() - began) / 1000).toFixed(1)} s\n`);
}

/** Runs a child to its end as if it were this process: same terminal, signals passed on, same exit code. */
function become(args, env = {}, cwd = root) {
  const child = spawn(process.execPath, args, {
    cwd,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(error.message));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
}

/** The CLI runs in this very process, so that a signal reaches it once. */
async function cli(args) {
  process.argv = [process.argv[0], at('engine', 'bin', 'tradewind.mjs'), ...args];
  await import('../engine/dist/cli/main.js');
}

function jest(args) {
  const options = [process.env.NODE_OPTIONS, '--experimental-vm-modules', '--no-warnings']
    .filter(Boolean)
    .join(' ');
  become([at('node_modules', 'jest', 'bin', 'jest.js'), ...args], { NODE_OPTIONS: options });
}

/** The CDK command line in its folder, with nothing sent home. */
function cdk(args) {
  process.chdir(at('infra', 'cdk'));
  become(
    [at('node_modules', 'aws-cdk', 'bin', 'cdk'), ...args],
    { CDK_DISABLE_CLI_TELEMETRY: '1' },
    process.cwd(),
  );
}

checkNode();
const [task, ...args] = process.argv.slice(2);
install();
// The engine starts without waiting for the build of the infrastructure.
if (task === 'start' || task === 'tradewind') build('engine');
else if (task === 'run' && args[0].startsWith('engine/chaos/'))
  build('engine', 'engine/chaos', 'engine/chaos/real');
else if (task === 'run' && args[0].startsWith('benchmarks/')) build('engine');
else if (task === 'run') build('engine', 'infra');
else build(...Object.keys(PROJECTS));
if (task === 'start') await cli(['paper', ...args]);
else if (task === 'tradewind') await cli(args);
else if (task === 'test') jest(args);
// Where it was called, for the CDK command line tells its app where to write as seen from there.
else if (task === 'run') become([at(args[0]), ...args.slice(1)], {}, process.cwd());
else if (task === 'cdk') cdk(args);
else if (task !== 'build') fail(`unknown task ${task}; tasks are start, test, tradewind, run, cdk and build`);
