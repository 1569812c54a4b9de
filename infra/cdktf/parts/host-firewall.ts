import { Construct } from 'constructs';
import type { EnvironmentPlan } from '../../model/index.js';
import {
  SecurityGroup,
  SecurityGroupEgressRule,
  SecurityGroupIngressRule,
  type SecurityGroupRuleArguments,
} from '../resources/network.js';

type Rule = Omit<SecurityGroupRuleArguments, 'securityGroupId'>;

const tls = (description: string, to: Partial<Rule>): Rule => ({
  description,
  ipProtocol: 'tcp',
  fromPort: 443,
  toPort: 443,
  ...to,
});

/**
 * The security group of the hosts: out to venues, endpoints and the prefix lists of S3 and DynamoDB alone; in from each
 * other alone.
 */
export class HostFirewall extends Construct {
  readonly hostGroupId: string;
  /** Absent without interface endpoints. */
  readonly endpointGroupId: string | undefined;

  constructor(scope: Construct, plan: EnvironmentPlan, vpcId: string) {
    super(scope, 'firewall');
    const { names, network, hosts } = plan;
    const group = (id: string, description: string): string =>
      new SecurityGroup(this, id, { vpcId, description, tags: { Name: `${names.prefix}-${id}` } }).ref('id');
    this.hostGroupId = group('hosts', 'Trading hosts: out to venues and AWS services, in from each other');
    for (const { cidr, port, why } of network.egress) {
      this.allowOut(`to-${cidr.replace(/[./]/g, '-')}-${port}`, {
        description: why,
        ipProtocol: 'tcp',
        fromPort: port,
        toPort: port,
        cidrIpv4: cidr,
      });
    }
    if (network.interfaceEndpoints.length > 0) this.endpointGroupId = this.openEndpoints(group);
    if (hosts.hosts.length > 1) {
      const peer: Rule = {
        description: 'Journal replication between the hosts',
        ipProtocol: 'tcp',
        fromPort: network.replicationPort,
        toPort: network.replicationPort,
        referencedSecurityGroupId: this.hostGroupId,
      };
      this.allowOut('to-peer', peer);
      new SecurityGroupIngressRule(this, 'from-peer', { securityGroupId: this.hostGroupId, ...peer });
    }
  }

  private openEndpoints(group: (id: string, description: string) => string): string {
    const endpointGroupId = group('endpoints', 'Interface endpoints: TLS from hosts alone');
    this.allowOut(
      'to-endpoints',
      tls('AWS through interface endpoints', { referencedSecurityGroupId: endpointGroupId }),
    );
    new SecurityGroupIngressRule(this, 'endpoints-from-hosts', {
      securityGroupId: endpointGroupId,
      ...tls('From the trading hosts', { referencedSecurityGroupId: this.hostGroupId }),
    });
    return endpointGroupId;
  }

  /** A gateway endpoint is reached by its prefix list, which is known once the endpoint stands: nothing is looked up. */
  allowPrefixList(service: string, prefixListId: string): void {
    this.allowOut(`to-${service}`, tls(`${service} through its gateway endpoint`, { prefixListId }));
  }

  private allowOut(id: string, rule: Rule): void {
    new SecurityGroupEgressRule(this, id, { securityGroupId: this.hostGroupId, ...rule });
  }
}
