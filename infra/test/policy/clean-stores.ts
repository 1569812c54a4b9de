import { arn, RETAIN, type Resource, ref } from './template.js';

const PUBLIC_ACCESS_BLOCK = {
  BlockPublicAcls: true,
  BlockPublicPolicy: true,
  IgnorePublicAcls: true,
  RestrictPublicBuckets: true,
};

export const RECORDS: Record<string, Resource> = {
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

export const STORES: Record<string, Resource> = {
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

export const OPERATIONS: Record<string, Resource> = {
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
