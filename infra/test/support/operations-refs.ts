import type { Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import type {
  ArchiveRefs,
  KeyRefs,
  LogRefs,
  NetworkRefs,
  SecretRefs,
  StateRefs,
  TopicRefs,
  TradingRefs,
} from '../../cdk/refs.js';
import type { EnvironmentPlan, HostRole } from '../../model/index.js';

/** What other stacks would have made, imported by fixed ids, so that one stack can be tested alone. */
export interface OperationsRefs {
  readonly keys: KeyRefs;
  readonly network: NetworkRefs;
  readonly state: StateRefs;
  readonly trading: TradingRefs;
  readonly archive: ArchiveRefs;
  readonly secrets: SecretRefs;
  readonly topics: TopicRefs;
  readonly logs: LogRefs;
}

const KEY = {
  data: '11111111-1111-4111-8111-111111111111',
  audit: '22222222-2222-4222-8222-222222222222',
  secrets: '33333333-3333-4333-8333-333333333333',
  signing: '44444444-4444-4444-8444-444444444444',
};
const INSTANCE: Record<HostRole, string> = { primary: 'i-0aaaaaaaaaaaaaaa1', standby: 'i-0bbbbbbbbbbbbbbb2' };
const INTERFACE: Record<HostRole, string> = {
  primary: 'eni-0aaaaaaaaaaaaaaa1',
  standby: 'eni-0bbbbbbbbbbbbbbb2',
};
const VOLUME: Record<HostRole, string> = {
  primary: 'vol-0aaaaaaaaaaaaaaa1',
  standby: 'vol-0bbbbbbbbbbbbbbb2',
};

/** Imported resources live beside the stack under test, in a scope that makes no template. */
export function operationsRefs(scope: Stack, plan: EnvironmentPlan): OperationsRefs {
  const { account, region } = plan.config;
  const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`;
  const key = (id: keyof typeof KEY) => kms.Key.fromKeyArn(scope, `Key${id}`, arn('kms', `key/${KEY[id]}`));
  const by = <T>(roles: readonly HostRole[], make: (role: HostRole) => T) =>
    Object.fromEntries(roles.map((role) => [role, make(role)])) as Partial<Record<HostRole, T>>;
  const byRole = <T>(make: (role: HostRole) => T) =>
    by(
      plan.hosts.hosts.map(({ role }) => role),
      make,
    );
  const topic = (severity: 'critical' | 'warning') =>
    sns.Topic.fromTopicArn(scope, `Topic${severity}`, arn('sns', plan.names.topic(severity)));
  return {
    keys: {
      data: key('data'),
      audit: key('audit'),
      secrets: key('secrets'),
      ...(plan.archive.checkpoints ? { signing: key('signing') } : {}),
    },
    network: {
      vpcId: 'vpc-0123456789abcdef0',
      subnets: Object.fromEntries(
        plan.network.subnets.map(({ id, zoneId }, index) => [
          id,
          {
            subnetId: `subnet-0000000000000000${index}`,
            networkAclId: `acl-0000000000000000${index}`,
            routeTableId: `rtb-0000000000000000${index}`,
            zoneName: zoneId,
          },
        ]),
      ),
      privateSubnetIds: plan.network.subnets.flatMap(({ kind }, index) =>
        kind === 'private' ? [`subnet-0000000000000000${index}`] : [],
      ),
      hostSecurityGroupId: 'sg-0123456789abcdef0',
    },
    state: {
      leaseTable: dynamodb.Table.fromTableArn(
        scope,
        'Lease',
        arn('dynamodb', `table/${plan.names.leaseTable}`),
      ),
      journalVolumeIds: byRole((role) => VOLUME[role]),
      elasticIps: byRole((role) => ({ allocationId: `eipalloc-${role}`, address: '192.0.2.1' })),
    },
    trading: {
      hosts: by(plan.hosts.standing, (role) => ({
        instanceId: INSTANCE[role],
        networkInterfaceId: INTERFACE[role],
      })),
      hostRoleArn: `arn:aws:iam::${account}:role/${plan.names.role('host')}`,
    },
    archive: { bucket: s3.Bucket.fromBucketName(scope, 'Archive', plan.archive.bucket) },
    secrets: Object.fromEntries(
      plan.config.venues.flatMap(({ secret }) =>
        secret
          ? [
              [
                secret,
                secretsmanager.Secret.fromSecretCompleteArn(
                  scope,
                  `Secret${secret}`,
                  arn('secretsmanager', `secret:${plan.names.secret(secret)}-AbCdEf`),
                ),
              ],
            ]
          : [],
      ),
    ),
    topics: { critical: topic('critical'), warning: topic('warning') },
    logs: Object.fromEntries(
      plan.logs.map(({ id, name }) => [
        id,
        logs.LogGroup.fromLogGroupArn(scope, `Log${id}`, arn('logs', `log-group:${name}:*`)),
      ]),
    ),
  };
}
