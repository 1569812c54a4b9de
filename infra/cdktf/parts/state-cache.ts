import { Construct } from 'constructs';
import type { EnvironmentPlan, PolicyStatement } from '../../model/index.js';
import { KEPT } from '../resources/aws-resource.js';
import {
  CacheReplicationGroup,
  CacheSubnetGroup,
  CacheUser,
  CacheUserGroup,
} from '../resources/data-services.js';
import { placeOf } from './place.js';
import { hostDoor, type ServiceSurroundings, serviceLog } from './service.js';

const PORT = 6379;

/** Days a daily snapshot is kept: the state is rebuilt from the journal, so that they only save time. */
const SNAPSHOT_DAYS = 7;

/** State for other processes, spoken to as Redis; the engine is Valkey. Hosts sign in by IAM. */
export class StateCache extends Construct {
  /** Lets a role sign in. */
  readonly connect: PolicyStatement;

  constructor(
    scope: Construct,
    around: ServiceSurroundings,
    settings: NonNullable<EnvironmentPlan['config']['data']['redis']>,
  ) {
    super(scope, 'redis');
    const { plan, keys, network } = around;
    const { arn } = placeOf(plan);
    const name = plan.names.cache;
    const several = settings.nodes > 1;
    const subnets = new CacheSubnetGroup(this, 'subnets', {
      name,
      description: 'Private subnets',
      subnetIds: network.privateSubnetIds,
    });
    const user = new CacheUser(this, 'user', {
      engine: 'valkey',
      userId: name,
      // The same as the id: IAM sign-in asks for it.
      userName: name,
      authenticationMode: [{ type: 'iam' }],
      accessString: 'on ~* &* +@all -@admin -@dangerous +info',
    });
    const users = new CacheUserGroup(this, 'users', {
      engine: 'valkey',
      userGroupId: name,
      userIds: [user.ref('user_id')],
    });
    const log = serviceLog(this, 'log', plan.names.logGroup('redis'), around).ref('name');
    new CacheReplicationGroup(
      this,
      'cache',
      {
        replicationGroupId: name,
        description: `State of ${plan.config.name} for other processes`,
        engine: 'valkey',
        engineVersion: '8.0',
        nodeType: settings.nodeType,
        numCacheClusters: settings.nodes,
        automaticFailoverEnabled: several,
        multiAzEnabled: several && network.privateSubnetIds.length > 1,
        subnetGroupName: subnets.ref('name'),
        securityGroupIds: [hostDoor(this, around, 'Redis', [PORT])],
        port: PORT,
        transitEncryptionEnabled: true,
        transitEncryptionMode: 'required',
        atRestEncryptionEnabled: true,
        kmsKeyId: keys.data,
        userGroupIds: [users.ref('user_group_id')],
        snapshotRetentionLimit: SNAPSHOT_DAYS,
        autoMinorVersionUpgrade: true,
        logDeliveryConfiguration: (['slow-log', 'engine-log'] as const).map((logType) => ({
          logType,
          logFormat: 'json',
          destinationType: 'cloudwatch-logs',
          destination: log,
        })),
      },
      KEPT,
    );
    this.connect = {
      Sid: 'SignInToRedis',
      Effect: 'Allow',
      Action: ['elasticache:Connect'],
      Resource: ['replicationgroup', 'user'].map((kind) => arn('elasticache', `${kind}:${name}`)),
    };
  }
}
