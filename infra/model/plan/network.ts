import type { EnvironmentConfig } from '../schema.js';
import { venueEndpoints } from '../venue-endpoints.js';
import { sixteenth } from './blocks.js';
import { addressMode, type HostRole } from './hosts.js';

/** A subnet for hosts has a route to the internet gateway; a private one has none. */
export interface SubnetPlan {
  readonly id: 'host-primary' | 'host-standby' | 'host-shared' | `private-${number}`;
  readonly kind: 'host' | 'private';
  readonly zoneId: string;
  readonly cidr: string;
  /** Hosts that stand in it. Its own network ACL is what cuts them off. */
  readonly hosts: readonly HostRole[];
}

/** TCP that a host may open to the outside. */
export interface EgressRule {
  readonly cidr: string;
  readonly port: number;
  /** A sentence for the reviewer, within what EC2 accepts as a description. */
  readonly why: string;
}

export interface NetworkPlan {
  readonly cidr: string;
  readonly existing?: { readonly vpcId: string; readonly internetGatewayId: string };
  readonly zones: readonly string[];
  readonly subnets: readonly SubnetPlan[];
  readonly egress: readonly EgressRule[];
  /** Services reached through interface endpoints, as in `com.amazonaws.<region>.<service>`. */
  readonly interfaceEndpoints: readonly string[];
  /** Private subnets the interface endpoints stand in: those in the zones of hosts, each billed by the hour. */
  readonly endpointSubnets: readonly SubnetPlan['id'][];
  /** TCP port on which a host receives the journal of the other one. */
  readonly replicationPort: number;
  /** Services reached through gateway endpoints; hosts reach them by their managed prefix list. */
  readonly gatewayEndpoints: readonly ['s3', 'dynamodb'];
  /** Names that resolve; everything else is refused. Absent: no DNS firewall. */
  readonly allowedDomains?: readonly string[];
}

const HOST_SERVICES = [
  'ssm',
  'ssmmessages',
  'ec2messages',
  'logs',
  'monitoring',
  'kms',
  'secretsmanager',
  'sts',
];

const REPLICATION_PORT = 7400;

export function planNetwork(config: EnvironmentConfig): NetworkPlan {
  const { network, observability } = config;
  const subnets = planSubnets(config);
  const hostZones = subnets.filter(({ kind }) => kind === 'host').map(({ zoneId }) => zoneId);
  const services = [...HOST_SERVICES, ...(observability.prometheus ? ['aps-workspaces'] : [])];
  return {
    cidr: network.cidr,
    ...(network.existing ? { existing: network.existing } : {}),
    zones: network.zones,
    subnets,
    egress: planEgress(config),
    interfaceEndpoints: network.endpoints ? services : [],
    endpointSubnets: subnets
      .filter(({ kind, zoneId }) => kind === 'private' && hostZones.includes(zoneId))
      .map(({ id }) => id),
    replicationPort: REPLICATION_PORT,
    gatewayEndpoints: ['s3', 'dynamodb'],
    ...(network.dnsFirewall ? { allowedDomains: allowedDomains(config) } : {}),
  };
}

/** The zone the standby stands in. */
export function standbyZone({
  network,
  placement,
}: Pick<EnvironmentConfig, 'network' | 'placement'>): string {
  const home = network.zones[0] as string;
  if (placement.standby !== 'other-zone') return home;
  return placement.standbyZone ?? network.zones[1] ?? home;
}

function planSubnets(config: EnvironmentConfig): SubnetPlan[] {
  const { network, ha } = config;
  const home = network.zones[0] as string;
  const subnet = (
    id: SubnetPlan['id'],
    index: number,
    zoneId: string,
    hosts: readonly HostRole[],
  ): SubnetPlan => ({
    id,
    kind: hosts.length > 0 ? 'host' : 'private',
    zoneId,
    cidr: sixteenth(network.cidr, index),
    hosts,
  });
  const hosts =
    addressMode(config) === 'secondary-ip'
      ? [subnet('host-shared', 2, home, ['primary', 'standby'])]
      : ha.mode === 'none'
        ? [subnet('host-primary', 0, home, ['primary'])]
        : [
            subnet('host-primary', 0, home, ['primary']),
            subnet('host-standby', 1, standbyZone(config), ['standby']),
          ];
  return [
    ...hosts,
    ...network.zones.map((zoneId, index) => subnet(`private-${index + 1}`, 4 + index, zoneId, [])),
  ];
}

function planEgress({ venues, network }: EnvironmentConfig): EgressRule[] {
  const rules = new Map<string, EgressRule>();
  for (const venue of venues) {
    const ports = new Set((venueEndpoints()[venue.id] ?? []).map((endpoint) => endpoint.port));
    for (const cidr of venue.cidrs.length > 0 ? venue.cidrs : ['0.0.0.0/0']) {
      for (const port of ports) {
        rules.set(`${cidr} ${port}`, { cidr, port, why: `Venue ${venue.id}, TLS` });
      }
    }
  }
  if (!network.endpoints) {
    const why = 'AWS APIs, as there are no interface endpoints';
    if (!rules.has('0.0.0.0/0 443')) rules.set('0.0.0.0/0 443', { cidr: '0.0.0.0/0', port: 443, why });
  }
  for (const rule of network.egress) rules.set(`${rule.cidr} ${rule.port}`, rule);
  return [...rules.values()].sort((a, b) => `${a.cidr} ${a.port}`.localeCompare(`${b.cidr} ${b.port}`));
}

/** Venues, AWS, and the names hosts have inside the VPC: `ec2.internal` in the oldest Region, `<region>.compute.internal`. */
function allowedDomains({ venues, region }: EnvironmentConfig): string[] {
  const hosts = venues.flatMap((venue) =>
    (venueEndpoints()[venue.id] ?? []).map((endpoint) => endpoint.host),
  );
  const inside = region === 'us-east-1' ? '*.ec2.internal' : '*.compute.internal';
  return [...new Set([...hosts, '*.amazonaws.com', inside, '*.api.aws'])].sort();
}
