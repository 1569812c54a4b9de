import type { FunctionArns, FunctionName } from '../../functions/index.js';
import { type KeyCommand, keyCommandName } from '../../model/documents/index.js';
import { type EnvironmentPlan, HOST_ARCHIVE_PREFIX, type HostRole, wholeDays } from '../../model/index.js';
import type { KeyArns } from './keys.js';
import type { Network } from './network.js';
import { placeOf } from './place.js';
import type { State } from './state.js';
import type { HostRef, Trading } from './trading.js';

/** What the functions of an environment are about. */
export interface FunctionSurroundings {
  readonly plan: EnvironmentPlan;
  readonly keys: KeyArns;
  readonly network: Network;
  readonly state: State;
  readonly trading: Trading;
  readonly topics: Readonly<Record<'critical' | 'warning', string>>;
  readonly secretArns: readonly string[];
}

export const KEY_COMMANDS: readonly KeyCommand[] = ['check-key', 'reload-key'];

/** The ARNs the rights of functions are about. */
export function functionArns(around: FunctionSurroundings): FunctionArns {
  const { plan, keys, network, state, trading, topics, secretArns } = around;
  const { arn, partition, region, account } = placeOf(plan);
  const hosts = Object.values(trading.hosts);
  return {
    partition,
    region,
    account,
    leaseTable: state.leaseTable.arn,
    keys,
    instances: hosts.map(({ instanceId }) => arn('ec2', `instance/${instanceId}`)),
    networkAcls:
      plan.hosts.fencing === 'stop'
        ? []
        : unique(
            plan.hosts.hosts.map(({ role }) =>
              arn('ec2', `network-acl/${network.subnetOf(role).networkAclId}`),
            ),
          ),
    networkInterfaces: hosts.map(({ networkInterfaceId }) =>
      arn('ec2', `network-interface/${networkInterfaceId}`),
    ),
    routeTables:
      plan.hosts.address === 'overlay-route'
        ? network.subnets.map(({ routeTableId }) => arn('ec2', `route-table/${routeTableId}`))
        : [],
    secrets: secretArns,
    topics: [topics.warning],
    commandDocuments: KEY_COMMANDS.map((command) => arn('ssm', `document/${keyCommandName(plan, command)}`)),
    archive: `arn:${partition}:s3:::${plan.archive.bucket}`,
  };
}

/** The environment variables of a function. */
export function functionVariables(name: FunctionName, around: FunctionSurroundings): Record<string, string> {
  const { plan, state, trading, keys, topics } = around;
  const base = { ENVIRONMENT: plan.config.name };
  const leased = { ...base, LEASE_TABLE: state.leaseTable.name };
  switch (name) {
    case 'fence':
      return { ...leased, HOSTS: fencedHosts(around), FENCING: plan.hosts.fencing };
    case 'move-address':
      return { ...leased, ADDRESS: movedAddress(around) };
    case 'rotate-secret':
      return {
        ...leased,
        TOPIC_ARN: topics.warning,
        ELASTIC_IPS: JSON.stringify(
          [...Object.values(state.elasticIps), ...(trading.floatingIp ? [trading.floatingIp] : [])].map(
            ({ address }) => address,
          ),
        ),
        HOSTS: JSON.stringify(byHost(around, ({ instanceId }) => instanceId)),
        CHECK_DOCUMENT: keyCommandName(plan, 'check-key'),
        RELOAD_DOCUMENT: keyCommandName(plan, 'reload-key'),
        OVERLAP_DAYS: String(wholeDays(plan.config.secrets.overlap)),
      };
    case 'checkpoint-archive':
      return {
        ...base,
        BUCKET: plan.archive.bucket,
        PREFIXES: JSON.stringify([`${HOST_ARCHIVE_PREFIX}/`]),
        SIGNING_KEY: keys.signing ?? '',
        RETENTION_DAYS: String(plan.archive.lockDays),
      };
    case 'check-restore':
      return base;
  }
}

function fencedHosts(around: FunctionSurroundings): string {
  return JSON.stringify(
    byHost(around, ({ instanceId }, role) => {
      const { subnetId, networkAclId } = around.network.subnetOf(role);
      return { instanceId, subnetId, networkAclId };
    }),
  );
}

function movedAddress(around: FunctionSurroundings): string {
  const { plan, network } = around;
  const interfaces = byHost(around, ({ networkInterfaceId }) => networkInterfaceId);
  return JSON.stringify(
    plan.hosts.address === 'secondary-ip'
      ? { kind: 'secondary-ip', interfaces, addresses: [plan.hosts.floatingIp] }
      : {
          kind: 'overlay-route',
          interfaces,
          destination: `${plan.config.ha.overlayAddress}/32`,
          routeTables: network.subnets.map(({ routeTableId }) => routeTableId),
        },
  );
}

/** Of the hosts that stand. */
function byHost<T>(
  { trading }: FunctionSurroundings,
  make: (host: HostRef, role: HostRole) => T,
): Partial<Record<HostRole, T>> {
  return Object.fromEntries(
    Object.entries(trading.hosts).map(([role, host]) => [role, make(host, role as HostRole)]),
  );
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
