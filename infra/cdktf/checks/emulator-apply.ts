import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Command } from 'commander';
import { buildEnvironmentRelease } from '../../delivery/index.js';
import { environmentFile, loadEnvironment, planEnvironment } from '../../model/index.js';
import { synthesizeTerraform } from '../index.js';
import { forEmulator, LEFT_OUT } from './emulator-module.js';
import { OfflineTerraform, onPath, providerMirror } from './offline-terraform.js';

/** A step that takes longer is ended and counts as failed. */
const STEP_MS = 8 * 60_000;

/**
 * `node infra/dist/cdktf/checks/emulator-apply.js [environment...]`: applies the Terraform form against a local moto_server,
 * looks whether a second plan finds anything to change, and destroys it again. Prints what came of it, by resource type.
 */
async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('emulator-apply')
    .description('apply, plan again and destroy the Terraform form against a local emulator of the AWS API')
    .argument('[environments...]', 'names or files', ['dev-single'])
    .option('--keep', 'keep the folder of each module', false);
  program.parse([...argv]);
  const mirror = providerMirror();
  const missing = [
    ...(onPath('terraform') ? [] : ['terraform on PATH']),
    ...(onPath('moto_server') ? [] : ['moto_server on PATH']),
    ...(mirror ? [] : ['a mirror with hashicorp/aws 5.100.0 (TF_PLUGIN_MIRROR)']),
  ];
  if (missing.length > 0 || !mirror) {
    process.stdout.write(`skipped: this machine has no ${missing.join(', no ')}\n`);
    return 0;
  }
  const { keep } = program.opts<{ keep: boolean }>();
  let failed = 0;
  for (const nameOrFile of program.args.length > 0 ? program.args : ['dev-single']) {
    if (!(await rehearse(environmentFile(nameOrFile), mirror, keep))) failed++;
  }
  return failed === 0 ? 0 : 1;
}

/** One environment, its second Region first, against an emulator of its own. */
async function rehearse(file: string, mirror: string, keep: boolean): Promise<boolean> {
  const loaded = loadEnvironment(file);
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-emulator-'));
  const port = await freePort();
  const emulator = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
    env: { ...process.env, MOTO_IAM_LOAD_MANAGED_POLICIES: 'true' },
  });
  const endpoint = `http://localhost:${port}`;
  try {
    await answers(endpoint, emulator);
    const names = synthesizeTerraform(
      planEnvironment(loaded.config),
      buildEnvironmentRelease(loaded),
      folder,
    );
    const modules = [...names]
      .reverse()
      .map((name) => new Rehearsal(name, join(folder, 'stacks', name), mirror, endpoint));
    const applied = modules.map((module) => module.apply());
    const unchanged = modules.map((module) => module.planAgain());
    const destroyed = [...modules].reverse().map((module) => module.destroy());
    return [...applied, ...unchanged, ...destroyed].every(Boolean);
  } finally {
    emulator.kill();
    if (keep) process.stdout.write(`kept: ${folder}\n`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

class Rehearsal {
  readonly #terraform: OfflineTerraform;
  readonly #planned: ReadonlyMap<string, number>;
  readonly #leftOut: readonly string[];

  constructor(
    private readonly name: string,
    folder: string,
    mirror: string,
    endpoint: string,
  ) {
    const path = join(folder, 'cdk.tf.json');
    const whole = JSON.parse(readFileSync(path, 'utf8'));
    const module = forEmulator(whole);
    writeFileSync(path, JSON.stringify(module));
    this.#planned = counts(module.resource);
    this.#leftOut = Object.keys(whole.resource).filter((type) => type in LEFT_OUT);
    this.#terraform = new OfflineTerraform(folder, { mirror, endpoint });
  }

  apply(): boolean {
    const init = this.#terraform.run(['init', '-input=false'], STEP_MS);
    if (init.code !== 0) return this.#say(false, 'init', init.output);
    const { code, output } = this.#terraform.run(['apply', '-auto-approve', '-input=false'], STEP_MS);
    const made = new Map<string, number>();
    for (const [, type] of output.matchAll(/^(\w+)\.\S+: Creation complete/gm)) {
      made.set(type as string, (made.get(type as string) ?? 0) + 1);
    }
    const rows = [...this.#planned].map(([type, planned]) => `  ${type} ${made.get(type) ?? 0}/${planned}`);
    const total = [...this.#planned.values()].reduce((sum, count) => sum + count, 0);
    const done = [...made.values()].reduce((sum, count) => sum + count, 0);
    process.stdout.write(`${this.name}: ${done} of ${total} resources applied\n${rows.join('\n')}\n`);
    for (const type of this.#leftOut) process.stdout.write(`  ${type} left out: ${LEFT_OUT[type]}\n`);
    return this.#say(code === 0, 'apply', errorsOf(output));
  }

  planAgain(): boolean {
    const { code, output } = this.#terraform.run(['plan', '-input=false', '-detailed-exitcode'], STEP_MS);
    return this.#say(
      code === 0,
      'second plan finds no changes',
      code === 2 ? output.slice(output.indexOf('Terraform will perform')) : errorsOf(output),
    );
  }

  destroy(): boolean {
    const { code, output } = this.#terraform.run(['destroy', '-auto-approve', '-input=false'], STEP_MS);
    return this.#say(code === 0, 'destroy', errorsOf(output));
  }

  #say(ok: boolean, what: string, detail: string): boolean {
    process.stdout.write(`${this.name}: ${what}: ${ok ? 'ok' : `FAILED\n${detail}`}\n`);
    return ok;
  }
}

function counts(resource: Readonly<Record<string, object>>): Map<string, number> {
  return new Map(Object.entries(resource).map(([type, byName]) => [type, Object.keys(byName).length]));
}

function errorsOf(output: string): string {
  return [...output.matchAll(/^Error: .*(?:\n\n? {2}with .*)?/gm)].map(([text]) => text).join('\n');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === 'string') throw new Error('no free port on this machine');
  return address.port;
}

async function answers(endpoint: string, emulator: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 60 && emulator.exitCode === null; attempt++) {
    const response = await fetch(`${endpoint}/moto-api/`).catch(() => undefined);
    if (response?.ok) return;
    await wait(500);
  }
  throw new Error(`moto_server did not answer at ${endpoint} within 30 s`);
}

process.exitCode = await main(process.argv);
