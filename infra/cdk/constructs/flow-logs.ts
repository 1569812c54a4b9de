import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

export interface FlowLogsProps {
  /** A VPC of our own; of one that is brought, our subnets alone. */
  readonly of: { readonly vpcId: string } | { readonly subnetIds: Readonly<Record<string, string>> };
  readonly logGroup: ILogGroup;
}

/** Accepted and rejected flows, summed over a minute: the shortest there is. */
export class FlowLogs extends Construct {
  constructor(scope: Construct, id: string, { of, logGroup }: FlowLogsProps) {
    super(scope, id);
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('vpc-flow-logs.amazonaws.com'),
      description: 'Writes flow logs',
    });
    const policy = new iam.ManagedPolicy(this, 'Policy', {
      description: 'Writes flow logs',
      roles: [role],
      statements: [
        new iam.PolicyStatement({
          sid: 'WriteFlowLogs',
          actions: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
          resources: [logGroup.logGroupArn],
        }),
      ],
    });
    const targets = 'vpcId' in of ? { Vpc: of.vpcId } : of.subnetIds;
    for (const [name, resourceId] of Object.entries(targets)) {
      const flowLog = new ec2.CfnFlowLog(this, name, {
        resourceId,
        resourceType: 'vpcId' in of ? 'VPC' : 'Subnet',
        trafficType: 'ALL',
        maxAggregationInterval: 60,
        logDestinationType: 'cloud-watch-logs',
        logGroupName: logGroup.logGroupName,
        deliverLogsPermissionArn: role.roleArn,
      });
      flowLog.node.addDependency(policy);
    }
  }
}
