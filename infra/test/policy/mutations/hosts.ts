import { inTemplate, type Json, type Mutation, on } from './mutation.js';

const TEMPLATE = 'AWS::EC2::LaunchTemplate';

function ebs(change: (volume: Json) => void): Mutation['make'] {
  return inTemplate((data) => change(data.BlockDeviceMappings[0].Ebs));
}

/** Mistakes on hosts, their groups and their volumes. */
export const HOST_MUTATIONS: readonly Mutation[] = [
  {
    mistake: 'ENA Express on a type without it',
    type: TEMPLATE,
    make: inTemplate((data) => {
      data.InstanceType = 'm5zn.metal';
      data.NetworkInterfaces = [{ DeviceIndex: 0, EnaSrdSpecification: { EnaSrdEnabled: true } }];
    }),
    rule: 'TW-EC2-02',
    says: /"m5zn\.metal" does not have it/,
    measured: true,
  },
  {
    mistake: 'a burstable type in a cluster group',
    type: TEMPLATE,
    make: inTemplate((data) => {
      data.InstanceType = 't3.large';
    }),
    rule: 'TW-EC2-03',
    says: /"t3\.large" can not be launched into cluster placement group/,
    measured: true,
  },
  {
    mistake: 'CPU options on metal',
    type: TEMPLATE,
    make: inTemplate((data) => {
      data.CpuOptions = { CoreCount: 24, ThreadsPerCore: 1 };
    }),
    rule: 'TW-EC2-05',
    says: /accepts no CPU options/,
    measured: true,
  },
  {
    mistake: 'three threads per core',
    type: TEMPLATE,
    make: inTemplate((data) => {
      data.InstanceType = 'c7i.8xlarge';
      data.CpuOptions = { CoreCount: 16, ThreadsPerCore: 3 };
    }),
    rule: 'TW-EC2-05',
    says: /3 threads per core, but "c7i\.8xlarge" accepts/,
  },
  {
    mistake: 'more cores than the type has',
    type: TEMPLATE,
    make: inTemplate((data) => {
      data.InstanceType = 'c7i.8xlarge';
      data.CpuOptions = { CoreCount: 999, ThreadsPerCore: 1 };
    }),
    rule: 'TW-EC2-05',
    says: /999 cores, but "c7i\.8xlarge" has 16/,
  },
  {
    mistake: 'a misspelled instance type in a launch template',
    type: TEMPLATE,
    make: inTemplate((data) => {
      data.InstanceType = 'c7i.metal-24x';
    }),
    rule: 'TW-EC2-01',
    says: /"c7i\.metal-24x" is not in the capability data/,
    measured: true,
  },
  {
    mistake: 'a metadata hop limit of 500',
    type: TEMPLATE,
    make: inTemplate((data) => {
      data.MetadataOptions.HttpPutResponseHopLimit = 500;
    }),
    rule: 'TW-EC2-10',
    says: /hop limit is 500, not 1/,
    measured: true,
  },
  {
    mistake: 'a metadata hop limit of 2, for containers',
    type: TEMPLATE,
    make: inTemplate((data) => {
      data.MetadataOptions.HttpPutResponseHopLimit = 2;
    }),
    rule: 'TW-EC2-10',
    says: /hop limit is 2, not 1/,
  },
  {
    mistake: 'IMDSv1 allowed',
    type: TEMPLATE,
    make: inTemplate((data) => {
      data.MetadataOptions.HttpTokens = 'optional';
    }),
    rule: 'TW-EC2-10',
    says: /HttpTokens is optional, not "required"/,
  },
  {
    mistake: 'metadata options forgotten',
    type: TEMPLATE,
    make: inTemplate((data) => {
      delete data.MetadataOptions;
    }),
    rule: 'TW-EC2-10',
    says: /HttpTokens is absent/,
  },
  {
    mistake: 'auto recovery on a type that has none',
    type: TEMPLATE,
    make: inTemplate((data) => {
      data.InstanceType = 'z1d.metal';
      data.MaintenanceOptions = { AutoRecovery: 'default' };
    }),
    rule: 'TW-EC2-06',
    says: /"z1d\.metal" does not support it/,
  },
  {
    mistake: 'hibernation on a trading host',
    type: TEMPLATE,
    make: inTemplate((data) => {
      data.HibernationOptions = { Configured: true };
    }),
    rule: 'TW-EC2-07',
    says: /hibernation is configured/,
  },
  {
    mistake: 'a type without PTP clock in a precision-time group',
    type: TEMPLATE,
    make: (resource, template) => {
      template.Resources.PrecisionTime = {
        Type: 'AWS::EC2::PlacementGroup',
        Properties: { Strategy: 'precision-time' },
      };
      const data = resource.Properties.LaunchTemplateData as Json;
      data.InstanceType = 'c6in.metal';
      data.Placement = { GroupName: { Ref: 'PrecisionTime' } };
    },
    rule: 'TW-EC2-04',
    says: /"c6in\.metal" has no PTP clock/,
  },
  {
    mistake: 'a spread level on a cluster group',
    type: 'AWS::EC2::PlacementGroup',
    make: on((group) => {
      group.Strategy = 'cluster';
      group.SpreadLevel = 'rack';
    }),
    rule: 'TW-EC2-08',
    says: /SpreadLevel belongs to strategy "spread", but the strategy is "cluster"/,
    measured: true,
  },
  {
    mistake: 'tags on a placement group',
    type: 'AWS::EC2::PlacementGroup',
    make: on((group) => {
      group.Tags = [{ Key: 'desk', Value: 'crypto' }];
    }),
    rule: 'TW-EC2-09',
    says: /1 tags on a placement group/,
  },
  {
    mistake: 'a placement strategy that does not exist',
    type: 'AWS::EC2::PlacementGroup',
    make: on((group) => {
      group.Strategy = 'clustered';
    }),
    rule: 'built-in',
    says: /clustered/,
    measured: true,
  },
  {
    mistake: 'an image that changes with every update',
    type: TEMPLATE,
    make: inTemplate((data) => {
      data.ImageId = '{{resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64}}';
    }),
    rule: 'TW-EC2-12',
    says: /resolved by CloudFormation at each update/,
  },
  {
    mistake: 'an image from a latest parameter',
    type: TEMPLATE,
    make: (resource, template) => {
      template.Parameters = {
        Image: {
          Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>',
          Default: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64',
        },
      };
      (resource.Properties.LaunchTemplateData as Json).ImageId = { Ref: 'Image' };
    },
    rule: 'TW-EC2-12',
    says: /parameter "Image" of type AWS::SSM::Parameter::Value/,
  },
  {
    mistake: 'an image called latest',
    type: TEMPLATE,
    make: inTemplate((data) => {
      data.ImageId = 'latest';
    }),
    rule: 'TW-EC2-12',
    says: /"latest" is no image id/,
  },
  {
    mistake: 'an SSH key on the hosts',
    type: TEMPLATE,
    make: inTemplate((data) => {
      data.KeyName = 'us_dev';
    }),
    rule: 'TW-EC2-13',
    says: /a key pair is given/,
  },
  {
    mistake: 'an instance without launch template',
    type: 'AWS::EC2::Instance',
    make: on((instance) => {
      delete instance.LaunchTemplate;
      instance.InstanceType = 'c7i.metal-24xl';
      instance.ImageId = 'ami-0123456789abcdef0';
    }),
    rule: 'TW-EC2-11',
    says: /no launch template/,
  },
  {
    mistake: 'an instance that overrides its launch template',
    type: 'AWS::EC2::Instance',
    make: on((instance) => {
      instance.InstanceType = 'c7i.metal-24xl';
    }),
    rule: 'TW-EC2-11',
    says: /InstanceType overrides the launch template/,
  },
  {
    mistake: 'a host that follows every change of its launch template',
    type: 'AWS::EC2::Instance',
    make: (resource, template) => {
      const [id] = Object.entries(template.Resources).find(([, one]) => one.Type === TEMPLATE)!;
      (resource.Properties.LaunchTemplate as Json).Version = { 'Fn::GetAtt': [id, 'LatestVersionNumber'] };
    },
    rule: 'TW-EC2-16',
    says: /follows LatestVersionNumber of/,
  },
  {
    mistake: 'bandwidth weighting on a type without it',
    type: TEMPLATE,
    make: inTemplate((data) => {
      data.InstanceType = 'c6in.metal';
      data.NetworkPerformanceOptions = { BandwidthWeighting: 'vpc-1' };
    }),
    rule: 'TW-EC2-14',
    says: /weighting "vpc-1" is not one of/,
  },
  {
    mistake: 'an open capacity reservation',
    type: 'AWS::EC2::CapacityReservation',
    make: on((reservation) => {
      reservation.InstanceMatchCriteria = 'open';
    }),
    rule: 'TW-EC2-15',
    says: /InstanceMatchCriteria is open/,
  },
  {
    mistake: 'gp3 throughput of 9999 MiB/s',
    type: TEMPLATE,
    make: ebs((volume) => {
      volume.VolumeType = 'gp3';
      volume.Throughput = 9999;
    }),
    rule: 'TW-EBS-03',
    says: /9999 MiB\/s, but gp3 takes 125 to 2000/,
    measured: true,
  },
  {
    mistake: 'gp3 throughput its IOPS can not carry',
    type: TEMPLATE,
    make: ebs((volume) => {
      volume.VolumeType = 'gp3';
      volume.Iops = 3000;
      volume.Throughput = 1000;
    }),
    rule: 'TW-EBS-03',
    says: /1000 MiB\/s needs 4000 IOPS, 3000 are provisioned/,
  },
  {
    mistake: '900000 IOPS on gp3',
    type: TEMPLATE,
    make: ebs((volume) => {
      volume.VolumeType = 'gp3';
      volume.Iops = 900_000;
    }),
    rule: 'TW-EBS-02',
    says: /900000 IOPS, but gp3 takes 3000 to 80000/,
    measured: true,
  },
  {
    mistake: 'io2 without IOPS',
    type: 'AWS::EC2::Volume',
    make: on((volume) => {
      volume.VolumeType = 'io2';
      delete volume.Iops;
      delete volume.Throughput;
    }),
    rule: 'TW-EBS-02',
    says: /io2 without Iops/,
    measured: true,
  },
  {
    mistake: 'more IOPS than a small io2 volume carries',
    type: 'AWS::EC2::Volume',
    make: on((volume) => {
      volume.VolumeType = 'io2';
      volume.Size = 8;
      volume.Iops = 64_000;
      delete volume.Throughput;
    }),
    rule: 'TW-EBS-02',
    says: /64000 IOPS on 8 GiB, but io2 takes 1000 per GiB/,
  },
  {
    mistake: 'an unencrypted journal volume',
    type: 'AWS::EC2::Volume',
    make: on((volume) => {
      volume.Encrypted = false;
    }),
    rule: 'TW-EBS-01',
    says: /Encrypted is false/,
  },
  {
    mistake: 'a root volume under the default key of the account',
    type: TEMPLATE,
    make: ebs((volume) => {
      delete volume.KmsKeyId;
    }),
    rule: 'TW-EBS-01',
    says: /no KmsKeyId/,
  },
];
