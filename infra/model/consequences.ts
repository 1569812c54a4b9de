import { tradingMode } from '@tradewind/engine/config';
import { capabilities } from './capabilities.js';
import { engineConfigOf } from './engine-config.js';
import { addressMode } from './plan/hosts.js';
import { planRetention } from './plan/retention.js';
import { recoveryScenarios, shortDuration } from './recovery.js';
import type { EnvironmentConfig } from './schema.js';
import { formatDuration } from './units.js';

export type Topic =
  | 'placement'
  | 'availability'
  | 'recovery'
  | 'hosts'
  | 'network'
  | 'venues'
  | 'records'
  | 'second Region'
  | 'operations';

/** What a choice in an environment file entails, right or wrong: printed whenever it is checked or synthesized. */
export interface Consequence {
  readonly topic: Topic;
  /** The setting and its value, e.g. `placement.standby: same-group`. */
  readonly choice: string;
  /** A sentence without its period. */
  readonly consequence: string;
  /** `irreversible`: can not be taken back once deployed. `warning`: a risk or a cost somebody should want. */
  readonly severity: 'info' | 'warning' | 'irreversible';
}

/** Every consequence of an environment, by topic. `file` is the environment file, for the engine's configuration beside it. */
export function consequences(config: EnvironmentConfig, file: string): readonly Consequence[] {
  return [
    ...placement(config),
    ...availability(config),
    ...recovery(config),
    ...hosts(config),
    ...network(config),
    ...venues(config, file),
    ...records(config),
    ...secondRegion(config),
    ...operations(config),
  ];
}

/** One line, e.g. `placement.standby: same-group - latency parity, ...`. */
export function formatConsequence({ choice, consequence }: Consequence): string {
  return `${choice}: ${consequence}`;
}

function about(topic: Topic) {
  return (severity: Consequence['severity'], choice: string, consequence: string): Consequence => ({
    topic,
    choice,
    consequence,
    severity,
  });
}

function placement({ placement, ha, hosts, network }: EnvironmentConfig): Consequence[] {
  const say = about('placement');
  const { strategy, standby, reserveCapacity } = placement;
  const choice = `placement.strategy ${strategy}`;
  const list = [
    {
      cluster: say(
        'info',
        choice,
        'hosts stand close together in one zone for the least latency between them; nearness to the venue is luck of the zone, to be measured',
      ),
      shared: say(
        'info',
        choice,
        'hosts stand in the group of the venue, nearest to it; the venue owns the group, may end the sharing, and full effect needs VPC peering with it',
      ),
      'precision-time': say(
        'info',
        choice,
        'only hardware with a PTP clock is used, so a launch, and each start after a stop, may fail where a cluster group alone would not',
      ),
      none: say('info', choice, 'EC2 places the host anywhere in its zone: latency changes with every start'),
    }[strategy],
  ];
  if (strategy === 'precision-time' && hosts.clock === 'ntp') {
    list.push(
      say(
        'warning',
        'hosts.clock ntp',
        'the PTP hardware of the precision-time group is there and nothing reads it',
      ),
    );
  }
  if (ha.mode !== 'none') {
    const where = `placement.standby ${standby}`;
    list.push(
      {
        'same-group': say(
          'warning',
          where,
          'the standby is as fast as the primary and shares its rack, spine and zone: one fault there takes both',
        ),
        'other-group-same-zone': say(
          'info',
          where,
          'the hosts stand on different racks with slightly unlike latency; the loss of the zone takes both',
        ),
        'other-zone': say(
          'info',
          where,
          `the standby outlives zone ${network.zones[0]}; after a takeover every order travels further to the venue`,
        ),
      }[standby],
    );
  }
  list.push(
    reserveCapacity
      ? say(
          'warning',
          'placement.reserveCapacity true',
          `${ha.mode === 'none' ? 'one' : 'two'} ${hosts.instanceType} are billed from the deployment on, running or not, until the reservation is canceled`,
        )
      : say(
          'warning',
          'placement.reserveCapacity false',
          'a stopped host may not start again for lack of capacity, which happens to large types in groups',
        ),
  );
  return list;
}

function availability(config: EnvironmentConfig): Consequence[] {
  const say = about('availability');
  const { ha, stage } = config;
  if (ha.mode === 'none') {
    return [
      say(
        stage === 'prod' ? 'warning' : 'info',
        'ha.mode none',
        'open orders rest unattended at the venue while the host is away; only its own cancel-on-disconnect ends them',
      ),
    ];
  }
  const list = [
    ha.mode === 'hot'
      ? say(
          'info',
          'ha.mode hot',
          'both hosts run and are billed all the time, and both addresses must be whitelisted at every venue before the first takeover',
        )
      : say(
          'info',
          'ha.mode warm',
          'a second host runs idle and is billed; its engine starts, and logs on, only when it is promoted',
        ),
  ];
  const address = addressMode(config);
  if (address === 'secondary-ip') {
    list.push(
      say(
        'warning',
        'ha.address secondary-ip',
        'both hosts share a subnet, so a fenced one can not be cut off by a network ACL and is stopped by force instead',
      ),
    );
  } else if (address === 'overlay-route') {
    list.push(
      say(
        'warning',
        'ha.address overlay-route',
        'the address lives in route tables alone: it serves venues on a private link; over the internet a venue sees each host by its own Elastic IP',
      ),
    );
  } else if (ha.mode === 'warm') {
    list.push(
      say(
        'info',
        'ha.address own-addresses',
        'nothing moves on promotion; both addresses must be whitelisted',
      ),
    );
  }
  if (!ha.stopFencedHost) {
    list.push(
      say(
        'warning',
        'ha.stopFencedHost false',
        'a fenced host is cut off but stays on: good for analysis, and one mistaken unfence away from trading',
      ),
    );
  }
  return list;
}

function recovery(config: EnvironmentConfig): Consequence[] {
  const say = about('recovery');
  const { rto, rpo } = config.recovery;
  return recoveryScenarios(config).map(({ lost, covered, totalMs, lossMs, lossWhy }) => {
    const choice =
      lost === 'host'
        ? `recovery.rto ${formatDuration(rto)}, rpo ${formatDuration(rpo)}`
        : `loss of the ${lost}`;
    if (!covered) return say('warning', choice, `no way back: ${lossWhy}`);
    const loss =
      lossMs === 0 ? 'nothing acknowledged' : Number.isFinite(lossMs) ? shortDuration(lossMs) : 'everything';
    return say(
      lost === 'host' ? 'info' : 'warning',
      choice,
      `a lost ${lost} is made good within ${shortDuration(totalMs)} and loses ${loss}: ${lossWhy}`,
    );
  });
}

function hosts({ hosts, ha }: EnvironmentConfig): Consequence[] {
  const say = about('hosts');
  const type = capabilities().types[hosts.instanceType];
  const list = [
    hosts.profile === 'audited'
      ? say(
          'info',
          'hosts.profile audited',
          'auditd, the SSM agent and the firewall stay on: who did what on a host is known, at the price of some jitter',
        )
      : say(
          'warning',
          'hosts.profile max-speed',
          'auditd, the SSM agent and the firewall are off: what people did on a host is not recorded, and documents do not reach it',
        ),
  ];
  const { venueFacing, replication } = hosts.enaExpress;
  if (venueFacing) {
    list.push(
      say(
        'warning',
        'hosts.enaExpress.venueFacing true',
        'adds tens of microseconds while the network is quiet; a venue without it falls back silently, which helps nobody',
      ),
    );
  }
  if (replication) {
    list.push(
      say(
        'info',
        'hosts.enaExpress.replication true',
        'copies between the hosts keep their pace under load, up to 25 Gbit/s a flow, and are slower by tens of microseconds when it is quiet',
      ),
    );
  }
  if (hosts.clock === 'ptp') {
    list.push(
      say(
        'info',
        'hosts.clock ptp',
        'time within microseconds; the clock does not smear leap seconds, so it is never mixed with smeared NTP',
      ),
    );
  }
  if (type?.metal) {
    list.push(
      say(
        'info',
        `hosts.instanceType ${hosts.instanceType}`,
        'bare metal: the least jitter, several minutes to boot, no CPU options and no hibernation',
      ),
    );
  }
  if (ha.mode === 'none' && !type?.autoRecovery && hosts.autoRecovery === undefined) {
    list.push(
      say(
        'warning',
        `hosts.instanceType ${hosts.instanceType}`,
        'EC2 can not recover this type by itself: after a hardware fault a person starts the host anew',
      ),
    );
  }
  return list;
}

function network({ network }: EnvironmentConfig): Consequence[] {
  const say = about('network');
  const list: Consequence[] = [];
  if (!network.endpoints) {
    list.push(
      say(
        'warning',
        'network.endpoints false',
        'calls to AWS leave the VPC, so port 443 is open to any address',
      ),
    );
  }
  if (!network.dnsFirewall) {
    list.push(
      say(
        'warning',
        'network.dnsFirewall false',
        'any name resolves: data can leave a host inside DNS queries',
      ),
    );
  }
  if (network.existing) {
    list.push(
      say(
        'warning',
        `network.existing ${network.existing.vpcId}`,
        'routes and peerings of that VPC are not ours: what they let in is not checked here',
      ),
    );
  }
  return list;
}

function venues(config: EnvironmentConfig, file: string): Consequence[] {
  const say = about('venues');
  const open = config.venues.filter(({ cidrs }) => cidrs.length === 0).map(({ id }) => id);
  const list: Consequence[] = [];
  if (open.length > 0) {
    const names = config.network.dnsFirewall
      ? 'only the names of venues and AWS resolve'
      : 'and any name resolves';
    list.push(
      say(
        'warning',
        `venues ${open.join(', ')} without cidrs`,
        `their ports are open to any address, since content networks change theirs; ${names}`,
      ),
    );
  }
  const engine = engineConfigOf(config, file);
  const mode = engine && tradingMode(engine);
  if (mode === 'live') {
    list.push(
      say('warning', `engine.config ${config.engine.config}`, 'trades real money from the first start on'),
    );
  } else if (mode && config.stage === 'prod') {
    list.push(
      say(
        'info',
        `engine.config ${config.engine.config}`,
        `a production environment whose engine trades in mode ${mode}`,
      ),
    );
  }
  return list;
}

function records(config: EnvironmentConfig): Consequence[] {
  const say = about('records');
  const { archive, backup, retention } = config;
  const { archiveDays, backupDays } = planRetention(config);
  const list = [
    archive.mode === 'compliance'
      ? say(
          'irreversible',
          'archive.mode compliance',
          `nobody, root and AWS included, can delete or shorten a record for ${archiveDays} days; its storage is billed as long`,
        )
      : say(
          'info',
          'archive.mode governance',
          'whoever may bypass the lock can delete records: good for trying out, no evidence for a regulator',
        ),
  ];
  if (backup.lock === 'compliance') {
    list.push(
      say(
        'irreversible',
        'backup.lock compliance',
        `${backup.coolingOffDays} days after the deployment the vault lock can never be removed; monthly points stay for ${backupDays} days`,
      ),
    );
  } else if (backup.lock === 'none') {
    list.push(
      say('warning', 'backup.lock none', 'whoever may delete recovery points can delete all of them'),
    );
  }
  if (!backup.monthly && backup.daily < retention.records) {
    list.push(
      say(
        'info',
        'backup.monthly false',
        `the oldest recovery point is ${formatDuration(backup.daily)} old, not ${formatDuration(retention.records)}`,
      ),
    );
  }
  if (!archive.checkpoints) {
    list.push(
      say('info', 'archive.checkpoints false', 'a record that never arrived in the archive goes unnoticed'),
    );
  }
  return list;
}

function secondRegion({ dr, placement }: EnvironmentConfig): Consequence[] {
  const say = about('second Region');
  if (!dr) return [];
  const choice = `dr.mode ${dr.mode}`;
  return [
    {
      backup: say(
        'info',
        choice,
        `records and recovery points lie in ${dr.region}; nothing there runs or is billed by the hour`,
      ),
      'pilot-light': say(
        'info',
        choice,
        `network and addresses stand in ${dr.region}; no capacity is held for the host until a person starts it`,
      ),
      warm: say(
        'warning',
        choice,
        `one host runs in ${dr.region} all the time and is billed; it does not trade until it is promoted`,
      ),
    }[dr.mode],
    ...(placement.strategy === 'shared' && dr.mode !== 'backup'
      ? [
          say(
            'info',
            'placement.strategy shared',
            `in ${dr.region} a group of our own stands in for that of the venue`,
          ),
        ]
      : []),
  ];
}

function operations({ observability, pipeline, stage, engine }: EnvironmentConfig): Consequence[] {
  const say = about('operations');
  const list: Consequence[] = [];
  if (!observability.pagerEndpoint && !observability.email) {
    list.push(
      say(
        'warning',
        'observability without pagerEndpoint and email',
        'alarms change color and nobody is told',
      ),
    );
  }
  if (pipeline && !pipeline.approval) {
    list.push(
      say(
        stage === 'prod' ? 'warning' : 'info',
        'pipeline.approval false',
        `what is merged to ${pipeline.branch} is deployed without a person looking at it`,
      ),
    );
  }
  if (engine.deployment === 'paper-shadow') {
    list.push(
      say(
        'info',
        'engine.deployment paper-shadow',
        'a new version runs beside the live one on its host and takes cores of it for that time',
      ),
    );
  }
  return list;
}
