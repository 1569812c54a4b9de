import { awsResource } from './aws-resource.js';

type Tags = Readonly<Record<string, string>>;

export const PlacementGroup = awsResource<
  { readonly name: string; readonly strategy: 'cluster' },
  'id' | 'arn' | 'name'
>('aws_placement_group');

/** For what the provider has no resource for; planned without a call to AWS. */
export const CloudFormationStack = awsResource<{
  readonly name: string;
  readonly templateBody: string;
}>('aws_cloudformation_stack');

export const CapacityReservation = awsResource<{
  readonly instanceType: string;
  readonly instancePlatform: 'Linux/UNIX';
  readonly availabilityZone: string;
  readonly instanceCount: number;
  readonly instanceMatchCriteria: 'targeted';
  readonly tenancy: 'default';
  readonly ebsOptimized: boolean;
  readonly endDateType: 'unlimited';
  readonly placementGroupArn?: string;
  readonly tags: Tags;
}>('aws_ec2_capacity_reservation');

export interface LaunchTemplateInterface {
  readonly deviceIndex: number;
  readonly description?: string;
  /** An interface that stands already; it brings its subnet, its groups and its addresses. */
  readonly networkInterfaceId?: string;
  readonly subnetId?: string;
  readonly securityGroups?: readonly string[];
  /** The provider wants text for a boolean that may be absent. */
  readonly associatePublicIpAddress?: 'true' | 'false';
  readonly deleteOnTermination: 'true' | 'false';
  readonly enaSrdSpecification?: readonly {
    readonly enaSrdEnabled: boolean;
    readonly enaSrdUdpSpecification?: readonly { readonly enaSrdUdpEnabled: boolean }[];
  }[];
  readonly connectionTrackingSpecification?: readonly {
    readonly tcpEstablishedTimeout: number;
    readonly udpTimeout: number;
    readonly udpStreamTimeout: number;
  }[];
}

export interface LaunchTemplateArguments {
  readonly name: string;
  readonly description: string;
  readonly updateDefaultVersion: boolean;
  readonly imageId: string;
  readonly instanceType: string;
  readonly ebsOptimized: 'true' | 'false';
  readonly disableApiStop: false;
  readonly disableApiTermination: boolean;
  readonly instanceInitiatedShutdownBehavior: 'stop';
  readonly userData: string;
  readonly iamInstanceProfile: readonly { readonly arn: string }[];
  readonly blockDeviceMappings: readonly {
    readonly deviceName: string;
    readonly ebs: readonly {
      readonly encrypted: 'true';
      readonly kmsKeyId: string;
      readonly deleteOnTermination: 'true' | 'false';
      readonly volumeType: 'gp3' | 'io2';
      readonly volumeSize: number;
      readonly iops?: number;
      readonly throughput?: number;
    }[];
  }[];
  readonly capacityReservationSpecification?: readonly {
    readonly capacityReservationTarget: readonly { readonly capacityReservationId: string }[];
  }[];
  readonly cpuOptions?: readonly { readonly coreCount: number; readonly threadsPerCore: number }[];
  readonly hibernationOptions: readonly { readonly configured: false }[];
  readonly maintenanceOptions: readonly { readonly autoRecovery: 'default' | 'disabled' }[];
  readonly metadataOptions: readonly {
    readonly httpEndpoint: 'enabled';
    readonly httpTokens: 'required';
    readonly httpPutResponseHopLimit: 1;
    readonly instanceMetadataTags: 'disabled';
  }[];
  readonly monitoring: readonly { readonly enabled: boolean }[];
  readonly networkInterfaces: readonly LaunchTemplateInterface[];
  readonly placement?: readonly { readonly groupName: string; readonly tenancy: 'default' }[];
  readonly privateDnsNameOptions?: readonly {
    readonly hostnameType: 'resource-name';
    readonly enableResourceNameDnsARecord: true;
  }[];
  readonly tagSpecifications: readonly {
    readonly resourceType: 'instance' | 'volume' | 'network-interface';
    readonly tags: Tags;
  }[];
}

export const LaunchTemplate = awsResource<LaunchTemplateArguments, 'id' | 'latest_version'>(
  'aws_launch_template',
);

/** Subnet and addresses are the launch template's: EC2 refuses to hear them twice. */
export const Instance = awsResource<
  {
    readonly launchTemplate: readonly { readonly id: string; readonly version: string }[];
    readonly sourceDestCheck?: boolean;
    readonly disableApiTermination: boolean;
    readonly monitoring: boolean;
    readonly tags: Tags;
  },
  'id' | 'primary_network_interface_id'
>('aws_instance');

export const Volume = awsResource<{
  readonly availabilityZone: string;
  readonly type: 'gp3' | 'io2';
  readonly size: number;
  readonly iops?: number;
  readonly throughput?: number;
  readonly encrypted: true;
  readonly kmsKeyId: string;
  readonly tags: Tags;
}>('aws_ebs_volume');

export const VolumeAttachment = awsResource<{
  readonly deviceName: string;
  readonly instanceId: string;
  readonly volumeId: string;
  readonly stopInstanceBeforeDetaching: boolean;
}>('aws_volume_attachment');

export const ElasticIp = awsResource<
  {
    readonly domain: 'vpc';
    readonly networkInterface?: string;
    readonly associateWithPrivateIp?: string;
    readonly tags: Tags;
  },
  'id' | 'allocation_id' | 'public_ip'
>('aws_eip');

export const ElasticIpAssociation = awsResource<{
  readonly allocationId: string;
  readonly networkInterfaceId: string;
  readonly allowReassociation: boolean;
  readonly privateIpAddress?: string;
}>('aws_eip_association');
