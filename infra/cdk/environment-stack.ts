import { Stack, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { EnvironmentPlan } from '../model/index.js';

export interface EnvironmentStackProps {
  readonly plan: EnvironmentPlan;
}

/**
 * Resources that carry no tags of the environment: on a placement group they are replace-causing, and of the other two
 * CloudFormation's published schemas do not agree on whether they take any.
 */
const UNTAGGED = ['AWS::EC2::PlacementGroup', 'AWS::CloudWatch::Dashboard', 'AWS::Grafana::Workspace'];

/**
 * A stack of one environment in one Region: named, tagged and placed from the plan. Resources are told their zone by zone
 * id, so no zone is ever looked up.
 */
export abstract class EnvironmentStack extends Stack {
  readonly plan: EnvironmentPlan;

  /** `part` names the stack, e.g. `Keys`. A stateful stack can not be deleted before its protection is taken off. */
  constructor(
    scope: Construct,
    part: string,
    { plan }: EnvironmentStackProps,
    { stateful, description }: { readonly stateful: boolean; readonly description: string },
  ) {
    const { account, region } = plan.config;
    super(scope, plan.names.stack(part), {
      stackName: plan.names.stack(part),
      description,
      env: { account, region },
      terminationProtection: stateful,
    });
    this.plan = plan;
    for (const [key, value] of Object.entries(plan.tags)) {
      Tags.of(this).add(key, value, { excludeResourceTypes: UNTAGGED });
    }
    Tags.of(this).add('tradewind:stateful', String(stateful), { excludeResourceTypes: UNTAGGED });
  }

  /** Never asked of AWS: nothing here may depend on the order of zone names in an account. */
  override get availabilityZones(): string[] {
    return [...this.plan.network.zones];
  }
}
