import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { type EnvironmentPlan, endpointAccess } from '../../model/index.js';

export interface GatewayEndpointsProps {
  readonly plan: EnvironmentPlan;
  readonly vpcId: string;
  readonly routeTableIds: readonly string[];
}

/** S3 and DynamoDB without a way over the internet; `endpointAccess` says what passes. */
export class GatewayEndpoints extends Construct {
  constructor(scope: Construct, id: string, { plan, vpcId, routeTableIds }: GatewayEndpointsProps) {
    super(scope, id);
    const { partition, region } = Stack.of(this);
    for (const service of plan.network.gatewayEndpoints) {
      new ec2.CfnVPCEndpoint(this, service === 's3' ? 'S3' : 'DynamoDb', {
        vpcId,
        serviceName: `com.amazonaws.${region}.${service}`,
        vpcEndpointType: 'Gateway',
        routeTableIds: [...routeTableIds],
        policyDocument: { Version: '2012-10-17', Statement: endpointAccess(plan, service, partition) },
      });
    }
  }
}
