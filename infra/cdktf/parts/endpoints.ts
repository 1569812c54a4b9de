import { Construct } from 'constructs';
import type { EnvironmentPlan } from '../../model/index.js';
import { VpcEndpoint } from '../resources/network.js';
import type { HostFirewall } from './host-firewall.js';
import { placeOf } from './place.js';
import { policyDocument, type Statement } from './policy.js';

export interface EndpointsProps {
  readonly vpcId: string;
  readonly routeTableIds: readonly string[];
  readonly privateSubnetIds: readonly string[];
  readonly firewall: HostFirewall;
}

/** AWS without the internet. Their policies let nobody but this account's principals through. */
export class Endpoints extends Construct {
  constructor(scope: Construct, plan: EnvironmentPlan, props: EndpointsProps) {
    super(scope, 'endpoints');
    const { network, names } = plan;
    const { region, account } = placeOf(plan);
    const { vpcId, firewall } = props;
    const ours: Statement = {
      Sid: 'OurPrincipals',
      Effect: 'Allow',
      Principal: '*',
      Action: '*',
      Resource: '*',
      Condition: { StringEquals: { 'aws:PrincipalAccount': account } },
    };
    // Packages of Amazon Linux come from buckets AWS owns, anonymously.
    const packages: Statement = {
      Sid: 'AmazonLinuxPackages',
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: `arn:${placeOf(plan).partition}:s3:::al2023-repos-${region}-*/*`,
    };
    for (const service of network.gatewayEndpoints) {
      const endpoint = new VpcEndpoint(this, service, {
        vpcId,
        serviceName: `com.amazonaws.${region}.${service}`,
        vpcEndpointType: 'Gateway',
        routeTableIds: props.routeTableIds,
        policy: policyDocument(ours, ...(service === 's3' ? [packages] : [])),
        tags: { Name: `${names.prefix}-${service}` },
      });
      firewall.allowPrefixList(service, endpoint.ref('prefix_list_id'));
    }
    for (const service of network.interfaceEndpoints) {
      new VpcEndpoint(this, service, {
        vpcId,
        serviceName: `com.amazonaws.${region}.${service}`,
        vpcEndpointType: 'Interface',
        subnetIds: props.privateSubnetIds,
        securityGroupIds: [firewall.endpointGroupId],
        privateDnsEnabled: true,
        policy: policyDocument(ours),
        tags: { Name: `${names.prefix}-${service}` },
      });
    }
  }
}
