/**
 * Types that hold data somebody needs after the stack is gone: those the CloudFormation service specification marks as
 * stateful and this project may use, and three it does not mark although they hold records, metrics or backups. They
 * must be retained. A test compares this list with the specification.
 */
export const DATA_TYPES = [
  'AWS::APS::Workspace',
  'AWS::Backup::BackupVault',
  'AWS::Backup::LogicallyAirGappedBackupVault',
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::EC2::Volume',
  'AWS::EFS::FileSystem',
  'AWS::ElastiCache::CacheCluster',
  'AWS::ElastiCache::ReplicationGroup',
  'AWS::KMS::Key',
  'AWS::Kinesis::Stream',
  'AWS::Logs::LogGroup',
  'AWS::MSK::Cluster',
  'AWS::RDS::DBCluster',
  'AWS::RDS::DBInstance',
  'AWS::S3::Bucket',
  'AWS::SQS::Queue',
  'AWS::SecretsManager::Secret',
] as const;

/**
 * Types without data whose identity others hold on to: the venue whitelists the address, hosts stand in the group and the
 * subnet. Replacing one stops trading, so the replacement gate guards them too.
 */
export const IDENTITY_TYPES = [
  'AWS::EC2::CapacityReservation',
  'AWS::EC2::EIP',
  'AWS::EC2::Instance',
  'AWS::EC2::NetworkInterface',
  'AWS::EC2::PlacementGroup',
  'AWS::EC2::Subnet',
  'AWS::EC2::VPC',
  'AWS::KMS::Alias',
] as const;

/** Everything the replacement gate guards. */
export const GUARDED_TYPES: ReadonlySet<string> = new Set([...DATA_TYPES, ...IDENTITY_TYPES]);

/** What one host owns alone or the environment trades by: it lives in the State stack and nowhere else. */
export const STATE_STACK_TYPES: ReadonlySet<string> = new Set([
  'AWS::DynamoDB::Table',
  'AWS::EC2::EIP',
  'AWS::EC2::Volume',
]);
