import { Construct } from 'constructs';
import { renderUserData } from '../../delivery/index.js';
import {
  type EnvironmentPlan,
  type HostPlan,
  type HostRole,
  JOURNAL_DEVICE,
  ROOT_DEVICE,
} from '../../model/index.js';
import {
  CapacityReservation,
  ElasticIpAssociation,
  Instance,
  LaunchTemplate,
  type LaunchTemplateArguments,
  type LaunchTemplateInterface,
  VolumeAttachment,
} from '../resources/hosts.js';
import { Route } from '../resources/network.js';
import { HostInterfaces } from './host-interfaces.js';
import type { KeyArns } from './keys.js';
import type { Network } from './network.js';
import type { Placement } from './placement.js';
import type { State } from './state.js';
import { UserData } from './user-data.js';

export interface TradingProps {
  readonly network: Network;
  readonly placement: Placement;
  readonly state: State;
  readonly keys: KeyArns;
  readonly instanceProfileArn: string;
}

export interface HostRef {
  readonly instanceId: string;
  readonly networkInterfaceId: string;
}

/** Reserved capacity, launch templates and the hosts themselves, each with its volume and its address. */
export class Trading extends Construct {
  readonly hosts: Partial<Record<HostRole, HostRef>> = {};
  /** The address that moves between the hosts. */
  floatingIp: { readonly address: string } | undefined;

  constructor(
    scope: Construct,
    private readonly plan: EnvironmentPlan,
    private readonly props: TradingProps,
  ) {
    super(scope, 'trading');
    for (const host of plan.hosts.hosts) {
      const template = this.launchTemplate(host);
      if (host.standing) this.hosts[host.role] = this.launch(host, template);
    }
    this.overlayRoutes();
  }

  private launchTemplate(host: HostPlan): { readonly id: string; readonly version: string } {
    const reservation = host.reserved ? this.reserve(host) : undefined;
    const interfaces = new HostInterfaces(this, this.plan, host, this.props.network);
    this.floatingIp ??= interfaces.floatingIp;
    const template = new LaunchTemplate(
      this,
      `${host.role}-template`,
      launchTemplateArguments(this.plan, host, this.props, {
        interfaces: interfaces.specifications,
        userData: this.userData(host),
        ...(reservation ? { reservationId: reservation } : {}),
      }),
    );
    return { id: template.ref('id'), version: template.ref('latest_version') };
  }

  private userData(host: HostPlan): string {
    const { plan, props } = this;
    const { id } = required(props.state.volumes[host.role], `journal volume of the ${host.role}`);
    return new UserData(
      this,
      `${host.role}-user-data`,
      `${plan.config.name}-${plan.config.region}-${host.role}`,
      (journalVolumeId) => renderUserData(plan, host, { journalVolumeId }),
      id,
    ).base64;
  }

  private reserve({ role, group }: HostPlan): string {
    const { plan, props } = this;
    const reservation = new CapacityReservation(this, `${role}-capacity`, {
      instanceType: plan.hosts.instanceType,
      instancePlatform: 'Linux/UNIX',
      availabilityZone: props.network.subnetOf(role).zoneName,
      instanceCount: 1,
      instanceMatchCriteria: 'targeted',
      tenancy: 'default',
      ebsOptimized: true,
      endDateType: 'unlimited',
      ...(group ? { placementGroupArn: props.placement.get(group).arn } : {}),
      tags: { Name: `${plan.names.prefix}-${role}` },
    });
    return reservation.ref('id');
  }

  private launch({ role }: HostPlan, template: { readonly id: string; readonly version: string }): HostRef {
    const { plan, props } = this;
    const instance = new Instance(
      this,
      role,
      {
        launchTemplate: [template],
        // These can change in place, so they follow the environment file at once.
        disableApiTermination: plan.hosts.terminationProtection,
        monitoring: plan.config.hosts.detailedMonitoring,
        // A host that receives for an address that is not its own must not be dropped by the check.
        ...(plan.hosts.address === 'overlay-route' ? { sourceDestCheck: false } : {}),
        tags: { Name: `${plan.names.prefix}-${role}` },
      },
      // A newer template never replaces, stops or changes a running host: `terraform apply -replace` does, one at a time.
      { lifecycle: { ignoreChanges: ['launch_template', 'ami', 'instance_type', 'user_data'] } },
    );
    const ref: HostRef = {
      instanceId: instance.ref('id'),
      networkInterfaceId: instance.ref('primary_network_interface_id'),
    };
    new VolumeAttachment(this, `${role}-journal`, {
      deviceName: JOURNAL_DEVICE,
      instanceId: ref.instanceId,
      volumeId: required(props.state.volumes[role], `journal volume of the ${role}`).id,
      stopInstanceBeforeDetaching: true,
    });
    const address = props.state.elasticIps[role];
    if (address) {
      new ElasticIpAssociation(this, `${role}-address`, {
        allocationId: address.allocationId,
        networkInterfaceId: ref.networkInterfaceId,
        allowReassociation: false,
      });
    }
    return ref;
  }

  /** The overlay address starts at the primary where it stands; the promoted host moves it, and Terraform does not move it back. */
  private overlayRoutes(): void {
    const { overlayAddress } = this.plan.config.ha;
    const first = this.hosts.primary ?? this.hosts.standby;
    if (!overlayAddress || !first) return;
    for (const { plan, routeTableId } of this.props.network.subnets) {
      new Route(
        this,
        `overlay-${plan.id}`,
        {
          routeTableId,
          destinationCidrBlock: `${overlayAddress}/32`,
          networkInterfaceId: first.networkInterfaceId,
        },
        { lifecycle: { ignoreChanges: ['network_interface_id'] } },
      );
    }
  }
}

interface LaunchParts {
  readonly interfaces: readonly LaunchTemplateInterface[];
  /** Base64. */
  readonly userData: string;
  readonly reservationId?: string;
}

/** What a host is launched from. */
export function launchTemplateArguments(
  { config, hosts, names, tags }: EnvironmentPlan,
  host: HostPlan,
  { placement, keys, instanceProfileArn }: TradingProps,
  { interfaces, userData, reservationId }: LaunchParts,
): LaunchTemplateArguments {
  const { rootVolume, detailedMonitoring } = config.hosts;
  const named = { ...tags, Name: `${names.prefix}-${host.role}` };
  return {
    name: `${names.prefix}-${host.role}`,
    description: `${host.role} host of ${config.name}`,
    updateDefaultVersion: true,
    imageId: hosts.imageId,
    instanceType: hosts.instanceType,
    ebsOptimized: 'true',
    disableApiStop: false,
    disableApiTermination: hosts.terminationProtection,
    instanceInitiatedShutdownBehavior: 'stop',
    userData,
    iamInstanceProfile: [{ arn: instanceProfileArn }],
    blockDeviceMappings: [
      {
        deviceName: ROOT_DEVICE,
        ebs: [
          {
            encrypted: 'true',
            kmsKeyId: keys.data,
            deleteOnTermination: 'true',
            volumeType: rootVolume.type,
            volumeSize: rootVolume.sizeGiB,
            ...(rootVolume.iops === undefined ? {} : { iops: rootVolume.iops }),
            ...(rootVolume.throughputMiB === undefined ? {} : { throughput: rootVolume.throughputMiB }),
          },
        ],
      },
    ],
    ...(reservationId
      ? {
          capacityReservationSpecification: [
            { capacityReservationTarget: [{ capacityReservationId: reservationId }] },
          ],
        }
      : {}),
    ...(hosts.cpu ? { cpuOptions: [hosts.cpu] } : {}),
    hibernationOptions: [{ configured: false }],
    maintenanceOptions: [{ autoRecovery: hosts.autoRecovery }],
    metadataOptions: [
      {
        httpEndpoint: 'enabled',
        httpTokens: 'required',
        httpPutResponseHopLimit: 1,
        instanceMetadataTags: 'disabled',
      },
    ],
    monitoring: [{ enabled: detailedMonitoring }],
    networkInterfaces: interfaces,
    ...(host.group ? { placement: [{ groupName: placement.get(host.group).name, tenancy: 'default' }] } : {}),
    // An interface that stands already brings its own name and tags; a launch may not give them again.
    ...(host.privateIp
      ? {}
      : { privateDnsNameOptions: [{ hostnameType: 'resource-name', enableResourceNameDnsARecord: true }] }),
    tagSpecifications: [
      { resourceType: 'instance', tags: named },
      { resourceType: 'volume', tags: named },
      ...(host.privateIp ? [] : [{ resourceType: 'network-interface' as const, tags: named }]),
    ],
  };
}

function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the ${what} is planned but was not made`);
  return value;
}
