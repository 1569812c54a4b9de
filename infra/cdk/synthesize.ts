import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import type { EngineRelease } from '../delivery/index.js';
import { type EnvironmentPlan, infraPath } from '../model/index.js';
import type { SynthesizedStack } from '../pictures/index.js';
import { buildEnvironment } from './build-environment.js';
import { applyPolicy, type PolicyFinding } from './policy/index.js';

export interface CdkSynthesis {
  readonly stacks: readonly SynthesizedStack[];
  readonly findings: readonly PolicyFinding[];
  /** The findings refuse a deployment. */
  readonly refused: boolean;
}

/**
 * Writes the CDK form of an environment as a cloud assembly, without the CDK command line: the same stacks, feature flags
 * and policy as `cdk synth`.
 */
export function synthesizeCdk(
  plan: EnvironmentPlan,
  release: EngineRelease,
  { out, strict }: { readonly out: string; readonly strict: boolean },
): CdkSynthesis {
  const app = new App({ outdir: out, context: featureFlags(), analyticsReporting: false });
  buildEnvironment(app, plan, release);
  const policy = applyPolicy(app, { strict });
  const stacks = assembled(app);
  const result = policy.result(out);
  // The CDK refuses by throwing, after it wrote what it found; without findings it failed for another reason.
  if (stacks instanceof Error && result.findings.length === 0) throw stacks;
  return {
    stacks: stacks instanceof Error ? [] : stacks,
    findings: result.findings,
    refused: stacks instanceof Error || policy.refuses(result),
  };
}

/** The templates alone, without the policy: what the replacement gate compares. */
export function synthesizeTemplates(
  plan: EnvironmentPlan,
  release: EngineRelease,
  out: string,
): readonly SynthesizedStack[] {
  const app = new App({
    outdir: out,
    context: featureFlags(),
    builtinCloudFormationValidation: false,
    analyticsReporting: false,
  });
  buildEnvironment(app, plan, release);
  return stacksOf(app);
}

function assembled(app: App): readonly SynthesizedStack[] | Error {
  try {
    return stacksOf(app);
  } catch (error) {
    return error as Error;
  }
}

function stacksOf(app: App): readonly SynthesizedStack[] {
  return app.synth().stacksRecursively.map((stack) => ({
    name: stack.stackName,
    region: stack.environment.region,
    stateful: stack.terminationProtection ?? false,
    template: stack.template,
  }));
}

/** The context of cdk.json, which the command line would have given. */
function featureFlags(): Record<string, unknown> {
  return JSON.parse(readFileSync(infraPath('cdk', 'cdk.json'), 'utf8')).context;
}
