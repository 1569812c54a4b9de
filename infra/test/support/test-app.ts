import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { type EnvironmentPlan, infraPath, loadEnvironment, planEnvironment } from '../../model/index.js';

/** The environments that ship, which every test of a stack runs over. */
export const ENVIRONMENTS = ['dev-single', 'paper-tokyo', 'prod-tokyo', 'prod-virginia'] as const;

export type EnvironmentName = (typeof ENVIRONMENTS)[number];

/** An app with the feature flags of cdk.json. Templates are validated by the policy tests, not in each of these. */
export function testApp(context: Readonly<Record<string, unknown>> = {}): App {
  const { context: flags } = JSON.parse(readFileSync(infraPath('cdk', 'cdk.json'), 'utf8'));
  return new App({ context: { ...flags, ...context }, builtinCloudFormationValidation: false });
}

export function shippedPlan(name: EnvironmentName): EnvironmentPlan {
  return planEnvironment(loadEnvironment(infraPath('environments', `${name}.yaml`)).config);
}
