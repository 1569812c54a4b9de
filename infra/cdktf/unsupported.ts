import type { EnvironmentConfig, EnvironmentProblem } from '../model/index.js';
import { AWS_PROVIDER_VERSION } from './resources/provider.js';

const PROVIDER = `hashicorp/aws ${AWS_PROVIDER_VERSION}`;

/** Settings the provider has no argument for and nothing else can stand in for: refused rather than left out. */
export function unsupported({ placement, hosts }: EnvironmentConfig): EnvironmentProblem[] {
  const problems: EnvironmentProblem[] = [];
  if (placement.strategy === 'shared') {
    problems.push({
      path: 'placement.strategy',
      value: placement.strategy,
      message: `a group of another account is joined by its id, and aws_launch_template of ${PROVIDER} takes a name alone`,
      fix: 'use the CDK form of this environment, or another strategy',
    });
  }
  if (hosts.enaQueues !== undefined) {
    problems.push({
      path: 'hosts.enaQueues',
      value: String(hosts.enaQueues),
      message: `aws_launch_template of ${PROVIDER} can not set the number of queues`,
      fix: 'use the CDK form of this environment, or leave the number to the driver',
    });
  }
  return problems;
}
