import { mkdirSync } from 'node:fs';
import { App } from 'cdktf';
import type { EngineRelease } from '../delivery/index.js';
import type { EnvironmentPlan } from '../model/index.js';
import { TerraformEnvironment } from './environment-stack.js';
import { TERRAFORM_VERSION } from './resources/provider.js';

/**
 * Writes the Terraform form of an environment: `<outDir>/stacks/<name>/cdk.tf.json`, and `<name>-dr` beside it where the
 * plan has a second Region. Gives the names written.
 */
export function synthesizeTerraform(
  plan: EnvironmentPlan,
  release: EngineRelease,
  outDir: string,
): readonly string[] {
  mkdirSync(outDir, { recursive: true });
  const app = new App({
    outdir: outDir,
    stackTraces: false,
    context: { targetVersions: { terraform: TERRAFORM_VERSION, opentofu: TERRAFORM_VERSION } },
  });
  const { config, dr, backup } = plan;
  const stacks = [new TerraformEnvironment(app, config.name, plan, { release })];
  if (dr) {
    const copyVault = backup.copyVault?.vault;
    const props = { release, ...(copyVault ? { copyVault } : {}) };
    stacks.push(new TerraformEnvironment(app, `${config.name}-dr`, dr, props));
  }
  app.synth();
  return stacks.map((stack) => stack.node.id);
}
