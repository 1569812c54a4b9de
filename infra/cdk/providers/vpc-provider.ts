import { Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { IDependable } from 'constructs';
import type { NetworkPlan } from '../../model/index.js';
import type { Provider } from './provider.js';

export interface VpcPlace {
  readonly vpcId: string;
  readonly internetGatewayId: string;
  /** What a route to the internet gateway has to wait for; absent where the gateway is attached already. */
  readonly attachment?: IDependable;
  /** The security group EC2 gives to whatever names none; absent in a VPC that is brought, where others may use it. */
  readonly defaultSecurityGroupId?: string;
}

/** The VPC that is brought, or one of our own with an internet gateway and nothing else in it. */
export function vpcProvider({ cidr, existing }: NetworkPlan): Provider<VpcPlace> {
  return {
    provide(scope) {
      if (existing) return existing;
      const vpc = new ec2.CfnVPC(scope, 'Vpc', {
        cidrBlock: cidr,
        enableDnsSupport: true,
        enableDnsHostnames: true,
      });
      const reason =
        'The default security group is emptied by two API calls of this stack, as CloudFormation has no way to; the rule looks at the template alone.';
      Validations.of(vpc).acknowledge(
        { id: 'NIST.800.53.R5-VPCDefaultSecurityGroupClosed', reason },
        { id: 'PCI.DSS.321-VPCDefaultSecurityGroupClosed', reason },
      );
      const gateway = new ec2.CfnInternetGateway(scope, 'InternetGateway');
      const attachment = new ec2.CfnVPCGatewayAttachment(scope, 'InternetGatewayAttachment', {
        vpcId: vpc.ref,
        internetGatewayId: gateway.ref,
      });
      return {
        vpcId: vpc.ref,
        internetGatewayId: gateway.ref,
        attachment,
        defaultSecurityGroupId: vpc.attrDefaultSecurityGroup,
      };
    },
  };
}
