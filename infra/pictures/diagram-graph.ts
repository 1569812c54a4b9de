import type { EnvironmentPlan, SubnetPlan } from '../model/index.js';
import { formatDuration, functionsOf } from '../model/index.js';

/** A box of the picture; one with `children` is drawn as a frame around them. */
export interface DiagramNode {
  readonly id: string;
  readonly title: string;
  readonly lines?: readonly string[];
  readonly kind: 'frame' | 'host' | 'network' | 'state' | 'control' | 'outside';
  readonly children?: readonly DiagramNode[];
}

export interface DiagramEdge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly dashed?: boolean;
}

export interface DiagramGraph {
  readonly title: string;
  readonly nodes: readonly DiagramNode[];
  readonly edges: readonly DiagramEdge[];
}

/** What will exist, as boxes and arrows: the venues, each Region, and in it zones, subnets, hosts and what holds state. */
export function diagramGraph(plan: EnvironmentPlan): DiagramGraph {
  const { config } = plan;
  const edges: DiagramEdge[] = [];
  const nodes: DiagramNode[] = [venuesNode(plan), regionNode(plan, 'home', edges)];
  if (config.observability.pagerEndpoint || config.observability.email) {
    nodes.push({ id: 'people', title: 'People on call', kind: 'outside', lines: ['pager and mail'] });
    edges.push({ from: 'home-alarms', to: 'people', label: 'alarm + runbook' });
  }
  if (plan.dr) {
    nodes.push(regionNode(plan.dr, 'dr', edges));
    if (plan.archive.replica)
      edges.push({ from: 'home-archive', to: 'dr-archive', label: 'replication', dashed: true });
    if (plan.backup.copyVault)
      edges.push({ from: 'home-backup', to: 'dr-backup', label: 'copies', dashed: true });
  }
  return { title: `${config.name}: ${config.stage} in ${config.region}`, nodes, edges };
}

function venuesNode({ config, network }: EnvironmentPlan): DiagramNode {
  const ports = [...new Set(network.egress.map((rule) => rule.port))].sort((a, b) => a - b);
  const open = network.egress.some((rule) => rule.cidr === '0.0.0.0/0');
  return {
    id: 'venues',
    title: 'Venues',
    kind: 'outside',
    lines: [
      config.venues.map((venue) => venue.id).join(', '),
      `TCP ${ports.join(', ')} ${open ? 'by name' : 'by address'}`,
    ],
  };
}

function regionNode(plan: EnvironmentPlan, at: string, edges: DiagramEdge[]): DiagramNode {
  const id = (name: string) => `${at}-${name}`;
  const { config } = plan;
  const children: DiagramNode[] = [];
  if (plan.scope === 'full') {
    children.push(networkNode(plan, id, edges));
    children.push(controlNode(plan, id, edges));
  }
  children.push(...recordNodes(plan, id, edges));
  return { id: at, title: `${config.region}  (account ${config.account})`, kind: 'frame', children };
}

function networkNode(plan: EnvironmentPlan, id: (name: string) => string, edges: DiagramEdge[]): DiagramNode {
  const { network } = plan;
  const zones = network.zones.map((zone): DiagramNode => {
    const subnets = network.subnets.filter((subnet) => subnet.zoneId === zone);
    return {
      id: id(zone),
      title: `Zone ${zone}`,
      kind: 'frame',
      children: subnets.map((subnet) => subnetNode(plan, subnet, id, edges)),
    };
  });
  return {
    id: id('vpc'),
    title: `VPC ${network.cidr}${network.existing ? ` (yours: ${network.existing.vpcId})` : ''}`,
    kind: 'frame',
    children: zones,
  };
}

function subnetNode(
  plan: EnvironmentPlan,
  subnet: SubnetPlan,
  id: (name: string) => string,
  edges: DiagramEdge[],
): DiagramNode {
  const { hosts, config } = plan;
  if (subnet.kind === 'private') {
    const { postgres, redis, kafka } = config.data;
    const content = [
      ...(plan.network.endpointSubnets.includes(subnet.id)
        ? [`${plan.network.interfaceEndpoints.length} service endpoints`]
        : []),
      ...(postgres ? ['PostgreSQL'] : []),
      ...(redis ? ['Redis'] : []),
      ...(kafka ? ['Kafka'] : []),
    ];
    return {
      id: id(subnet.id),
      title: subnet.id,
      kind: 'network',
      lines: [subnet.cidr, ...(content.length > 0 ? content : ['no way out'])],
    };
  }
  const inside = hosts.hosts
    .filter((host) => host.subnet === subnet.id)
    .map((host): DiagramNode => {
      const node = id(host.role);
      const group =
        host.group ?? (host.sharedGroupId ? `venue's group ${host.sharedGroupId}` : 'no placement group');
      if (host.standing) {
        edges.push({
          from: node,
          to: 'venues',
          label: host.elasticIp
            ? 'own Elastic IP'
            : host.role === 'primary'
              ? 'moving Elastic IP'
              : 'after takeover',
          ...(host.role === 'standby' ? { dashed: true } : {}),
        });
        edges.push({
          from: node,
          to: id('lease'),
          label: host.role === 'primary' ? 'renews' : 'watches',
          ...(host.role === 'standby' ? { dashed: true } : {}),
        });
        edges.push({
          from: node,
          to: id('archive'),
          label: 'records',
          ...(host.role === 'standby' ? { dashed: true } : {}),
        });
      }
      const { journalVolume } = config.hosts;
      return {
        id: node,
        title: `${host.role}${host.standing ? '' : hosts.running ? ' (retired)' : ' (not started)'}`,
        kind: 'host',
        lines: [
          hosts.instanceType,
          `group: ${group}`,
          `clock: ${config.hosts.clock}, profile: ${config.hosts.profile}`,
          `journal: ${journalVolume.sizeGiB} GiB ${journalVolume.type}`,
        ],
      };
    });
  return {
    id: id(subnet.id),
    title: `${subnet.id} ${subnet.cidr}, own ACL`,
    kind: 'frame',
    children: inside,
  };
}

function controlNode(plan: EnvironmentPlan, id: (name: string) => string, edges: DiagramEdge[]): DiagramNode {
  const { config, alarms, hosts } = plan;
  const functions = functionsOf(config, hosts.standing);
  const children: DiagramNode[] = [
    {
      id: id('lease'),
      title: 'Lease table',
      kind: 'state',
      lines: [`expires after ${formatDuration(config.ha.lease.expire)}`, 'epoch fences the loser'],
    },
    {
      id: id('alarms'),
      title: 'Alarms',
      kind: 'control',
      lines: [
        `${alarms.filter((alarm) => alarm.severity === 'critical').length} critical, ${alarms.filter((alarm) => alarm.severity === 'warning').length} warning`,
        `${alarms.filter((alarm) => alarm.period === 10).length} of them every 10 s`,
      ],
    },
  ];
  if (functions.length > 0)
    children.push({ id: id('functions'), title: 'Functions', kind: 'control', lines: functions });
  if (functions.includes('fence') && hosts.fencing !== 'stop') {
    edges.push({
      from: id('functions'),
      to: id('host-primary'),
      label: 'fence: ACL, then stop',
      dashed: true,
    });
  }
  const secrets = config.venues.flatMap((venue) => (venue.secret ? [venue.secret] : []));
  if (secrets.length > 0) {
    children.push({
      id: id('secrets'),
      title: 'Exchange keys',
      kind: 'state',
      lines: [secrets.join(', '), `rotated every ${formatDuration(config.secrets.rotateEvery)}`],
    });
  }
  return { id: id('control'), title: 'Control', kind: 'frame', children };
}

function recordNodes(
  plan: EnvironmentPlan,
  id: (name: string) => string,
  edges: DiagramEdge[],
): DiagramNode[] {
  const { archive, backup, scope } = plan;
  if (scope === 'full' && backup.rules.length > 0)
    edges.push({ from: id('primary'), to: id('backup'), label: 'hourly', dashed: true });
  const longest = Math.max(...backup.rules.map((rule) => rule.keepDays));
  return [
    {
      id: id('archive'),
      title: 'Audit archive',
      kind: 'state',
      lines: [
        `Object Lock ${archive.mode.toLowerCase()}`,
        `${archive.lockDays} days`,
        ...(archive.checkpoints && scope === 'full' ? ['signed daily checkpoint'] : []),
      ],
    },
    {
      id: id('backup'),
      title: 'Backup vault',
      kind: 'state',
      lines: [
        backup.lock
          ? `lock: ${backup.lock.changeableForDays === undefined ? 'governance' : 'compliance'}`
          : 'no lock',
        `up to ${longest} days`,
        ...(backup.restoreTest && scope === 'full' ? ['weekly restore test'] : []),
      ],
    },
    {
      id: id('keys'),
      title: 'Keys',
      kind: 'state',
      lines: ['data, audit, secrets', `${plan.config.keys.deletionWindowDays} days to regret a deletion`],
    },
  ];
}
