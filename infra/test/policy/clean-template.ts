/** A template of every resource type an environment has, in which nothing is wrong: mutations start from it. */
export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
  [attribute: string]: unknown;
}

export interface Template {
  Description?: string;
  Parameters?: Record<string, Record<string, unknown>>;
  Resources: Record<string, Resource>;
  Outputs?: Record<string, Record<string, unknown>>;
}

const ref = (logicalId: string) => ({ Ref: logicalId });
const arn = (logicalId: string, attribute = 'Arn') => ({ 'Fn::GetAtt': [logicalId, attribute] });
const RETAIN = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };
const PUBLIC_ACCESS_BLOCK = {
  BlockPublicAcls: true,
  BlockPublicPolicy: true,
  IgnorePublicAcls: true,
  RestrictPublicBuckets: true,
};

/** A fresh copy, to be changed at will. */
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
      LaunchTemplate: { LaunchTemplateId: ref('Template'), Version: arn('Template', 'LatestVersionNumber') },
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

const RECORDS: Record<string, Resource> = {
  Key: {
    Type: 'AWS::KMS::Key',
    Properties: {
      EnableKeyRotation: true,
      KeyPolicy: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { AWS: { 'Fn::Join': ['', ['arn:aws:iam::', ref('AWS::AccountId'), ':root']] } },
            Action: 'kms:*',
            Resource: '*',
          },
        ],
      },
    },
    ...RETAIN,
  },
  Archive: {
    Type: 'AWS::S3::Bucket',
    Properties: {
      BucketName: 'tradewind-fixture-archive-111122223333-ap-northeast-1',
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 2557 } },
      },
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: PUBLIC_ACCESS_BLOCK,
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: arn('Key') },
          },
        ],
      },
    },
    ...RETAIN,
  },
  ArchivePolicy: {
    Type: 'AWS::S3::BucketPolicy',
    Properties: {
      Bucket: ref('Archive'),
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Action: 's3:*',
            Resource: [arn('Archive'), { 'Fn::Join': ['', [arn('Archive'), '/*']] }],
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    },
  },
  Vault: {
    Type: 'AWS::Backup::BackupVault',
    Properties: {
      BackupVaultName: 'tradewind-fixture-vault',
      EncryptionKeyArn: arn('Key'),
      LockConfiguration: { MinRetentionDays: 7, MaxRetentionDays: 2557, ChangeableForDays: 7 },
    },
    ...RETAIN,
  },
  Plan: {
    Type: 'AWS::Backup::BackupPlan',
    Properties: {
      BackupPlan: {
        BackupPlanName: 'tradewind-fixture',
        BackupPlanRule: [
          {
            RuleName: 'monthly',
            TargetBackupVault: ref('Vault'),
            ScheduleExpression: 'cron(30 0 1 * ? *)',
            Lifecycle: { MoveToColdStorageAfterDays: 30, DeleteAfterDays: 2557 },
          },
        ],
      },
    },
  },
  Secret: {
    Type: 'AWS::SecretsManager::Secret',
    Properties: { Name: 'tradewind/fixture/venues/binance', KmsKeyId: arn('Key'), GenerateSecretString: {} },
    ...RETAIN,
  },
};

const STORES: Record<string, Resource> = {
  DatabaseSubnets: {
    Type: 'AWS::RDS::DBSubnetGroup',
    Properties: { DBSubnetGroupDescription: 'Private', SubnetIds: [ref('Subnet'), ref('SubnetB')] },
  },
  Database: {
    Type: 'AWS::RDS::DBInstance',
    Properties: {
      Engine: 'postgres',
      DBInstanceClass: 'db.m7g.large',
      AllocatedStorage: '200',
      StorageType: 'gp3',
      StorageEncrypted: true,
      KmsKeyId: arn('Key'),
      MultiAZ: true,
      DeletionProtection: true,
      PubliclyAccessible: false,
      ManageMasterUserPassword: true,
      MasterUsername: 'tradewind',
      DBSubnetGroupName: ref('DatabaseSubnets'),
      BackupRetentionPeriod: 7,
      CopyTagsToSnapshot: true,
    },
    ...RETAIN,
  },
  CacheSubnets: {
    Type: 'AWS::ElastiCache::SubnetGroup',
    Properties: { Description: 'Private', SubnetIds: [ref('Subnet'), ref('SubnetB')] },
  },
  Cache: {
    Type: 'AWS::ElastiCache::ReplicationGroup',
    Properties: {
      ReplicationGroupDescription: 'State cache',
      Engine: 'redis',
      EngineVersion: '7.1',
      CacheNodeType: 'cache.m7g.large',
      NumCacheClusters: 2,
      AutomaticFailoverEnabled: true,
      MultiAZEnabled: true,
      AtRestEncryptionEnabled: true,
      TransitEncryptionEnabled: true,
      KmsKeyId: arn('Key'),
      CacheSubnetGroupName: ref('CacheSubnets'),
    },
    ...RETAIN,
  },
  Kafka: {
    Type: 'AWS::MSK::Cluster',
    Properties: {
      ClusterName: 'tradewind-fixture',
      KafkaVersion: '3.9.x.kraft',
      NumberOfBrokerNodes: 3,
      BrokerNodeGroupInfo: {
        InstanceType: 'kafka.m7g.large',
        ClientSubnets: [ref('Subnet'), ref('SubnetB'), ref('SubnetC')],
      },
      EncryptionInfo: {
        EncryptionAtRest: { DataVolumeKMSKeyId: arn('Key') },
        EncryptionInTransit: { ClientBroker: 'TLS', InCluster: true },
      },
    },
    ...RETAIN,
  },
};

const OPERATIONS: Record<string, Resource> = {
  Logs: {
    Type: 'AWS::Logs::LogGroup',
    Properties: { LogGroupName: '/tradewind/fixture/functions', RetentionInDays: 2557, KmsKeyId: arn('Key') },
    ...RETAIN,
  },
  FunctionRole: {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: 'tradewind-fixture-fence',
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ],
      },
    },
  },
  Fence: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: 'tradewind-fixture-fence',
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: arn('FunctionRole'),
      Code: { ZipFile: 'exports.handler = async () => {};' },
      LoggingConfig: { LogGroup: ref('Logs') },
      Environment: { Variables: { LEASE_TABLE: ref('Lease') } },
    },
  },
  Nightly: {
    Type: 'AWS::Events::Rule',
    Properties: {
      ScheduleExpression: 'cron(15 0 * * ? *)',
      State: 'ENABLED',
      Targets: [{ Id: 'Fence', Arn: arn('Fence') }],
    },
  },
  Critical: {
    Type: 'AWS::SNS::Topic',
    Properties: { TopicName: 'tradewind-fixture-critical', KmsMasterKeyId: arn('Key') },
  },
  LeaseAge: {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: 'tradewind-fixture-lease-age',
      AlarmDescription: 'The leader lease was not renewed. https://example.com/runbooks/lease-age.md',
      Namespace: 'Tradewind',
      MetricName: 'LeaseAge',
      Statistic: 'Maximum',
      Period: 10,
      EvaluationPeriods: 1,
      DatapointsToAlarm: 1,
      Threshold: 2500,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'breaching',
      AlarmActions: [ref('Critical')],
    },
  },
};

const RESOURCES = { ...NETWORK, ...HOSTS, ...RECORDS, ...STORES, ...OPERATIONS };
