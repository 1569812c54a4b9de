import { Tags, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { type EnvironmentPlan, type HostPlan, JOURNAL_DEVICE } from '../../model/index.js';
import type { ElasticIpRef, HostRef } from '../refs.js';
import { CapacityReservation } from './capacity-reservation.js';
import { HostInterfaces } from './host-interfaces.js';
import { LaunchTemplate } from './launch-template.js';
import type { PlacementGroups } from './placement-groups.js';

export interface TradingHostProps {
  readonly plan: EnvironmentPlan;
  readonly host: HostPlan;
  readonly groups: PlacementGroups;
  readonly subnetId: string;
  readonly securityGroupId: string;
  readonly instanceProfileArn: string;
  /** Name of that profile. */
  readonly instanceProfileName: string;
  readonly volumeKeyArn: string;
  readonly journalVolumeId: string;
  readonly userData: string;
  /** @default - none */
  readonly elasticIp?: ElasticIpRef;
  /** @default - no address moves, or it begins at the other host */
  readonly floatingIp?: { readonly privateIp: string; readonly elasticIp: ElasticIpRef };
}

/**
 * Version of the launch template an instance is made from. Fixed: with the latest one, each edit of the template would
 * replace a trading host in the middle of a deployment, unseen in any diff. A newer template is taken up by retiring the
 * host and bringing it back (`hosts.retired`), when its template is made anew and begins at this version again.
 */
const FIRST_VERSION = '1';

/** One host: reserved capacity, interfaces, launch template, and the instance with its journal volume where it stands. */
export class TradingHost extends Construct {
  /** Absent in a pilot light and for a retired host. */
  readonly ref: HostRef | undefined;

  constructor(scope: Construct, id: string, props: TradingHostProps) {
    super(scope, id);
    const { plan, host, groups, subnetId, securityGroupId, elasticIp, floatingIp } = props;
    const placement = groups.placementOf(host);
    const placementGroupArn = groups.arnOf(host);
    const reservation = host.reserved
      ? new CapacityReservation(this, 'Capacity', {
          instanceType: plan.hosts.instanceType,
          zoneId: host.zoneId,
          ...(placementGroupArn ? { placementGroupArn } : {}),
        })
      : undefined;
    const interfaces = new HostInterfaces(this, 'Interfaces', {
      plan,
      host,
      subnetId,
      securityGroupId,
      ...(elasticIp ? { elasticIp } : {}),
      ...(floatingIp ? { floatingIp } : {}),
    });
    // Another id while the host does not stand: see FIRST_VERSION.
    const template = new LaunchTemplate(this, host.standing ? 'Template' : 'IdleTemplate', {
      plan,
      interfaces,
      instanceProfileArn: props.instanceProfileArn,
      volumeKeyArn: props.volumeKeyArn,
      userData: props.userData,
      ...(placement ? { placement } : {}),
      ...(reservation ? { capacityReservationId: reservation.reservationId } : {}),
    });
    this.ref = host.standing ? this.#stand(props, template, interfaces) : undefined;
  }

  #stand(
    { plan, host, instanceProfileName, journalVolumeId }: TradingHostProps,
    template: LaunchTemplate,
    interfaces: HostInterfaces,
  ): HostRef {
    const instance = new ec2.CfnInstance(this, 'Instance', {
      launchTemplate: { launchTemplateId: template.templateId, version: FIRST_VERSION },
      // These four can change in place, so they follow the environment file at once.
      iamInstanceProfile: instanceProfileName,
      monitoring: plan.config.hosts.detailedMonitoring,
      disableApiTermination: plan.hosts.terminationProtection,
      propagateTagsToVolumeOnCreation: true,
    });
    Tags.of(instance).add('Name', `${plan.names.prefix}-${host.role}`);
    Tags.of(instance).add('tradewind:host', host.role);
    for (const pack of ['NIST.800.53.R5', 'PCI.DSS.321']) {
      Validations.of(instance).acknowledge({
        id: `${pack}-EC2InstancesInVPC`,
        reason:
          'The instance is in the VPC by the interfaces of its launch template, which the rule does not read.',
      });
    }
    if (!plan.hosts.terminationProtection) {
      Validations.of(instance).acknowledge({
        id: 'AwsSolutions-EC29',
        reason:
          'Only stage prod protects its hosts: elsewhere they are made and removed freely, and their data is on volumes of another stack.',
      });
    }
    new ec2.CfnVolumeAttachment(this, 'JournalAttachment', {
      device: JOURNAL_DEVICE,
      instanceId: instance.ref,
      volumeId: journalVolumeId,
    });
    return { instanceId: instance.ref, networkInterfaceId: interfaces.venueId };
  }
}
