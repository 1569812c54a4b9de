import { mkdirSync } from 'node:fs';
import { App } from 'cdktf';
import type { EngineRelease } from '../delivery/index.js';
import { EnvironmentError, type EnvironmentPlan } from '../model/index.js';
import { TerraformEnvironment } from './environment-stack.js';
import { TERRAFORM_VERSION } from './resources/provider.js';
import { unsupported } from './unsupported.js';

/**
 * Writes the Terraform form of an environment: `<outDir>/stacks/<name>/cdk.tf.json`, and `<name>-dr` beside it where the
 * plan has a second Region, which is applied first. Gives the names written; throws where the provider can not make what
 * the plan says.
 */
export function synthesizeTerraform(
  plan: EnvironmentPlan,
  release: EngineRelease,
  outDir: string,
): readonly string[] {
  const { config, dr } = plan;
  const problems = unsupported(config);
  if (problems.length > 0) throw new EnvironmentError(config.name, problems);
  mkdirSync(outDir, { recursive: true });
  const app = new App({
    outdir: outDir,
    stackTraces: false,
    context: { targetVersions: { terraform: TERRAFORM_VERSION, opentofu: TERRAFORM_VERSION } },
  });
  const stacks = [new TerraformEnvironment(app, config.name, plan, release)];
  if (dr) stacks.push(new TerraformEnvironment(app, `${config.name}-dr`, dr, release));
  app.synth();
  return stacks.map((stack) => stack.node.id);
}
