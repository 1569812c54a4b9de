import { Construct } from 'constructs';
import type { EnvironmentPlan } from '../../model/index.js';
import { IamRole, IamRolePolicy } from '../resources/identity.js';
import { FlowLog } from '../resources/network.js';
import type { LogGroupRef } from './log-groups.js';
import { placeOf } from './place.js';
import { policyDocument, trustOf } from './policy.js';

/** What is logged: a VPC of our own, or our subnets in one that is brought. */
export type FlowLogTarget = { readonly vpcId: string } | { readonly subnetId: string };

/** Every flow, accepted and refused, summed over a minute. */
export class FlowLogs extends Construct {
  constructor(
    scope: Construct,
    plan: EnvironmentPlan,
    targets: readonly FlowLogTarget[],
    group: LogGroupRef,
  ) {
    super(scope, 'flow-logs');
    const { account, region } = placeOf(plan);
    const role = new IamRole(this, 'role', {
      name: plan.names.role(`flow-logs-${region}`),
      description: 'VPC flow logs to their log group',
      assumeRolePolicy: trustOf('vpc-flow-logs.amazonaws.com', account),
    });
    new IamRolePolicy(this, 'policy', {
      name: 'write',
      role: role.ref('id'),
      policy: policyDocument({
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
        Resource: [group.arn, `${group.arn}:*`],
      }),
    });
    for (const [index, target] of targets.entries()) {
      new FlowLog(this, `log-${index + 1}`, {
        ...target,
        trafficType: 'ALL',
        iamRoleArn: role.ref('arn'),
        logDestination: group.arn,
        logDestinationType: 'cloud-watch-logs',
        maxAggregationInterval: 60,
      });
    }
  }
}
