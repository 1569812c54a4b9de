import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { DnsFirewall } from '../constructs/dns-firewall.js';
import { EmptyDefaultGroup } from '../constructs/empty-default-group.js';
import { EnvironmentLogs } from '../constructs/environment-logs.js';
import { FlowLogs } from '../constructs/flow-logs.js';
import { GatewayEndpoints } from '../constructs/gateway-endpoints.js';
import { InterfaceEndpoints } from '../constructs/interface-endpoints.js';
import { pascal } from '../constructs/logical-id.js';
import { VenueEgress } from '../constructs/venue-egress.js';
import { WalledSubnet } from '../constructs/walled-subnet.js';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.js';
import { type VpcPlace, vpcProvider } from '../providers/index.js';
import type { KeyRefs, LogRefs, NetworkRefs, SubnetRef } from '../refs.js';

export interface NetworkStackProps extends EnvironmentStackProps {
  readonly keys: KeyRefs;
}

/**
 * Where hosts stand and what they can reach: venues by address and port, AWS services by endpoint, each other. Nothing
 * reaches them. The log groups are here too, as flow and DNS logs are the first to write.
 */
export class NetworkStack extends EnvironmentStack {
  readonly refs: NetworkRefs;
  readonly logs: LogRefs;

  constructor(scope: Construct, props: NetworkStackProps) {
    super(scope, 'Network', props, {
      stateful: false,
      description: 'VPC, subnets with ACLs of their own, endpoints, egress allow-list, log groups',
    });
    const { network, hosts, archive } = this.plan;
    this.logs = new EnvironmentLogs(this, 'Logs', {
      groups: this.plan.logs,
      key: props.keys.audit,
      protectRecords: archive.mode === 'COMPLIANCE',
    }).refs;
    const logging = this.logs.functions ? { logGroup: this.logs.functions } : {};

    const vpc = vpcProvider(network).provide(this);
    if (vpc.defaultSecurityGroupId) {
      new EmptyDefaultGroup(this, 'DefaultGroup', {
        securityGroupId: vpc.defaultSecurityGroupId,
        ...logging,
      });
    }
    const subnets = this.subnets(vpc);
    const { securityGroupId } = new VenueEgress(this, 'Hosts', {
      vpcId: vpc.vpcId,
      egress: network.egress,
      gatewayServices: network.gatewayEndpoints,
      ...(hosts.hosts.length > 1 ? { replicationPort: network.replicationPort } : {}),
      ...logging,
    });
    const idsOf = (wanted: readonly string[]) => wanted.flatMap((id) => subnets[id]?.subnetId ?? []);

    new GatewayEndpoints(this, 'Gateways', {
      plan: this.plan,
      vpcId: vpc.vpcId,
      routeTableIds: Object.values(subnets).map(({ routeTableId }) => routeTableId),
    });
    if (network.interfaceEndpoints.length > 0) {
      new InterfaceEndpoints(this, 'Endpoints', {
        plan: this.plan,
        vpcId: vpc.vpcId,
        subnetIds: idsOf(network.endpointSubnets),
        hostSecurityGroupId: securityGroupId,
      });
    }
    this.watch(vpc, subnets, logging);
    this.refs = {
      vpcId: vpc.vpcId,
      subnets,
      privateSubnetIds: idsOf(network.subnets.filter(({ kind }) => kind === 'private').map(({ id }) => id)),
      hostSecurityGroupId: securityGroupId,
    };
  }

  private subnets(vpc: VpcPlace): Record<string, SubnetRef> {
    const { network } = this.plan;
    // S3 and DynamoDB have public addresses, reached through the gateway endpoints.
    const outsidePorts = [...new Set([443, ...network.egress.map(({ port }) => port)])];
    return Object.fromEntries(
      network.subnets.map((subnet) => [
        subnet.id,
        new WalledSubnet(this, pascal(subnet.id), { subnet, vpc, home: network.cidr, outsidePorts }).ref,
      ]),
    );
  }

  private watch(
    vpc: VpcPlace,
    subnets: Readonly<Record<string, SubnetRef>>,
    logging: { readonly logGroup?: ILogGroup },
  ): void {
    const { network } = this.plan;
    if (this.logs.flow) {
      const subnetIds = Object.fromEntries(
        Object.entries(subnets).map(([id, { subnetId }]) => [pascal(id), subnetId]),
      );
      new FlowLogs(this, 'FlowLogs', {
        of: network.existing ? { subnetIds } : { vpcId: vpc.vpcId },
        logGroup: this.logs.flow,
      });
    }
    if (network.allowedDomains && this.logs.dns) {
      new DnsFirewall(this, 'DnsFirewall', {
        vpcId: vpc.vpcId,
        allowedDomains: network.allowedDomains,
        queryLog: this.logs.dns,
        ...logging,
      });
    }
  }
}
