import { Construct } from 'constructs';
import { endpointAccess } from '../../model/endpoint-access.js';
import type { EnvironmentPlan } from '../../model/index.js';
import { VpcEndpoint } from '../resources/network.js';
import type { HostFirewall } from './host-firewall.js';
import { placeOf } from './place.js';
import { policyDocument } from './policy.js';

export interface EndpointsProps {
  readonly vpcId: string;
  readonly routeTableIds: readonly string[];
  /** Of the interface endpoints. */
  readonly subnetIds: readonly string[];
  readonly firewall: HostFirewall;
}

/** AWS without the internet, for hosts alone; `endpointAccess` says what passes. */
export class Endpoints extends Construct {
  constructor(scope: Construct, plan: EnvironmentPlan, props: EndpointsProps) {
    super(scope, 'endpoints');
    const { network, names } = plan;
    const { region, partition } = placeOf(plan);
    const { vpcId, firewall } = props;
    const policy = (service: string) => policyDocument(...endpointAccess(plan, service, partition));
    for (const service of network.gatewayEndpoints) {
      const endpoint = new VpcEndpoint(this, service, {
        vpcId,
        serviceName: `com.amazonaws.${region}.${service}`,
        vpcEndpointType: 'Gateway',
        routeTableIds: props.routeTableIds,
        policy: policy(service),
        tags: { Name: `${names.prefix}-${service}` },
      });
      firewall.allowPrefixList(service, endpoint.ref('prefix_list_id'));
    }
    for (const service of network.interfaceEndpoints) {
      new VpcEndpoint(this, service, {
        vpcId,
        serviceName: `com.amazonaws.${region}.${service}`,
        vpcEndpointType: 'Interface',
        subnetIds: props.subnetIds,
        securityGroupIds: firewall.endpointGroupId ? [firewall.endpointGroupId] : [],
        privateDnsEnabled: true,
        policy: policy(service),
        tags: { Name: `${names.prefix}-${service}` },
      });
    }
  }
}
