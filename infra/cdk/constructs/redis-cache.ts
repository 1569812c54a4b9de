import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { HostDoor } from './host-door.js';
import type { RedisProps } from './service-props.js';

const PORT = 6379;

/** Days a daily snapshot is kept: the state is rebuilt from the journal, so that they only save time. */
const SNAPSHOT_DAYS = 7;

/**
 * State for other processes, spoken to as Redis. The engine is Valkey, the open-source continuation that ElastiCache
 * develops and charges less for. Hosts sign in by IAM: there is no password to keep.
 */
export class RedisCache extends Construct {
  readonly endpoint: string;
  /** Lets a role sign in. */
  readonly connect: iam.PolicyStatement;

  constructor(scope: Construct, id: string, { plan, keys, network, settings }: RedisProps) {
    super(scope, id);
    const { names } = plan;
    const stack = Stack.of(this);
    const several = settings.nodes > 1;
    const door = new HostDoor(this, 'Door', { network, service: 'Redis', ports: [PORT] });
    const subnets = new elasticache.CfnSubnetGroup(this, 'Subnets', {
      description: 'Private subnets',
      subnetIds: [...network.privateSubnetIds],
    });
    const user = new elasticache.CfnUser(this, 'User', {
      engine: 'valkey',
      userId: names.cache,
      // The same as the id: IAM sign-in asks for it.
      userName: names.cache,
      authenticationMode: { Type: 'iam' },
      accessString: 'on ~* &* +@all -@admin -@dangerous +info',
    });
    const users = new elasticache.CfnUserGroup(this, 'Users', {
      engine: 'valkey',
      userGroupId: names.cache,
      userIds: [user.ref],
    });
    const log = new logs.LogGroup(this, 'Log', {
      logGroupName: names.logGroup('redis'),
      retention: plan.retention.operationalLogDays,
      encryptionKey: keys.audit,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const cache = new elasticache.CfnReplicationGroup(this, 'Cache', {
      replicationGroupDescription: `State of ${plan.config.name} for other processes`,
      engine: 'valkey',
      engineVersion: '8.0',
      cacheNodeType: settings.nodeType,
      numCacheClusters: settings.nodes,
      automaticFailoverEnabled: several,
      multiAzEnabled: several && network.privateSubnetIds.length > 1,
      cacheSubnetGroupName: subnets.ref,
      securityGroupIds: [door.securityGroupId],
      port: PORT,
      transitEncryptionEnabled: true,
      transitEncryptionMode: 'required',
      atRestEncryptionEnabled: true,
      kmsKeyId: keys.data.keyArn,
      userGroupIds: [users.ref],
      snapshotRetentionLimit: SNAPSHOT_DAYS,
      autoMinorVersionUpgrade: true,
      logDeliveryConfigurations: ['slow-log', 'engine-log'].map((logType) => ({
        logType,
        logFormat: 'json',
        destinationType: 'cloudwatch-logs',
        destinationDetails: { cloudWatchLogsDetails: { logGroup: log.logGroupName } },
      })),
    });
    cache.applyRemovalPolicy(RemovalPolicy.RETAIN, { applyToUpdateReplacePolicy: true });
    Validations.of(cache).acknowledge(
      {
        id: 'AwsSolutions-AEC6',
        reason:
          'Users sign in by IAM through the user group, which replaces the one shared token of Redis AUTH.',
      },
      {
        id: 'NIST.800.53.R5-ElastiCacheRedisClusterAutomaticBackup',
        reason:
          'A week of snapshots saves time and no more: the state is rebuilt from the journal, which is kept for years.',
      },
    );
    this.endpoint = `${cache.attrPrimaryEndPointAddress}:${PORT}`;
    this.connect = new iam.PolicyStatement({
      sid: 'SignInToRedis',
      actions: ['elasticache:Connect'],
      resources: [`replicationgroup:${cache.ref}`, `user:${user.ref}`].map(
        (what) => `arn:${stack.partition}:elasticache:${stack.region}:${stack.account}:${what}`,
      ),
    });
  }
}
