import { awsResource } from './aws-resource.js';

type Tags = Readonly<Record<string, string>>;

export const DbSubnetGroup = awsResource<
  { readonly name: string; readonly description: string; readonly subnetIds: readonly string[] },
  'id' | 'name'
>('aws_db_subnet_group');

export const DbParameterGroup = awsResource<
  {
    readonly name: string;
    readonly family: string;
    readonly description: string;
    readonly parameter: readonly {
      readonly name: string;
      readonly value: string;
      readonly applyMethod: 'immediate' | 'pending-reboot';
    }[];
  },
  'id' | 'name'
>('aws_db_parameter_group');

export const DbInstance = awsResource<
  {
    readonly identifier: string;
    readonly dbName: string;
    readonly engine: 'postgres';
    readonly engineVersion: string;
    readonly autoMinorVersionUpgrade: boolean;
    readonly allowMajorVersionUpgrade: boolean;
    readonly instanceClass: string;
    readonly storageType: 'gp3';
    readonly allocatedStorage: number;
    readonly storageEncrypted: true;
    readonly kmsKeyId: string;
    readonly multiAz: boolean;
    readonly username: string;
    readonly manageMasterUserPassword: true;
    readonly masterUserSecretKmsKeyId: string;
    readonly iamDatabaseAuthenticationEnabled: boolean;
    readonly dbSubnetGroupName: string;
    readonly parameterGroupName: string;
    readonly vpcSecurityGroupIds: readonly string[];
    readonly publiclyAccessible: false;
    readonly port: number;
    readonly backupRetentionPeriod: number;
    readonly deleteAutomatedBackups: boolean;
    readonly copyTagsToSnapshot: boolean;
    readonly deletionProtection: boolean;
    readonly finalSnapshotIdentifier: string;
    readonly enabledCloudwatchLogsExports: readonly string[];
    readonly monitoringInterval: number;
    readonly monitoringRoleArn: string;
    readonly performanceInsightsEnabled: boolean;
    readonly performanceInsightsKmsKeyId: string;
    readonly performanceInsightsRetentionPeriod: number;
    readonly tags: Tags;
  },
  'id' | 'arn' | 'endpoint' | 'resource_id'
>('aws_db_instance');

export const CacheSubnetGroup = awsResource<
  { readonly name: string; readonly description: string; readonly subnetIds: readonly string[] },
  'id' | 'name'
>('aws_elasticache_subnet_group');

export const CacheUser = awsResource<
  {
    readonly engine: 'valkey';
    readonly userId: string;
    readonly userName: string;
    readonly authenticationMode: readonly { readonly type: 'iam' }[];
    readonly accessString: string;
  },
  'id' | 'user_id'
>('aws_elasticache_user');

export const CacheUserGroup = awsResource<
  { readonly engine: 'valkey'; readonly userGroupId: string; readonly userIds: readonly string[] },
  'id' | 'user_group_id'
>('aws_elasticache_user_group');

export const CacheReplicationGroup = awsResource<
  {
    readonly replicationGroupId: string;
    readonly description: string;
    readonly engine: 'valkey';
    readonly engineVersion: string;
    readonly nodeType: string;
    readonly numCacheClusters: number;
    readonly automaticFailoverEnabled: boolean;
    readonly multiAzEnabled: boolean;
    readonly subnetGroupName: string;
    readonly securityGroupIds: readonly string[];
    readonly port: number;
    readonly transitEncryptionEnabled: boolean;
    readonly transitEncryptionMode: 'required';
    readonly atRestEncryptionEnabled: boolean;
    readonly kmsKeyId: string;
    readonly userGroupIds: readonly string[];
    readonly snapshotRetentionLimit: number;
    readonly autoMinorVersionUpgrade: boolean;
    readonly logDeliveryConfiguration: readonly {
      readonly logType: 'slow-log' | 'engine-log';
      readonly logFormat: 'json';
      readonly destinationType: 'cloudwatch-logs';
      readonly destination: string;
    }[];
  },
  'id' | 'primary_endpoint_address'
>('aws_elasticache_replication_group');

export const KafkaConfiguration = awsResource<
  {
    readonly name: string;
    readonly kafkaVersions: readonly string[];
    readonly serverProperties: string;
  },
  'id' | 'arn' | 'latest_revision'
>('aws_msk_configuration');

export const KafkaCluster = awsResource<
  {
    readonly clusterName: string;
    readonly kafkaVersion: string;
    readonly numberOfBrokerNodes: number;
    readonly brokerNodeGroupInfo: readonly {
      readonly instanceType: string;
      readonly clientSubnets: readonly string[];
      readonly securityGroups: readonly string[];
      readonly connectivityInfo: readonly {
        readonly publicAccess: readonly { readonly type: 'DISABLED' }[];
      }[];
      readonly storageInfo?: readonly {
        readonly ebsStorageInfo: readonly { readonly volumeSize: number }[];
      }[];
    }[];
    readonly configurationInfo: readonly { readonly arn: string; readonly revision: number }[];
    readonly clientAuthentication: readonly {
      readonly unauthenticated: boolean;
      readonly sasl: readonly { readonly iam: boolean; readonly scram: boolean }[];
    }[];
    readonly encryptionInfo: readonly {
      readonly encryptionAtRestKmsKeyArn: string;
      readonly encryptionInTransit: readonly { readonly clientBroker: 'TLS'; readonly inCluster: boolean }[];
    }[];
    readonly enhancedMonitoring: 'PER_BROKER';
    readonly openMonitoring: readonly {
      readonly prometheus: readonly {
        readonly jmxExporter: readonly { readonly enabledInBroker: boolean }[];
        readonly nodeExporter: readonly { readonly enabledInBroker: boolean }[];
      }[];
    }[];
    readonly loggingInfo: readonly {
      readonly brokerLogs: readonly {
        readonly cloudwatchLogs: readonly { readonly enabled: boolean; readonly logGroup: string }[];
      }[];
    }[];
  },
  'id' | 'arn'
>('aws_msk_cluster');
