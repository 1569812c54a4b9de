import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { pascal } from './logical-id.js';

export interface InterfaceEndpointsProps {
  readonly vpcId: string;
  /** As in `com.amazonaws.<region>.<service>`. */
  readonly services: readonly string[];
  readonly subnetIds: readonly string[];
  readonly hostSecurityGroupId: string;
}

interface Use {
  readonly actions: readonly string[];
  /** Everything the actions touch belongs to this account. The SSM agent also reads documents of AWS. */
  readonly ownResources?: boolean;
}

/** What a host does with each service. IAM says which of it a role may do, and on what. */
const USES: Readonly<Record<string, Use>> = {
  ssm: { actions: ['ssm:*'] },
  ssmmessages: { actions: ['ssmmessages:*'] },
  ec2messages: { actions: ['ec2messages:*'] },
  logs: {
    actions: ['logs:CreateLogStream', 'logs:DescribeLog*', 'logs:PutLogEvents'],
    ownResources: true,
  },
  monitoring: {
    actions: ['cloudwatch:GetMetricData', 'cloudwatch:GetMetricStatistics', 'cloudwatch:PutMetricData'],
  },
  kms: {
    actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:GetPublicKey'],
    ownResources: true,
  },
  secretsmanager: {
    actions: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
    ownResources: true,
  },
  sts: { actions: ['sts:GetCallerIdentity'] },
  'aps-workspaces': { actions: ['aps:RemoteWrite', 'aps:QueryMetrics', 'aps:Get*'], ownResources: true },
};

/** AWS services on addresses inside the VPC, for hosts alone and, by policy, for principals of this account alone. */
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
    for (const service of props.services) {
      new ec2.CfnVPCEndpoint(this, pascal(service), {
        vpcId: props.vpcId,
        serviceName: `com.amazonaws.${stack.region}.${service}`,
        vpcEndpointType: 'Interface',
        privateDnsEnabled: true,
        subnetIds: [...props.subnetIds],
        securityGroupIds: [group.attrGroupId],
        policyDocument: policyOf(service, stack.account),
      });
    }
  }
}

function policyOf(service: string, account: string): iam.PolicyDocument {
  const use = USES[service];
  if (!use)
    throw new Error(`interface endpoint ${service}: say in interface-endpoints.ts what hosts do with it`);
  return new iam.PolicyDocument({
    statements: [
      new iam.PolicyStatement({
        sid: 'HostsOfThisAccount',
        principals: [new iam.AnyPrincipal()],
        actions: [...use.actions],
        resources: ['*'],
        conditions: {
          StringEquals: {
            'aws:PrincipalAccount': account,
            ...(use.ownResources ? { 'aws:ResourceAccount': account } : {}),
          },
        },
      }),
    ],
  });
}
