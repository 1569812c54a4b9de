import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { type EnvironmentPlan, type HostPlan, type InterfacePlan, wholeSeconds } from '../../model/index.js';
import type { ElasticIpRef } from '../refs.js';

export interface HostInterfacesProps {
  readonly plan: EnvironmentPlan;
  readonly host: HostPlan;
  readonly subnetId: string;
  readonly securityGroupId: string;
  /** Its own address. @default - none */
  readonly elasticIp?: ElasticIpRef;
  /** The address that moves between the hosts, which begins here. @default - none */
  readonly floatingIp?: { readonly privateIp: string; readonly elasticIp: ElasticIpRef };
}

/**
 * The network interfaces of one host, apart from its instance: what the venue has whitelisted, what the fence and the
 * address move act on, stays when the instance is launched anew, and a host has its address from its first packet on.
 */
export class HostInterfaces extends Construct {
  readonly #byId = new Map<InterfacePlan['id'], ec2.CfnNetworkInterface>();

  constructor(scope: Construct, id: string, props: HostInterfacesProps) {
    super(scope, id);
    const { plan, host, subnetId, securityGroupId, elasticIp, floatingIp } = props;
    const tracking = plan.config.hosts.connectionTracking;
    for (const { id: name } of plan.hosts.interfaces) {
      const venue = name === 'venue';
      const addresses =
        venue && host.privateIp ? privateAddresses(host.privateIp, floatingIp?.privateIp) : {};
      this.#byId.set(
        name,
        new ec2.CfnNetworkInterface(this, venue ? 'Venue' : 'Replication', {
          description: `Tradewind ${plan.config.name} ${host.role} ${name}`,
          subnetId,
          groupSet: [securityGroupId],
          ...addresses,
          ...(venue
            ? {
                connectionTrackingSpecification: {
                  tcpEstablishedTimeout: wholeSeconds(tracking.tcpEstablished),
                  udpTimeout: wholeSeconds(tracking.udp),
                  udpStreamTimeout: wholeSeconds(tracking.udpStream),
                },
                // An overlay address is none of the interface's own.
                sourceDestCheck: plan.hosts.address !== 'overlay-route',
              }
            : {}),
        }),
      );
    }
    if (elasticIp) {
      new ec2.CfnEIPAssociation(this, 'Address', {
        allocationId: elasticIp.allocationId,
        networkInterfaceId: this.venueId,
      });
    }
    if (floatingIp) {
      new ec2.CfnEIPAssociation(this, 'FloatingAddress', {
        allocationId: floatingIp.elasticIp.allocationId,
        networkInterfaceId: this.venueId,
        privateIpAddress: floatingIp.privateIp,
      });
    }
  }

  /** The interface orders leave by. */
  get venueId(): string {
    return this.idOf('venue');
  }

  idOf(name: InterfacePlan['id']): string {
    const found = this.#byId.get(name);
    if (!found) throw new Error(`${this.node.path} has no interface ${name}`);
    return found.attrId;
  }
}

/**
 * A secondary address is stated where it begins. CloudFormation compares templates, not interfaces, so that it leaves it
 * where a failover has moved it.
 */
function privateAddresses(own: string, floating: string | undefined) {
  if (floating === undefined) return { privateIpAddress: own };
  return {
    privateIpAddresses: [
      { privateIpAddress: own, primary: true },
      { privateIpAddress: floating, primary: false },
    ],
  };
}
