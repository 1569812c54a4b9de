import { tradingMode } from '@tradewind/engine/config';
import { about, type Consequence } from './consequence.js';
import { availability, hosts, placement } from './consequences-hosts.js';
import { engineConfigOf } from './engine-config.js';
import { planRetention } from './plan/retention.js';
import { recoveryScenarios, shortDuration } from './recovery.js';
import type { EnvironmentConfig } from './schema.js';
import { formatDuration } from './units.js';

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
        `one host runs in ${dr.region} all the time and is billed; it comes up on hold, and trades when a person releases it: nothing fences the first Region from there`,
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
