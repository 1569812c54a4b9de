import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { type EnvironmentPlan, endpointAccess } from '../../model/index.js';
import { pascal } from './logical-id.js';

export interface InterfaceEndpointsProps {
  readonly plan: EnvironmentPlan;
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly hostSecurityGroupId: string;
}

/** AWS services on addresses inside the VPC, for hosts alone; `endpointAccess` says what passes. */
export class InterfaceEndpoints extends Construct {
  constructor(scope: Construct, id: string, props: InterfaceEndpointsProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const group = new ec2.CfnSecurityGroup(this, 'SecurityGroup', {
      vpcId: props.vpcId,
      groupDescription: 'Interface endpoints: TLS from hosts alone',
      securityGroupIngress: [
        {
          ipProtocol: 'tcp',
          fromPort: 443,
          toPort: 443,
          sourceSecurityGroupId: props.hostSecurityGroupId,
          description: 'TLS from hosts',
        },
      ],
      // An endpoint opens no flows. A rule that matches nothing keeps EC2 from allowing all of them.
      securityGroupEgress: [
        { ipProtocol: 'icmp', fromPort: 252, toPort: 86, cidrIp: '255.255.255.255/32', description: 'None' },
      ],
    });
    new ec2.CfnSecurityGroupEgress(this, 'HostEgress', {
      groupId: props.hostSecurityGroupId,
      ipProtocol: 'tcp',
      fromPort: 443,
      toPort: 443,
      destinationSecurityGroupId: group.attrGroupId,
      description: 'AWS services through interface endpoints',
    });
    for (const service of props.plan.network.interfaceEndpoints) {
      new ec2.CfnVPCEndpoint(this, pascal(service), {
        vpcId: props.vpcId,
        serviceName: `com.amazonaws.${stack.region}.${service}`,
        vpcEndpointType: 'Interface',
        privateDnsEnabled: true,
        subnetIds: [...props.subnetIds],
        securityGroupIds: [group.attrGroupId],
        policyDocument: {
          Version: '2012-10-17',
          Statement: endpointAccess(props.plan, service, stack.partition),
        },
      });
    }
  }
}
