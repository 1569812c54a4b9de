import { Fn } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { type EnvironmentPlan, ROOT_DEVICE } from '../../model/index.js';
import type { HostInterfaces } from './host-interfaces.js';

export interface LaunchTemplateProps {
  readonly plan: EnvironmentPlan;
  readonly interfaces: HostInterfaces;
  readonly instanceProfileArn: string;
  /** Encrypts the root volume. */
  readonly volumeKeyArn: string;
  /** Cloud-init, in clear text. */
  readonly userData: string;
  /** @default - no group */
  readonly placement?: ec2.CfnLaunchTemplate.PlacementProperty;
  /** @default - none is targeted */
  readonly capacityReservationId?: string;
}

/**
 * How a host is launched. L1, for the L2 has no network interfaces, and an instance by itself has neither ENA settings of
 * its interfaces nor a capacity reservation. The interfaces stand already, so nothing is said that EC2 takes only for one it
 * makes itself: subnet, addresses, groups, options of the private DNS name.
 */
export class LaunchTemplate extends Construct {
  readonly templateId: string;

  constructor(scope: Construct, id: string, props: LaunchTemplateProps) {
    super(scope, id);
    const { plan, interfaces, placement, capacityReservationId } = props;
    const { hosts } = plan;
    const root = plan.config.hosts.rootVolume;
    this.templateId = new ec2.CfnLaunchTemplate(this, 'Resource', {
      launchTemplateData: {
        instanceType: hosts.instanceType,
        // `resolve:ssm:` is read at launch: the text stays the same when a newer image comes out.
        imageId: hosts.imageId,
        userData: Fn.base64(props.userData),
        iamInstanceProfile: { arn: props.instanceProfileArn },
        networkInterfaces: hosts.interfaces.map(({ id: name, deviceIndex, enaExpress, queues }) => ({
          deviceIndex,
          networkInterfaceId: interfaces.idOf(name),
          ...(hosts.enaExpressCapable
            ? {
                enaSrdSpecification: {
                  enaSrdEnabled: enaExpress.tcp,
                  enaSrdUdpSpecification: { enaSrdUdpEnabled: enaExpress.udp },
                },
              }
            : {}),
          ...(queues ? { enaQueueCount: queues } : {}),
        })),
        blockDeviceMappings: [
          {
            deviceName: ROOT_DEVICE,
            ebs: {
              volumeType: root.type,
              volumeSize: root.sizeGiB,
              ...(root.iops ? { iops: root.iops } : {}),
              ...(root.throughputMiB ? { throughput: root.throughputMiB } : {}),
              encrypted: true,
              kmsKeyId: props.volumeKeyArn,
              deleteOnTermination: true,
            },
          },
        ],
        ...(hosts.cpu ? { cpuOptions: { ...hosts.cpu } } : {}),
        ...(placement ? { placement } : {}),
        ...(capacityReservationId
          ? { capacityReservationSpecification: { capacityReservationTarget: { capacityReservationId } } }
          : {}),
        maintenanceOptions: { autoRecovery: hosts.autoRecovery },
        hibernationOptions: { configured: false },
        metadataOptions: {
          httpEndpoint: 'enabled',
          httpTokens: 'required',
          httpPutResponseHopLimit: 1,
          instanceMetadataTags: 'disabled',
        },
        monitoring: { enabled: plan.config.hosts.detailedMonitoring },
        disableApiStop: false,
        disableApiTermination: hosts.terminationProtection,
        instanceInitiatedShutdownBehavior: 'stop',
        ebsOptimized: true,
      },
    }).ref;
  }
}
