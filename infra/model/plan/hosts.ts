import { capabilities } from '../capabilities.js';
import type { EnvironmentConfig } from '../schema.js';
import { addressIn } from './blocks.js';
import { planNetwork, type SubnetPlan, standbyZone } from './network.js';

export type HostRole = 'primary' | 'standby';

/** How the promoted host becomes reachable under the address the venue knows. */
export type AddressMode = 'own-addresses' | 'secondary-ip' | 'overlay-route';

/** Root device of the images of Amazon Linux 2023 and Debian. */
export const ROOT_DEVICE = '/dev/xvda';

/** Where the journal volume is attached; on the host it is found by its volume id instead. */
export const JOURNAL_DEVICE = '/dev/sdf';

export interface PlacementGroupPlan {
  readonly id: 'precision-time' | 'cluster' | 'cluster-standby';
  readonly strategy: 'cluster' | 'precision-time';
  /** The precision-time group this cluster group is linked to. */
  readonly parent?: 'precision-time';
  readonly hosts: readonly HostRole[];
}

export interface HostPlan {
  readonly role: HostRole;
  readonly subnet: SubnetPlan['id'];
  readonly zoneId: string;
  /** One of our own groups; absent with `shared` or `none`. */
  readonly group?: PlacementGroupPlan['id'];
  /** The group the venue shares. */
  readonly sharedGroupId?: string;
  /** Fixed private address, set only where another address moves between the hosts. */
  readonly privateIp?: string;
  /** Has an Elastic IP of its own. */
  readonly elasticIp: boolean;
  /** Capacity is reserved for it: in its group, or in its zone where it has none. A pilot light holds none. */
  readonly reserved: boolean;
  /** False in a pilot light and for a retired host: everything of it stands but the instance. */
  readonly standing: boolean;
}

/** A network interface of every host, a resource of its own: address and whitelisting outlive the instance. */
export interface InterfacePlan {
  readonly id: 'venue' | 'replication';
  readonly deviceIndex: number;
  readonly enaExpress: { readonly tcp: boolean; readonly udp: boolean };
  /** Transmit and receive queues; absent: what the driver takes. */
  readonly queues?: number;
}

export interface HostsPlan {
  readonly instanceType: string;
  readonly arch: 'x86_64' | 'arm64';
  readonly metal: boolean;
  /** What the launch template gives as ImageId: an AMI id, or `resolve:ssm:<parameter>` that EC2 reads at launch. */
  readonly imageId: string;
  readonly autoRecovery: 'default' | 'disabled';
  /** Present where threads per core were chosen; EC2 wants both figures. Never on metal. */
  readonly cpu?: { readonly coreCount: number; readonly threadsPerCore: 1 | 2 };
  /** An instance can not be terminated before its protection is taken off. It can always be stopped: fencing must. */
  readonly terminationProtection: boolean;
  readonly interfaces: readonly InterfacePlan[];
  /** Whether the type has ENA Express: to others not even "off" is said. */
  readonly enaExpressCapable: boolean;
  readonly groups: readonly PlacementGroupPlan[];
  readonly hosts: readonly HostPlan[];
  readonly address: AddressMode;
  /** With `secondary-ip`: the private address that moves, with its Elastic IP. */
  readonly floatingIp?: string;
  /** Cut off by the subnet's own ACL and stopped, or stopped alone where both share one subnet. */
  readonly fencing: 'acl-and-stop' | 'acl' | 'stop';
  /** Hosts that have an instance. What watches or acts on a host is there for these alone. */
  readonly standing: readonly HostRole[];
  /** False in a pilot light, and where the only host is retired: everything stands but the hosts. */
  readonly running: boolean;
  /**
   * A host comes up on hold and leads only after somebody has released it: in a second Region, whose lease table knows
   * nothing of the first one's.
   */
  readonly startHeld: boolean;
}

/** Hosts of an environment that have an instance: all but a retired one, and none in a pilot light. */
export function standingHosts(
  { ha, hosts }: Pick<EnvironmentConfig, 'ha' | 'hosts'>,
  running = true,
): readonly HostRole[] {
  return running ? hostRoles({ ha }).filter((role) => !hosts.retired.includes(role)) : [];
}

function hostRoles({ ha }: Pick<EnvironmentConfig, 'ha'>): readonly HostRole[] {
  return ha.mode === 'none' ? ['primary'] : ['primary', 'standby'];
}

export function planHosts(config: EnvironmentConfig, running = true, startHeld = false): HostsPlan {
  const { hosts, ha, placement } = config;
  const type = capabilities().types[hosts.instanceType];
  const arch = type?.arch ?? 'x86_64';
  const address = addressMode(config);
  const subnets = planNetwork(config).subnets;
  const groups = planGroups(config);
  const standing = standingHosts(config, running);
  const shared = subnets.find((subnet) => subnet.id === 'host-shared');
  return {
    instanceType: hosts.instanceType,
    arch,
    metal: type?.metal ?? false,
    imageId: imageId(hosts.image, arch),
    autoRecovery: effectiveAutoRecovery(config),
    ...(hosts.threadsPerCore && type && !type.metal
      ? { cpu: { coreCount: type.cores, threadsPerCore: hosts.threadsPerCore } }
      : {}),
    terminationProtection: config.stage === 'prod',
    interfaces: planInterfaces(config),
    enaExpressCapable: type?.enaExpress ?? false,
    groups,
    hosts: hostRoles(config).map((role, index) => {
      const group = groups.find((one) => one.strategy === 'cluster' && one.hosts.includes(role));
      const timeGroup = groups.find((one) => one.hosts.includes(role));
      const joined = group ?? timeGroup;
      return {
        role,
        subnet: shared?.id ?? (role === 'primary' ? 'host-primary' : 'host-standby'),
        zoneId: role === 'primary' ? (config.network.zones[0] as string) : standbyZone(config),
        ...(joined ? { group: joined.id } : {}),
        ...(placement.strategy === 'shared' && placement.sharedGroupId
          ? { sharedGroupId: placement.sharedGroupId }
          : {}),
        ...(shared ? { privateIp: addressIn(shared.cidr, 10 + index) } : {}),
        elasticIp: address !== 'secondary-ip',
        // Capacity can not be reserved in a group of another account.
        reserved: running && placement.reserveCapacity && placement.strategy !== 'shared',
        standing: standing.includes(role),
      };
    }),
    address,
    ...(shared ? { floatingIp: addressIn(shared.cidr, 20) } : {}),
    fencing: shared ? 'stop' : ha.stopFencedHost ? 'acl-and-stop' : 'acl',
    standing,
    running: standing.length > 0,
    startHeld,
  };
}

/** EC2 may bring a lone host back by itself; beside a standby, or where the type can not be recovered, it may not. */
export function effectiveAutoRecovery({
  hosts,
  ha,
}: Pick<EnvironmentConfig, 'hosts' | 'ha'>): HostsPlan['autoRecovery'] {
  const able = capabilities().types[hosts.instanceType]?.autoRecovery;
  return hosts.autoRecovery ?? (ha.mode === 'none' && able ? 'default' : 'disabled');
}

/** The address mode, defaulted by the HA mode: hot hosts keep their own, a warm one takes over an address. */
export function addressMode({ ha }: Pick<EnvironmentConfig, 'ha'>): AddressMode {
  return ha.address ?? (ha.mode === 'warm' ? 'secondary-ip' : 'own-addresses');
}

function planInterfaces({ hosts: { enaExpress, enaQueues } }: EnvironmentConfig): InterfacePlan[] {
  const { venueFacing, replication, udp } = enaExpress;
  return [
    {
      id: 'venue',
      deviceIndex: 0,
      enaExpress: { tcp: venueFacing, udp: venueFacing && udp },
      ...(enaQueues ? { queues: enaQueues } : {}),
    },
    ...(replication ? [{ id: 'replication', deviceIndex: 1, enaExpress: { tcp: true, udp } } as const] : []),
  ];
}

function planGroups({ placement, ha }: EnvironmentConfig): PlacementGroupPlan[] {
  if (placement.strategy === 'shared' || placement.strategy === 'none') return [];
  const timed = placement.strategy === 'precision-time';
  const together = ha.mode !== 'none' && placement.standby === 'same-group';
  const parent = timed ? ({ parent: 'precision-time' } as const) : {};
  const groups: PlacementGroupPlan[] = [
    { id: 'cluster', strategy: 'cluster', ...parent, hosts: together ? ['primary', 'standby'] : ['primary'] },
  ];
  if (ha.mode !== 'none' && !together) {
    groups.push({ id: 'cluster-standby', strategy: 'cluster', ...parent, hosts: ['standby'] });
  }
  return timed ? [{ id: 'precision-time', strategy: 'precision-time', hosts: [] }, ...groups] : groups;
}

function imageId(image: EnvironmentConfig['hosts']['image'], arch: string): string {
  if (image && 'id' in image) return image.id;
  const parameter =
    image?.parameter ?? `/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${arch}`;
  return `resolve:ssm:${parameter}`;
}
