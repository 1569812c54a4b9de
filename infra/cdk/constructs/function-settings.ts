import type { Stack } from 'aws-cdk-lib';
import type { FunctionArns, FunctionName } from '../../functions/index.js';
import { type KeyCommand, keyCommandName } from '../../model/documents/index.js';
import { type EnvironmentPlan, HOST_ARCHIVE_PREFIX, type HostRole, wholeDays } from '../../model/index.js';
import type {
  ArchiveRefs,
  KeyRefs,
  NetworkRefs,
  SecretRefs,
  StateRefs,
  SubnetRef,
  TopicRefs,
  TradingRefs,
} from '../refs.js';

/** What the functions of an environment are about. */
export interface FunctionSurroundings {
  readonly plan: EnvironmentPlan;
  readonly keys: KeyRefs;
  readonly network: NetworkRefs;
  readonly state: StateRefs;
  readonly trading: TradingRefs;
  readonly archive: ArchiveRefs;
  readonly secrets: SecretRefs;
  readonly topics: TopicRefs;
}

const KEY_COMMANDS: readonly KeyCommand[] = ['check-key', 'reload-key'];

/** The ARNs the rights of functions are about. */
export function functionArns(stack: Stack, around: FunctionSurroundings): FunctionArns {
  const { keys, network, state, trading, secrets, topics, plan } = around;
  const { partition, region, account } = stack;
  const ec2 = (resource: string) => `arn:${partition}:ec2:${region}:${account}:${resource}`;
  const hosts = Object.values(trading.hosts);
  const subnets = hostSubnets(around);
  const overlay = plan.hosts.address === 'overlay-route';
  return {
    partition,
    region,
    account,
    leaseTable: state.leaseTable.tableArn,
    keys: {
      data: keys.data.keyArn,
      audit: keys.audit.keyArn,
      secrets: keys.secrets.keyArn,
      ...(keys.signing ? { signing: keys.signing.keyArn } : {}),
    },
    instances: hosts.map(({ instanceId }) => ec2(`instance/${instanceId}`)),
    networkAcls:
      plan.hosts.fencing === 'stop'
        ? []
        : unique(subnets.map(({ networkAclId }) => ec2(`network-acl/${networkAclId}`))),
    networkInterfaces: hosts.map(({ networkInterfaceId }) => ec2(`network-interface/${networkInterfaceId}`)),
    routeTables: overlay ? routeTables(network).map((id) => ec2(`route-table/${id}`)) : [],
    secrets: Object.values(secrets).map(({ secretArn }) => secretArn),
    topics: [topics.warning.topicArn],
    commandDocuments: KEY_COMMANDS.map(
      (command) => `arn:${partition}:ssm:${region}:${account}:document/${keyCommandName(plan, command)}`,
    ),
    // By its name, which is ours: rights on all its objects are acknowledged by their text.
    archive: `arn:${partition}:s3:::${plan.archive.bucket}`,
  };
}

/** The environment variables of a function. */
export function functionVariables(
  stack: Stack,
  name: FunctionName,
  around: FunctionSurroundings,
): Record<string, string> {
  const { plan, state, trading, archive, keys, topics } = around;
  const base = { ENVIRONMENT: plan.config.name };
  const leased = { ...base, LEASE_TABLE: state.leaseTable.tableName };
  const json = (value: unknown) => stack.toJsonString(value);
  switch (name) {
    case 'fence':
      return {
        ...leased,
        HOSTS: json(
          byHost(around, (role) => ({ instanceId: host(around, role).instanceId, ...fenceAt(around, role) })),
        ),
        FENCING: plan.hosts.fencing,
      };
    case 'move-address':
      return { ...leased, ADDRESS: json(address(around)) };
    case 'rotate-secret':
      return {
        ...leased,
        TOPIC_ARN: topics.warning.topicArn,
        ELASTIC_IPS: json(Object.values(state.elasticIps).map((ip) => ip.address)),
        HOSTS: json(
          Object.fromEntries(
            Object.entries(trading.hosts).map(([role, { instanceId }]) => [role, instanceId]),
          ),
        ),
        CHECK_DOCUMENT: keyCommandName(plan, 'check-key'),
        RELOAD_DOCUMENT: keyCommandName(plan, 'reload-key'),
        OVERLAP_DAYS: String(wholeDays(plan.config.secrets.overlap)),
      };
    case 'checkpoint-archive':
      return {
        ...base,
        BUCKET: archive.bucket.bucketName,
        PREFIXES: json([`${HOST_ARCHIVE_PREFIX}/`]),
        SIGNING_KEY: keys.signing?.keyArn ?? '',
        RETENTION_DAYS: String(plan.archive.lockDays),
      };
    case 'check-restore':
      return base;
  }
}

function address(around: FunctionSurroundings): unknown {
  const { plan, network } = around;
  const interfaces = byHost(around, (role) => host(around, role).networkInterfaceId);
  if (plan.hosts.address === 'secondary-ip') {
    return { kind: 'secondary-ip', interfaces, addresses: [plan.hosts.floatingIp] };
  }
  return {
    kind: 'overlay-route',
    interfaces,
    destination: `${plan.config.ha.overlayAddress}/32`,
    routeTables: routeTables(network),
  };
}

function byHost<T>(
  { plan }: FunctionSurroundings,
  make: (role: HostRole) => T,
): Partial<Record<HostRole, T>> {
  return Object.fromEntries(plan.hosts.standing.map((role) => [role, make(role)])) as Partial<
    Record<HostRole, T>
  >;
}

function host({ trading }: FunctionSurroundings, role: HostRole) {
  const found = trading.hosts[role];
  if (!found) throw new Error(`a function acts on the ${role} host, which the trading stack does not have`);
  return found;
}

function fenceAt(around: FunctionSurroundings, role: HostRole): { subnetId: string; networkAclId: string } {
  const { subnetId, networkAclId } = subnetOf(around, role);
  return { subnetId, networkAclId };
}

function hostSubnets(around: FunctionSurroundings): SubnetRef[] {
  return around.plan.hosts.hosts.map(({ role }) => subnetOf(around, role));
}

function subnetOf({ plan, network }: FunctionSurroundings, role: HostRole): SubnetRef {
  const id = plan.hosts.hosts.find((one) => one.role === role)?.subnet;
  const subnet = id && network.subnets[id];
  if (!subnet) throw new Error(`the subnet of the ${role} host is planned but no stack made it`);
  return subnet;
}

function routeTables({ subnets }: NetworkRefs): string[] {
  return unique(Object.values(subnets as Record<string, SubnetRef>).map((subnet) => subnet.routeTableId));
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
