import { Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { SubnetPlan } from '../../model/index.js';
import type { VpcPlace } from '../providers/index.js';
import type { SubnetRef } from '../refs.js';

export interface WalledSubnetProps {
  readonly subnet: SubnetPlan;
  readonly vpc: VpcPlace;
  /** Block all subnets of the environment are cut from. */
  readonly home: string;
  /** TCP ports its hosts may reach outside; none in a private subnet. Security groups say at which addresses. */
  readonly outsidePorts: readonly number[];
}

const ANYWHERE = '0.0.0.0/0';
const TCP = 6;
const ICMP = 1;
const ALL = -1;

/**
 * A subnet with a route table and a network ACL of its own. The ACL is what cuts a host off: it has no memory of open
 * flows, so a deny stops them at the next packet, where a changed security group lets tracked ones live. Its allow rules
 * begin at 1000; rule 1, in both directions, stays free for the fence.
 */
export class WalledSubnet extends Construct {
  readonly ref: SubnetRef;

  constructor(scope: Construct, id: string, { subnet, vpc, home, outsidePorts }: WalledSubnetProps) {
    super(scope, id);
    const resource = new ec2.CfnSubnet(this, 'Subnet', {
      vpcId: vpc.vpcId,
      cidrBlock: subnet.cidr,
      availabilityZoneId: subnet.zoneId,
      mapPublicIpOnLaunch: false,
      tags: [{ key: 'Name', value: subnet.id }],
    });
    const table = new ec2.CfnRouteTable(this, 'Routes', { vpcId: vpc.vpcId });
    new ec2.CfnSubnetRouteTableAssociation(this, 'RoutesAssociation', {
      subnetId: resource.ref,
      routeTableId: table.ref,
    });
    if (subnet.kind === 'host') {
      const route = new ec2.CfnRoute(this, 'InternetRoute', {
        routeTableId: table.ref,
        destinationCidrBlock: ANYWHERE,
        gatewayId: vpc.internetGatewayId,
      });
      const reason =
        'Hosts trade with venues over the internet from their Elastic IPs; what they reach there is up to the ACL and the egress list of their security group, and nothing reaches them.';
      Validations.of(route).acknowledge(
        { id: 'NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW', reason },
        { id: 'PCI.DSS.321-VPCNoUnrestrictedRouteToIGW', reason },
      );
      if (vpc.attachment) route.node.addDependency(vpc.attachment);
    }
    this.ref = {
      subnetId: resource.ref,
      networkAclId: this.wall(resource, vpc, home, subnet.kind === 'host' ? outsidePorts : undefined),
      routeTableId: table.ref,
      zoneName: resource.attrAvailabilityZone,
    };
  }

  private wall(
    subnet: ec2.CfnSubnet,
    vpc: VpcPlace,
    home: string,
    outsidePorts: readonly number[] | undefined,
  ): string {
    const acl = new ec2.CfnNetworkAcl(this, 'Acl', { vpcId: vpc.vpcId });
    this.acknowledgeAcl(acl);
    new ec2.CfnSubnetNetworkAclAssociation(this, 'AclAssociation', {
      subnetId: subnet.ref,
      networkAclId: acl.ref,
    });
    const allow = (id: string, rule: Omit<ec2.CfnNetworkAclEntryProps, 'networkAclId' | 'ruleAction'>) => {
      this.acknowledgeAcl(
        new ec2.CfnNetworkAclEntry(this, id, { networkAclId: acl.ref, ruleAction: 'allow', ...rule }),
      );
    };
    allow('FromHome', { egress: false, ruleNumber: 1000, protocol: ALL, cidrBlock: home });
    allow('ToHome', { egress: true, ruleNumber: 1000, protocol: ALL, cidrBlock: home });
    if (!outsidePorts) return acl.ref;
    // Linux takes client ports from 32768 on by default; a tuned host may take them from 1024 on.
    allow('Answers', {
      egress: false,
      ruleNumber: 1010,
      protocol: TCP,
      cidrBlock: ANYWHERE,
      portRange: { from: 1024, to: 65535 },
    });
    // "Fragmentation needed": frames inside the VPC are larger than those the internet takes.
    allow('PathMtu', {
      egress: false,
      ruleNumber: 1020,
      protocol: ICMP,
      cidrBlock: ANYWHERE,
      icmp: { type: 3, code: 4 },
    });
    for (const [index, port] of outsidePorts.entries()) {
      allow(`ToPort${port}`, {
        egress: true,
        ruleNumber: 1010 + index,
        protocol: TCP,
        cidrBlock: ANYWHERE,
        portRange: { from: port, to: port },
      });
    }
    return acl.ref;
  }

  private acknowledgeAcl(resource: ec2.CfnNetworkAcl | ec2.CfnNetworkAclEntry): void {
    Validations.of(resource).acknowledge({
      id: 'AwsSolutions-VPC3',
      reason:
        'The ACL is the fence: a stateless deny on the own subnet of a host is the one network change that stops its open flows at once.',
    });
  }
}
