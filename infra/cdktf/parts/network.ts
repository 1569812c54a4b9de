import { Construct } from 'constructs';
import type { EnvironmentPlan, HostRole, SubnetPlan } from '../../model/index.js';
import {
  DefaultSecurityGroup,
  InternetGateway,
  NetworkAcl,
  NetworkAclAssociation,
  NetworkAclRule,
  type NetworkAclRuleArguments,
  Route,
  RouteTable,
  RouteTableAssociation,
  Subnet,
  Vpc,
} from '../resources/network.js';
import { DnsFirewall } from './dns-firewall.js';
import { Endpoints } from './endpoints.js';
import { FlowLogs } from './flow-logs.js';
import { HostFirewall } from './host-firewall.js';
import type { LogGroups } from './log-groups.js';

export interface SubnetRef {
  readonly plan: SubnetPlan;
  readonly subnetId: string;
  readonly networkAclId: string;
  readonly routeTableId: string;
  /** The zone's name in this account, known once the subnet stands. */
  readonly zoneName: string;
}

/**
 * VPC (or the one brought), subnets by zone id, one route table and one network ACL per subnet, endpoints, security
 * groups, flow logs and the DNS firewall.
 */
export class Network extends Construct {
  readonly vpcId: string;
  readonly subnets: readonly SubnetRef[];
  readonly hostSecurityGroupId: string;

  constructor(scope: Construct, plan: EnvironmentPlan, logs: LogGroups) {
    super(scope, 'network');
    const { network } = plan;
    const { vpcId, internetGatewayId } = network.existing ?? this.createVpc(plan);
    this.vpcId = vpcId;
    this.subnets = network.subnets.map((subnet) => this.createSubnet(plan, subnet, internetGatewayId));
    const firewall = new HostFirewall(this, plan, vpcId);
    new Endpoints(this, plan, {
      vpcId,
      routeTableIds: this.subnets.map(({ routeTableId }) => routeTableId),
      subnetIds: this.idsOf(({ id }) => network.endpointSubnets.includes(id)),
      firewall,
    });
    this.hostSecurityGroupId = firewall.hostGroupId;
    new FlowLogs(
      this,
      plan,
      // A VPC that is brought has flows that are none of ours.
      network.existing ? this.subnets.map(({ subnetId }) => ({ subnetId })) : [{ vpcId }],
      logs.require('flow'),
    );
    if (network.allowedDomains) {
      new DnsFirewall(this, plan, vpcId, network.allowedDomains, logs.require('dns'));
    }
  }

  get privateSubnetIds(): readonly string[] {
    return this.idsOf(({ kind }) => kind === 'private');
  }

  /** The subnet a host stands in. */
  subnetOf(role: HostRole): SubnetRef {
    const found = this.subnets.find(({ plan }) => plan.hosts.includes(role));
    if (!found) throw new Error(`the plan has no subnet for the ${role} host`);
    return found;
  }

  private idsOf(wanted: (subnet: SubnetPlan) => boolean): string[] {
    return this.subnets.filter(({ plan }) => wanted(plan)).map(({ subnetId }) => subnetId);
  }

  private createVpc({ network, names }: EnvironmentPlan) {
    const tags = { Name: names.prefix };
    const vpc = new Vpc(this, 'vpc', {
      cidrBlock: network.cidr,
      enableDnsSupport: true,
      enableDnsHostnames: true,
      tags,
    });
    new DefaultSecurityGroup(this, 'default-group', { vpcId: vpc.ref('id'), ingress: [], egress: [] });
    const gateway = new InternetGateway(this, 'gateway', { vpcId: vpc.ref('id'), tags });
    return { vpcId: vpc.ref('id'), internetGatewayId: gateway.ref('id') };
  }

  private createSubnet(environment: EnvironmentPlan, plan: SubnetPlan, gatewayId: string): SubnetRef {
    const { vpcId } = this;
    const tags = { Name: `${environment.names.prefix}-${plan.id}` };
    const subnet = new Subnet(this, plan.id, {
      vpcId,
      cidrBlock: plan.cidr,
      availabilityZoneId: plan.zoneId,
      mapPublicIpOnLaunch: false,
      tags,
    });
    const table = new RouteTable(this, `${plan.id}-routes`, { vpcId, tags });
    new RouteTableAssociation(this, `${plan.id}-routes-in-use`, {
      routeTableId: table.ref('id'),
      subnetId: subnet.ref('id'),
    });
    if (plan.kind === 'host') {
      new Route(this, `${plan.id}-out`, {
        routeTableId: table.ref('id'),
        destinationCidrBlock: '0.0.0.0/0',
        gatewayId,
      });
    }
    const acl = new NetworkAcl(this, `${plan.id}-acl`, { vpcId, tags });
    this.addRules(environment, plan, acl.ref('id'));
    new NetworkAclAssociation(this, `${plan.id}-acl-in-use`, {
      networkAclId: acl.ref('id'),
      subnetId: subnet.ref('id'),
    });
    return {
      plan,
      subnetId: subnet.ref('id'),
      networkAclId: acl.ref('id'),
      routeTableId: table.ref('id'),
      zoneName: subnet.ref('availability_zone'),
    };
  }

  /**
   * The same walls as the CDK's. Rules begin at 1000 and are resources of their own: the fence writes its deny at rule 1,
   * and rules inside the ACL resource would take that for drift and remove it.
   */
  private addRules({ network }: EnvironmentPlan, subnet: SubnetPlan, networkAclId: string): void {
    const allow = (name: string, args: Omit<NetworkAclRuleArguments, 'networkAclId' | 'ruleAction'>) =>
      new NetworkAclRule(this, `${subnet.id}-acl-${name}`, { networkAclId, ruleAction: 'allow', ...args });
    const home = { ruleNumber: 1000, protocol: '-1', cidrBlock: network.cidr };
    allow('from-home', { ...home, egress: false });
    allow('to-home', { ...home, egress: true });
    if (subnet.kind !== 'host') return;
    const outside = { cidrBlock: '0.0.0.0/0' };
    const answers = { fromPort: 1024, toPort: 65_535 };
    allow('answers', { ...outside, ...answers, ruleNumber: 1010, egress: false, protocol: '6' });
    // "Fragmentation needed": frames inside the VPC are larger than those the internet takes.
    const tooLarge = { icmpType: 3, icmpCode: 4 };
    allow('path-mtu', { ...outside, ...tooLarge, ruleNumber: 1020, egress: false, protocol: '1' });
    for (const [index, port] of outsidePorts(network).entries()) {
      allow(`to-port-${port}`, {
        ...outside,
        ruleNumber: 1010 + index,
        egress: true,
        protocol: '6',
        fromPort: port,
        toPort: port,
      });
    }
  }
}

/** Ports hosts may reach outside: those of the venues, and 443 for S3 and DynamoDB through their gateway endpoints. */
function outsidePorts({ egress }: EnvironmentPlan['network']): number[] {
  return [...new Set([443, ...egress.map(({ port }) => port)])].sort((a, b) => a - b);
}
