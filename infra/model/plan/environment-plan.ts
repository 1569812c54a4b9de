import { type Names, names } from '../names.js';
import type { EnvironmentConfig } from '../schema.js';
import {
  type AlarmInstancePlan,
  alarmInstances,
  type CompositeAlarmPlan,
  compositeAlarms,
} from './alarm-instances.js';
import { type AlarmPlan, planAlarms } from './alarms.js';
import { type HostRole, type HostsPlan, planHosts, standingHosts } from './hosts.js';
import { type LeasePlan, movesAddress, planLease } from './lease.js';
import { type NetworkPlan, planNetwork } from './network.js';
import { planRetention, type RetentionPlan } from './retention.js';
import {
  type ArchivePlan,
  type BackupPlanModel,
  type LogGroupPlan,
  planArchive,
  planBackup,
  planLogs,
} from './storage.js';

/**
 * Everything the CDK and the Terraform form of an environment must agree on, decided once: addresses, placement, names,
 * retention, alarms. A back end turns it into resources and decides nothing itself.
 */
export interface EnvironmentPlan {
  readonly config: EnvironmentConfig;
  readonly names: Names;
  readonly tags: Readonly<Record<string, string>>;
  readonly network: NetworkPlan;
  readonly hosts: HostsPlan;
  readonly lease: LeasePlan;
  readonly archive: ArchivePlan;
  readonly backup: BackupPlanModel;
  readonly logs: readonly LogGroupPlan[];
  readonly retention: RetentionPlan;
  readonly alarms: readonly AlarmPlan[];
  /** The alarms one by one, as CloudWatch has them. */
  readonly alarmInstances: readonly AlarmInstancePlan[];
  readonly compositeAlarms: readonly CompositeAlarmPlan[];
  /** `full`: the whole environment; `copies`: keys, locked archive and backup vault of a second Region, nothing more. */
  readonly scope: 'full' | 'copies';
  /** The Region of the file, or its second one. */
  readonly place: 'home' | 'second';
  /** The second Region as an environment of its own. */
  readonly dr?: EnvironmentPlan;
}

/**
 * Functions an environment has, by the settings that ask for them and the hosts that stand. A lone host is fenced from
 * nobody; the address may have to come to it still.
 */
export function functionsOf(
  config: EnvironmentConfig,
  standing: readonly HostRole[] = standingHosts(config),
): string[] {
  const { archive, backup, venues } = config;
  const running = standing.length > 0;
  return [
    ...(standing.length > 1 ? ['fence'] : []),
    ...(running && movesAddress(config) ? ['move-address'] : []),
    ...(running && venues.some((venue) => venue.secret) ? ['rotate-secret'] : []),
    ...(archive.checkpoints ? ['checkpoint-archive'] : []),
    ...(backup.restoreTest ? ['check-restore'] : []),
  ];
}

export function planEnvironment(config: EnvironmentConfig): EnvironmentPlan {
  const { dr } = config;
  const plan = planRegion(config, 'home', 'full', true);
  if (!dr) return plan;
  const scope = dr.mode === 'backup' ? 'copies' : 'full';
  const second = planRegion(secondRegion(config, dr), 'second', scope, dr.mode === 'warm');
  const backup = config.backup.copy
    ? { ...second.backup, receivingVault: second.names.copyVault }
    : second.backup;
  return { ...plan, dr: { ...second, backup } };
}

function planRegion(
  config: EnvironmentConfig,
  place: 'home' | 'second',
  scope: EnvironmentPlan['scope'],
  running: boolean,
): EnvironmentPlan {
  const { name, stage, owner, costCenter, desk } = config;
  const standing = standingHosts(config, running);
  const alarms = planAlarms(config, functionsOf(config, standing), standing);
  const instances = alarmInstances(config, alarms, place === 'second');
  return {
    config,
    scope,
    place,
    names: names(config, place),
    tags: {
      'tradewind:environment': name,
      'tradewind:stage': stage,
      'tradewind:owner': owner,
      'tradewind:cost-center': costCenter,
      'tradewind:desk': desk,
    },
    network: planNetwork(config),
    hosts: planHosts(config, running, place === 'second'),
    lease: planLease(config),
    archive: planArchive(config),
    backup: planBackup(config),
    logs: planLogs(config),
    retention: planRetention(config),
    alarms,
    alarmInstances: instances,
    compositeAlarms: compositeAlarms(config, instances),
  };
}

/** The environment as it stands in the second Region: one host, no hot partner, the same rules. */
function secondRegion(
  config: EnvironmentConfig,
  dr: NonNullable<EnvironmentConfig['dr']>,
): EnvironmentConfig {
  const { dr: _, pipeline: __, ...rest } = config;
  const { sharedGroupId: ___, standbyZone: ____, ...placement } = config.placement;
  const { existing: _____, ...network } = config.network;
  const { existingBucket: ________, ...archive } = config.archive;
  const { address: ______, overlayAddress: _______, ...ha } = config.ha;
  return {
    ...rest,
    region: dr.region,
    network: { ...network, cidr: dr.cidr, zones: dr.zones },
    hosts: {
      ...config.hosts,
      instanceType: dr.instanceType ?? config.hosts.instanceType,
      // One host has nobody to replicate to.
      enaExpress: { ...config.hosts.enaExpress, replication: false },
    },
    placement: { ...placement, strategy: placement.strategy === 'shared' ? 'cluster' : placement.strategy },
    ha: { ...ha, mode: 'none' },
    keys: { ...config.keys, existing: {} },
    archive: { ...archive, replicate: false },
    data: {},
    backup: { ...config.backup, copy: false, restoreTest: false },
    operations: config.operations,
  };
}
