import { Construct } from 'constructs';
import { type EnvironmentPlan, type HostPlan, type InterfacePlan, wholeSeconds } from '../../model/index.js';
import { ElasticIp, type LaunchTemplateInterface } from '../resources/hosts.js';
import { NetworkInterface } from '../resources/network.js';
import type { Network } from './network.js';
import { venueAddress } from './state.js';

/**
 * The network interfaces of one host as its launch template has them. Provider 5 can set connection tracking and ENA
 * Express in a launch template alone, so EC2 makes the interfaces with the instance. Where an address moves between the
 * hosts as a secondary one, the venue-facing interface is a resource of its own instead, so that a host can be launched
 * anew while the other one holds that address; it then has the connection tracking times of EC2, and a fenced host is
 * stopped rather than cut off.
 */
export class HostInterfaces extends Construct {
  readonly specifications: readonly LaunchTemplateInterface[];
  /** The address that moves, where it starts here. */
  floatingIp: { readonly address: string } | undefined;

  constructor(
    scope: Construct,
    private readonly plan: EnvironmentPlan,
    private readonly host: HostPlan,
    private readonly network: Network,
  ) {
    super(scope, `${host.role}-interfaces`);
    this.specifications = plan.hosts.interfaces.map((one) => this.specify(one));
  }

  private specify(one: InterfacePlan): LaunchTemplateInterface {
    const { plan, host, network } = this;
    const common = {
      deviceIndex: one.deviceIndex,
      ...(plan.hosts.enaExpressCapable
        ? {
            enaSrdSpecification: [
              {
                enaSrdEnabled: one.enaExpress.tcp,
                enaSrdUdpSpecification: [{ enaSrdUdpEnabled: one.enaExpress.udp }],
              },
            ],
          }
        : {}),
    };
    if (one.id === 'venue' && host.privateIp) {
      return {
        ...common,
        networkInterfaceId: this.createApart(host.privateIp),
        deleteOnTermination: 'false',
      };
    }
    const { tcpEstablished, udp, udpStream } = plan.config.hosts.connectionTracking;
    return {
      ...common,
      description: this.describe(one.id),
      subnetId: network.subnetOf(host.role).subnetId,
      securityGroups: [network.hostSecurityGroupId],
      associatePublicIpAddress: 'false',
      deleteOnTermination: 'true',
      connectionTrackingSpecification: [
        {
          tcpEstablishedTimeout: wholeSeconds(tcpEstablished),
          udpTimeout: wholeSeconds(udp),
          udpStreamTimeout: wholeSeconds(udpStream),
        },
      ],
    };
  }

  /** The address that moves starts at the primary. Where a failover took it, Terraform leaves it. */
  private createApart(privateIp: string): string {
    const { plan, host, network } = this;
    const { floatingIp } = plan.hosts;
    const floating = host.role === 'primary' ? floatingIp : undefined;
    const { prefix } = plan.names;
    const created = new NetworkInterface(
      this,
      'venue',
      {
        subnetId: network.subnetOf(host.role).subnetId,
        description: this.describe('venue'),
        securityGroups: [network.hostSecurityGroupId],
        privateIpListEnabled: true,
        privateIpList: [privateIp, ...(floating ? [floating] : [])],
        tags: { Name: `${prefix}-${host.role}` },
      },
      { lifecycle: { ignoreChanges: ['private_ip_list', 'private_ips', 'private_ips_count'] } },
    );
    const id = created.ref('id');
    if (floating) {
      const elastic = new ElasticIp(
        this,
        'floating-address',
        {
          domain: 'vpc',
          networkInterface: id,
          associateWithPrivateIp: floating,
          tags: { Name: `${prefix}-floating` },
        },
        {
          lifecycle: {
            preventDestroy: true,
            ignoreChanges: ['network_interface', 'associate_with_private_ip', 'instance'],
          },
        },
      );
      this.floatingIp = { address: elastic.ref('public_ip') };
      venueAddress(this, 'floating', elastic.ref('public_ip'));
    }
    return id;
  }

  private describe(id: InterfacePlan['id']): string {
    return `Tradewind ${this.plan.config.name} ${this.host.role} ${id}`;
  }
}
