import { type InstanceCapability, offeredIn } from './capabilities.js';
import { standbyZone } from './plan/network.js';
import type { EnvironmentConfig } from './schema.js';

/** A zone a host stands in, and the setting that put it there. */
export interface Stand {
  readonly zoneId: string;
  /** Such as `the primary stands`. */
  readonly who: string;
}

/** What an environment asks of its instance type in one Region. */
export interface TypeNeeds {
  /** The setting that names the type: `hosts.instanceType` or `dr.instanceType`. */
  readonly path: 'hosts.instanceType' | 'dr.instanceType';
  readonly region: string;
  readonly stands: readonly Stand[];
  readonly stage: EnvironmentConfig['stage'];
  readonly strategy: EnvironmentConfig['placement']['strategy'];
  readonly clock: EnvironmentConfig['hosts']['clock'];
  readonly enaExpress: readonly ('venueFacing' | 'replication')[];
  readonly threadsPerCore: 1 | 2 | undefined;
  readonly enaQueues: number | undefined;
  readonly autoRecovery: boolean;
}

/** A need a type does not meet. */
export interface Unmet {
  /** The setting that asks for it. */
  readonly path: string;
  readonly value: string;
  readonly message: string;
  /** What to change when the type is to stay, an imperative. */
  readonly otherwise?: string;
}

/**
 * Regions and families where PTP hardware clocks were offered before precision-time groups, and still are without one.
 * Amazon EC2 User Guide, "Set the time reference to use the local Amazon Time Sync Service".
 */
const PTP_REGIONS = new Set([
  'us-east-1',
  'us-east-2',
  'ap-northeast-1',
  'ap-southeast-5',
  'ap-southeast-7',
  'eu-north-1',
]);
const PTP_FAMILIES = new Set(['m7a', 'm7g', 'm7i', 'r7a', 'r7g', 'r7i', 'i8g', 'i8ge']);

/** Amazon EC2 User Guide, "Improve network performance with ENA Express": Sao Paulo, Bahrain and UAE are left out. */
const NO_ENA_EXPRESS = new Set(['sa-east-1', 'me-south-1', 'me-central-1']);

type NeedsSections = Pick<EnvironmentConfig, 'stage' | 'region' | 'network' | 'hosts' | 'placement' | 'ha'>;

export function hostNeeds(config: NeedsSections): TypeNeeds {
  const { hosts, ha, network } = config;
  const home = network.zones[0] as string;
  const stands = [{ zoneId: home, who: 'the primary stands' }];
  const other = standbyZone(config);
  if (ha.mode !== 'none' && other !== home) stands.push({ zoneId: other, who: 'the standby stands' });
  return {
    path: 'hosts.instanceType',
    region: config.region,
    stands,
    stage: config.stage,
    strategy: config.placement.strategy,
    clock: hosts.clock,
    enaExpress: (['venueFacing', 'replication'] as const).filter((face) => hosts.enaExpress[face]),
    threadsPerCore: hosts.threadsPerCore,
    enaQueues: hosts.enaQueues,
    autoRecovery: hosts.autoRecovery === 'default',
  };
}

/** The same in the second Region, where one host stands; nothing where only copies are kept. */
export function secondRegionNeeds(
  config: NeedsSections & Pick<EnvironmentConfig, 'dr'>,
): TypeNeeds | undefined {
  const { dr, placement } = config;
  if (!dr || dr.mode === 'backup') return undefined;
  const { enaExpress, ...needs } = hostNeeds(config);
  return {
    ...needs,
    path: 'dr.instanceType',
    region: dr.region,
    stands: [{ zoneId: dr.zones[0] as string, who: 'the host of the second Region stands' }],
    strategy: placement.strategy === 'shared' ? 'cluster' : placement.strategy,
    enaExpress: enaExpress.filter((face) => face !== 'replication'),
  };
}

/** Everything `needs` asks for that the type does not have; empty when the type will do. */
export function unmetNeeds(name: string, type: InstanceCapability, needs: TypeNeeds): Unmet[] {
  return [
    ...zones(name, type, needs),
    ...group(name, type, needs),
    ...clock(name, type, needs),
    ...network(name, type, needs),
    ...processor(name, type, needs),
  ];
}

function zones(name: string, type: InstanceCapability, { path, stands }: TypeNeeds): Unmet[] {
  return stands
    .filter(({ zoneId }) => !offeredIn(type, zoneId))
    .map(({ zoneId, who }) => ({ path, value: name, message: `is not offered in ${zoneId}, where ${who}` }));
}

function group(name: string, type: InstanceCapability, { path, stage, strategy }: TypeNeeds): Unmet[] {
  const unmet: Unmet[] = [];
  if (strategy !== 'none' && !type.placement.includes('cluster')) {
    unmet.push({
      path: 'placement.strategy',
      value: strategy,
      message: `needs a type that can stand in a cluster placement group, and ${name} can not`,
      otherwise: 'set placement.strategy: none',
    });
  }
  if (stage === 'prod' && type.burstable) {
    unmet.push({
      path,
      value: name,
      message: 'is burstable: in production it would be throttled when the market moves most',
    });
  }
  return unmet;
}

function clock(name: string, type: InstanceCapability, needs: TypeNeeds): Unmet[] {
  const { region, strategy } = needs;
  if (strategy === 'precision-time' && !type.ptpClock) {
    return [
      {
        path: 'placement.strategy',
        value: strategy,
        message: `needs a type with a PTP hardware clock, and ${name} has none`,
        otherwise: `set placement.strategy: cluster${needs.clock === 'ptp' ? ' and hosts.clock: ntp' : ''}`,
      },
    ];
  }
  if (needs.clock !== 'ptp') return [];
  const at = { path: 'hosts.clock', value: 'ptp', otherwise: 'set hosts.clock: ntp' };
  if (!type.ptpClock)
    return [{ ...at, message: `needs a type with a PTP hardware clock, and ${name} has none` }];
  if (strategy === 'precision-time') return [];
  const family = name.split('.')[0] as string;
  if (PTP_REGIONS.has(region) && PTP_FAMILIES.has(family)) return [];
  const lacking = PTP_REGIONS.has(region) ? `for ${family}` : `in ${region}`;
  return [
    {
      ...at,
      message: `is to be had ${lacking} only in a precision-time placement group, and placement.strategy is ${strategy}`,
      otherwise:
        strategy === 'shared'
          ? 'set hosts.clock: ntp'
          : 'set placement.strategy: precision-time, or hosts.clock: ntp',
    },
  ];
}

function network(name: string, type: InstanceCapability, needs: TypeNeeds): Unmet[] {
  const unmet: Unmet[] = [];
  for (const face of needs.enaExpress) {
    const at = {
      path: `hosts.enaExpress.${face}`,
      value: 'true',
      otherwise: `set hosts.enaExpress.${face}: false`,
    };
    if (NO_ENA_EXPRESS.has(needs.region)) {
      unmet.push({ ...at, message: `is not to be had in ${needs.region}: AWS has no ENA Express there` });
    } else if (!type.enaExpress) {
      unmet.push({ ...at, message: `needs a type with ENA Express, and ${name} has none` });
    } else if (face === 'replication' && type.maxInterfaces < 2) {
      unmet.push({ ...at, message: `needs a second interface, and ${name} takes one` });
    }
  }
  if (needs.enaQueues !== undefined && !type.flexibleEnaQueues) {
    unmet.push({
      path: 'hosts.enaQueues',
      value: String(needs.enaQueues),
      message: `needs a type whose ENA queues can be chosen, and those of ${name} can not`,
      otherwise: 'remove hosts.enaQueues',
    });
  }
  return unmet;
}

function processor(name: string, type: InstanceCapability, needs: TypeNeeds): Unmet[] {
  const unmet: Unmet[] = [];
  const threads = needs.threadsPerCore;
  if (threads !== undefined && !type.threadsPerCore.includes(threads)) {
    unmet.push({
      path: 'hosts.threadsPerCore',
      value: String(threads),
      message: type.metal
        ? `is a CPU option, and EC2 takes none for the metal type ${name}`
        : `is not a choice of ${name}, which has ${type.threadsPerCore.join(' or ') || type.defaultThreadsPerCore}`,
      otherwise: type.metal
        ? 'remove hosts.threadsPerCore: infra/host turns SMT off in the guest'
        : 'remove hosts.threadsPerCore',
    });
  }
  if (needs.autoRecovery && !type.autoRecovery) {
    unmet.push({
      path: 'hosts.autoRecovery',
      value: 'default',
      message: `needs a type EC2 can recover by itself, and ${name} is none`,
      otherwise: 'set hosts.autoRecovery: disabled, or remove it',
    });
  }
  return unmet;
}
