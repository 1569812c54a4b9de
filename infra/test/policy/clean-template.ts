import { OPERATIONS, RECORDS, STORES } from './clean-stores.js';
import { arn, RETAIN, type Resource, ref, type Template } from './template.js';

/** A template of every resource type an environment has, in which nothing is wrong: mutations start from it. */
export function cleanTemplate(): Template {
  return structuredClone({ Description: 'A clean environment in one template', Resources: RESOURCES });
}

const NETWORK: Record<string, Resource> = {
  Vpc: {
    Type: 'AWS::EC2::VPC',
    Properties: { CidrBlock: '10.40.0.0/16', EnableDnsSupport: true, EnableDnsHostnames: true },
  },
  Subnet: {
    Type: 'AWS::EC2::Subnet',
    Properties: { VpcId: ref('Vpc'), CidrBlock: '10.40.0.0/20', AvailabilityZoneId: 'apne1-az4' },
  },
  SubnetB: {
    Type: 'AWS::EC2::Subnet',
    Properties: { VpcId: ref('Vpc'), CidrBlock: '10.40.16.0/20', AvailabilityZoneId: 'apne1-az1' },
  },
  SubnetC: {
    Type: 'AWS::EC2::Subnet',
    Properties: { VpcId: ref('Vpc'), CidrBlock: '10.40.32.0/20', AvailabilityZoneId: 'apne1-az2' },
  },
  Hosts: {
    Type: 'AWS::EC2::SecurityGroup',
    Properties: {
      GroupDescription: 'Trading hosts',
      VpcId: ref('Vpc'),
      SecurityGroupEgress: [
        {
          CidrIp: '203.0.113.0/24',
          IpProtocol: 'tcp',
          FromPort: 443,
          ToPort: 443,
          Description: 'Venue, TLS',
        },
      ],
    },
  },
  Replication: {
    Type: 'AWS::EC2::SecurityGroupIngress',
    Properties: {
      GroupId: arn('Hosts', 'GroupId'),
      SourceSecurityGroupId: arn('Hosts', 'GroupId'),
      IpProtocol: 'tcp',
      FromPort: 7400,
      ToPort: 7400,
      Description: 'Journal replication between the hosts',
    },
  },
};

const HOSTS: Record<string, Resource> = {
  Group: { Type: 'AWS::EC2::PlacementGroup', Properties: { Strategy: 'cluster' } },
  Reservation: {
    Type: 'AWS::EC2::CapacityReservation',
    Properties: {
      AvailabilityZoneId: 'apne1-az4',
      InstanceType: 'm8azn.metal-12xl',
      InstancePlatform: 'Linux/UNIX',
      InstanceCount: 1,
      InstanceMatchCriteria: 'targeted',
    },
  },
  HostRole: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ],
      },
      Policies: [
        {
          PolicyName: 'Host',
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              { Effect: 'Allow', Action: ['cloudwatch:PutMetricData'], Resource: '*' },
              {
                Effect: 'Allow',
                Action: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
                Resource: arn('Lease'),
              },
            ],
          },
        },
      ],
    },
  },
  Profile: { Type: 'AWS::IAM::InstanceProfile', Properties: { Roles: [ref('HostRole')] } },
  Template: {
    Type: 'AWS::EC2::LaunchTemplate',
    Properties: {
      LaunchTemplateData: {
        ImageId: 'ami-0123456789abcdef0',
        InstanceType: 'm8azn.metal-12xl',
        IamInstanceProfile: { Arn: arn('Profile') },
        MetadataOptions: { HttpEndpoint: 'enabled', HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
        MaintenanceOptions: { AutoRecovery: 'disabled' },
        Placement: { GroupName: ref('Group') },
        UserData: { 'Fn::Base64': '#!/bin/bash\nset -eu\necho started\n' },
        NetworkInterfaces: [
          {
            DeviceIndex: 0,
            SubnetId: ref('Subnet'),
            Groups: [arn('Hosts', 'GroupId')],
            DeleteOnTermination: true,
          },
        ],
        BlockDeviceMappings: [
          {
            DeviceName: '/dev/xvda',
            Ebs: {
              VolumeType: 'gp3',
              VolumeSize: 50,
              Iops: 3000,
              Throughput: 250,
              Encrypted: true,
              KmsKeyId: arn('Key'),
            },
          },
        ],
      },
    },
  },
  Host: {
    Type: 'AWS::EC2::Instance',
    Properties: {
      LaunchTemplate: { LaunchTemplateId: ref('Template'), Version: '1' },
    },
  },
  Address: { Type: 'AWS::EC2::EIP', Properties: { Domain: 'vpc' }, ...RETAIN },
  Journal: {
    Type: 'AWS::EC2::Volume',
    Properties: {
      AvailabilityZoneId: 'apne1-az4',
      VolumeType: 'io2',
      Size: 500,
      Iops: 16_000,
      Encrypted: true,
      KmsKeyId: arn('Key'),
    },
    ...RETAIN,
  },
  Lease: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      TableName: 'tradewind-fixture-lease',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'leaseKey', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'leaseKey', KeyType: 'HASH' }],
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      DeletionProtectionEnabled: true,
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: arn('Key') },
    },
    ...RETAIN,
  },
};

const RESOURCES = { ...NETWORK, ...HOSTS, ...RECORDS, ...STORES, ...OPERATIONS };
