import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesizeTerraform } from '../../cdktf/index.js';
import type { EngineRelease } from '../../delivery/index.js';
import type { EnvironmentPlan } from '../../model/index.js';
import { type EnvironmentName, shippedPlan } from '../support/test-app.js';

export type Arguments = Readonly<Record<string, unknown>>;

/** What this package writes of Terraform's JSON syntax. */
export interface TerraformJson {
  readonly provider: { readonly aws: readonly Arguments[] };
  readonly resource: Readonly<Record<string, Readonly<Record<string, Arguments>>>>;
  readonly terraform: Arguments;
  readonly output?: Arguments;
}

/** The Terraform form of one Region, parsed, and the plan it was made from. */
export interface Module {
  readonly name: string;
  readonly plan: EnvironmentPlan;
  readonly json: TerraformJson;
}

/** A release whose archive is in `folder`; its content is of no interest here. */
export function fakeRelease(folder: string): EngineRelease {
  const archive = join(folder, 'release.tar.gz');
  writeFileSync(archive, 'a release');
  return { version: '0.1.0-test', archive, sha256: 'ab'.repeat(32) };
}

/** Every module of an environment that ships. */
export function modulesOf(environment: EnvironmentName): Module[] {
  return modulesOfPlan(shippedPlan(environment));
}

export function modulesOfPlan(plan: EnvironmentPlan): Module[] {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-cdktf-'));
  try {
    const names = synthesizeTerraform(plan, fakeRelease(folder), join(folder, 'out'));
    return names.map((name, index) => ({
      name,
      plan: index === 0 ? plan : (plan.dr as EnvironmentPlan),
      json: JSON.parse(readFileSync(join(folder, 'out', 'stacks', name, 'cdk.tf.json'), 'utf8')),
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Resources of one type, by name. */
export function resources({ json }: Module, type: string): Readonly<Record<string, Arguments>> {
  return json.resource[type] ?? {};
}

/** Their arguments, in the order of their names. */
export function all(module: Module, type: string): Arguments[] {
  const found = resources(module, type);
  return Object.keys(found)
    .sort()
    .map((name) => found[name] as Arguments);
}

/** An attribute as Terraform's JSON refers to it. */
export function reference(path: string): string {
  return `\${${path}}`;
}
