import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { capabilities, type EnvironmentPlan, infraPath } from '../model/index.js';

const rate = z.object({ rate: z.number(), basis: z.enum(['list', 'estimate']) });

const pricesSchema = z.object({
  source: z.string(),
  date: z.iso.date(),
  currency: z.literal('USD'),
  hoursPerMonth: z.number(),
  regionFactor: z.record(z.string(), z.number()),
  defaultRegionFactor: z.number(),
  ec2VcpuHour: z.record(z.string(), rate),
  defaultVcpuHour: rate,
  perMonth: z.record(z.string(), z.number()),
  databaseVcpuHour: z.object({ rds: z.number(), cache: z.number(), kafka: z.number() }),
  assumptions: z.record(z.string(), z.number()),
});

export type Prices = z.output<typeof pricesSchema>;

export interface CostLine {
  readonly region: string;
  readonly item: string;
  readonly quantity: string;
  /** US dollars a month. */
  readonly monthly: number;
  readonly basis: 'list' | 'estimate' | 'assumed use';
}

export interface CostTable {
  readonly lines: readonly CostLine[];
  readonly total: number;
  readonly date: string;
  readonly source: string;
  readonly assumptions: Readonly<Record<string, number>>;
}

/** The committed, dated price list `infra/data/prices.json`. */
export function readPrices(): Prices {
  return pricesSchema.parse(JSON.parse(readFileSync(infraPath('data', 'prices.json'), 'utf8')));
}

/**
 * What an environment costs a month, roughly: on-demand rates times what the plan says will stand, plus assumed traffic.
 * No discounts, data transfer, tax or support; meant for "hundreds or tens of thousands", not for a budget.
 */
export function monthlyCosts(plan: EnvironmentPlan, prices = readPrices()): CostTable {
  const lines = [...regionCosts(plan, prices), ...(plan.dr ? regionCosts(plan.dr, prices) : [])].filter(
    (line) => line.monthly > 0,
  );
  return {
    lines,
    total: lines.reduce((sum, line) => sum + line.monthly, 0),
    date: prices.date,
    source: prices.source,
    assumptions: prices.assumptions,
  };
}

function regionCosts(plan: EnvironmentPlan, prices: Prices): CostLine[] {
  const { region } = plan.config;
  const factor = prices.regionFactor[region] ?? prices.defaultRegionFactor;
  const price = (name: string) => known(prices.perMonth, name) * factor;
  const assume = (name: string) => known(prices.assumptions, name);
  const lines: CostLine[] = [];
  const add = (item: string, quantity: string, monthly: number, basis: CostLine['basis'] = 'list') => {
    lines.push({ region, item, quantity, monthly, basis });
  };

  const keys = 3 + (plan.archive.checkpoints ? 1 : 0);
  add('KMS keys', `${keys}`, keys * price('kmsKey'));
  add(
    'Audit archive',
    `${assume('archiveGiBPerMonth')} GiB new a month, first month`,
    assume('archiveGiBPerMonth') * price('archiveGiB'),
    'assumed use',
  );
  if (plan.scope === 'copies') return lines;

  const { hosts, config, network } = plan;
  const count = hosts.standing.length;
  for (const line of hostLines(plan, prices, factor, count)) lines.push(line);
  add('Public IPv4 addresses', `${addresses(plan)}`, addresses(plan) * price('publicIpv4'));
  const endpoints = network.interfaceEndpoints.length * network.endpointSubnets.length;
  add(
    'Interface endpoints',
    `${network.interfaceEndpoints.length} services x ${network.endpointSubnets.length} zones`,
    endpoints * price('interfaceEndpointZone'),
  );
  add(
    'DNS firewall',
    `${network.allowedDomains?.length ?? 0} names`,
    (network.allowedDomains?.length ?? 0) * price('dnsFirewallDomain'),
  );
  const secrets = config.venues.filter((venue) => venue.secret).length;
  add('Secrets', `${secrets}`, secrets * price('secret'));
  dataLines(plan, prices, factor, add);

  const fast = plan.alarms.filter((alarm) => alarm.period < 60);
  add(
    'High-resolution alarms',
    `${fast.length} kinds x hosts`,
    fast.length * hosts.hosts.length * price('highResolutionAlarm'),
  );
  add(
    'Standard alarms',
    `${plan.alarms.length - fast.length} kinds x hosts`,
    (plan.alarms.length - fast.length) * hosts.hosts.length * price('standardAlarm'),
  );
  const metrics = assume('metricsPerHost') * count;
  const calls = assume('metricCallsPerMinute') * 60 * prices.hoursPerMonth * count;
  add(
    'Custom metrics',
    `${metrics}, sent ${assume('metricCallsPerMinute')} times a minute`,
    metrics * price('customMetric') + (calls / 1_000) * price('metricCallsPer1000'),
    'assumed use',
  );
  add('Dashboard', '1', price('dashboard'));
  add(
    'Logs',
    `${assume('logGiBPerHost')} GiB a host`,
    assume('logGiBPerHost') * count * price('logGiB'),
    'assumed use',
  );
  if (config.observability.prometheus) {
    const samples = assume('prometheusSamplesPerSecondPerHost') * 3_600 * prices.hoursPerMonth * count;
    add(
      'Managed Prometheus',
      `${Math.round(samples / 1e6)} million samples`,
      (samples / 1e7) * price('prometheusPer10Million'),
      'assumed use',
    );
  }
  if (config.observability.grafana)
    add(
      'Managed Grafana',
      `${assume('grafanaEditors')} editors`,
      assume('grafanaEditors') * price('grafanaEditor'),
      'assumed use',
    );
  return lines;
}

/** Addresses that are billed: one for each host, and with a moving one that one beside. */
function addresses({ hosts }: EnvironmentPlan): number {
  return hosts.address === 'secondary-ip' ? 1 : hosts.hosts.length;
}

function hostLines(plan: EnvironmentPlan, prices: Prices, factor: number, count: number): CostLine[] {
  const { config, hosts } = plan;
  const { region } = config;
  const type = capabilities().types[hosts.instanceType];
  const family = prices.ec2VcpuHour[hosts.instanceType.split('.')[0] as string] ?? prices.defaultVcpuHour;
  // A reservation bills the capacity whether a host runs in it or not.
  const billed = Math.max(count, hosts.hosts.filter(({ reserved }) => reserved).length);
  const hourly = (type?.vcpus ?? 0) * family.rate * factor;
  const volume = (
    what: string,
    { type: kind, sizeGiB, iops }: EnvironmentPlan['config']['hosts']['rootVolume'],
    volumes: number,
  ): CostLine => {
    const month = (name: string) => known(prices.perMonth, name) * factor;
    const provisioned =
      kind === 'io2'
        ? (iops ?? 0) * month('io2Iops')
        : Math.max(0, (iops ?? 3_000) - 3_000) * month('gp3Iops');
    const each = sizeGiB * month(kind === 'io2' ? 'io2GiB' : 'gp3GiB') + provisioned;
    return {
      region,
      item: what,
      quantity: `${volumes} x ${sizeGiB} GiB ${kind}${iops ? `, ${iops} IOPS` : ''}`,
      monthly: each * volumes,
      basis: 'list',
    };
  };
  const snapshots = known(prices.assumptions, 'snapshotShareOfVolume');
  return [
    {
      region,
      item: billed > count ? 'Hosts (capacity reserved)' : 'Hosts',
      quantity: `${billed} x ${hosts.instanceType}`,
      monthly: billed * hourly * prices.hoursPerMonth,
      basis: family.basis,
    },
    volume('Root volumes', config.hosts.rootVolume, count),
    volume('Journal volumes', config.hosts.journalVolume, hosts.hosts.length),
    {
      region,
      item: 'Backups of journal volumes',
      quantity: `${snapshots * 100} % of the volumes`,
      monthly:
        config.hosts.journalVolume.sizeGiB *
        hosts.hosts.length *
        snapshots *
        known(prices.perMonth, 'snapshotGiB') *
        factor,
      basis: 'assumed use',
    },
  ];
}

/** vCPUs of a `large` and each size above it; AWS classes double from there. */
function classVcpus(size: string): number {
  const multiple = /^(\d+)xlarge$/.exec(size);
  if (multiple) return Number(multiple[1]) * 4;
  return size === 'xlarge' ? 4 : 2;
}

function dataLines(
  { config }: EnvironmentPlan,
  prices: Prices,
  factor: number,
  add: (item: string, quantity: string, monthly: number, basis?: CostLine['basis']) => void,
) {
  const { postgres, redis, kafka } = config.data;
  const hours = prices.hoursPerMonth * factor;
  const size = (name: string) => classVcpus(name.split('.')[2] as string);
  if (postgres) {
    const copies = postgres.multiAz ? 2 : 1;
    const compute = size(postgres.instanceClass) * prices.databaseVcpuHour.rds * hours;
    const storage = postgres.storageGiB * known(prices.perMonth, 'rdsGiB') * factor;
    add(
      'PostgreSQL',
      `${copies} x ${postgres.instanceClass}, ${postgres.storageGiB} GiB`,
      copies * (compute + storage),
      'estimate',
    );
  }
  if (redis) {
    add(
      'Redis',
      `${redis.nodes} x ${redis.nodeType}`,
      redis.nodes * size(redis.nodeType) * prices.databaseVcpuHour.cache * hours,
      'estimate',
    );
  }
  if (kafka) {
    const storage = kafka.storageGiB * known(prices.perMonth, 'mskGiB') * factor;
    const compute = size(kafka.instanceType) * prices.databaseVcpuHour.kafka * hours;
    add(
      'Kafka',
      `${kafka.brokers} x ${kafka.instanceType}, ${kafka.storageGiB} GiB each`,
      kafka.brokers * (compute + storage),
      'estimate',
    );
  }
}

function known(table: Readonly<Record<string, number>>, name: string): number {
  const value = table[name];
  if (value === undefined) throw new Error(`infra/data/prices.json has no ${name}`);
  return value;
}
