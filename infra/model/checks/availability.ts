import { safetyMarginMs } from '@tradewind/engine/ha/lease';
import { capabilities } from '../capabilities.js';
import { addressMode } from '../plan/hosts.js';
import { planLease } from '../plan/lease.js';
import type { EnvironmentProblem } from '../problems.js';
import { arithmetic, type RecoveryScenario, recoveryScenarios, shortDuration } from '../recovery.js';
import { waysToRecoverWithin } from '../recovery-advice.js';
import type { EnvironmentConfig } from '../schema.js';
import { formatDuration, parseDuration } from '../units.js';
import { check, isWritten } from './check.js';

/** High availability: the mode and its settings agree, the lease is safe, and the recovery budget can be met. */
export const availabilityChecks = [
  check(['ha', 'hosts'], ({ ha, hosts }, context): EnvironmentProblem[] => {
    if (ha.mode !== 'none') return [];
    const problems = ['address', 'overlayAddress', 'stopFencedHost']
      .filter((name) => isWritten(context, 'ha', name))
      .map((name) => ({
        path: `ha.${name}`,
        value: String(ha[name as 'address' | 'overlayAddress' | 'stopFencedHost']),
        message: 'is for two hosts, and ha.mode none has one',
        fix: 'remove it, or set ha.mode: warm or hot',
      }));
    if (!hosts.retired.includes('standby')) return problems;
    return [
      ...problems,
      {
        path: 'hosts.retired',
        value: 'standby',
        message: 'names a host that ha.mode none has not',
        fix: 'remove it',
      },
    ];
  }),
  check(['ha', 'placement', 'region'], ({ ha, placement }): EnvironmentProblem[] =>
    addressProblems(ha, placement),
  ),
  check(['ha'], ({ ha }) => leaseProblems(ha)),
  check(
    [
      'name',
      'account',
      'region',
      'stage',
      'network',
      'hosts',
      'placement',
      'ha',
      'recovery',
      'retention',
      'backup',
      'dr',
    ],
    (config) => budgetProblems(config),
  ),
];

function addressProblems(
  ha: EnvironmentConfig['ha'],
  placement: EnvironmentConfig['placement'],
): EnvironmentProblem[] {
  if (ha.mode === 'none') return [];
  const address = addressMode({ ha });
  const at = { path: 'ha.address', value: address };
  const problems: EnvironmentProblem[] = [];
  if (ha.mode === 'hot' && address !== 'own-addresses') {
    problems.push({
      ...at,
      message: 'moves an address on promotion, and a hot standby has its own whitelisted one',
      fix: 'set ha.address: own-addresses, or ha.mode: warm',
    });
  } else if (address === 'secondary-ip' && placement.standby === 'other-zone') {
    problems.push({
      ...at,
      message: 'moves within one subnet, and placement.standby: other-zone puts the standby into another',
      fix: 'set ha.address: overlay-route with ha.overlayAddress, or placement.standby: same-group',
    });
  }
  if (address === 'overlay-route' && ha.overlayAddress === undefined) {
    problems.push({
      path: 'ha.overlayAddress',
      message: 'is missing, and ha.address overlay-route moves it',
      fix: 'give a private address outside every VPC block, such as 172.31.255.1',
    });
  }
  if (address !== 'overlay-route' && ha.overlayAddress !== undefined) {
    problems.push({
      path: 'ha.overlayAddress',
      value: ha.overlayAddress,
      message: `is not used with ha.address ${address}`,
      fix: 'set ha.address: overlay-route, or remove it',
    });
  }
  if (address === 'secondary-ip' && !ha.stopFencedHost) {
    problems.push({
      path: 'ha.stopFencedHost',
      value: 'false',
      message:
        'leaves no way to fence: with ha.address secondary-ip both hosts share a subnet that can not be cut off',
      fix: 'set it to true, or ha.address: own-addresses',
    });
  }
  return problems;
}

function leaseProblems(ha: EnvironmentConfig['ha']): EnvironmentProblem[] {
  const { renewEvery, selfFence, expire } = ha.lease;
  if (selfFence < 2 * renewEvery) {
    return [
      {
        path: 'ha.lease.selfFence',
        value: formatDuration(selfFence),
        message: `is less than two renewals of ${formatDuration(renewEvery)}: one lost request would kill the engine`,
        fix: `give at least ${formatDuration(2 * renewEvery)}, or renew more often`,
      },
    ];
  }
  const { timing } = planLease({ ha });
  if (safetyMarginMs(timing) > 0) return [];
  // The margin grows with expire, if not quite as fast.
  let least = expire;
  while (safetyMarginMs({ ...timing, expireAfterMs: least }) <= 0) least += 10;
  const { tickMs, killMs, clockRatePpm } = timing;
  return [
    {
      path: 'ha.lease.expire',
      value: formatDuration(expire),
      message:
        expire <= selfFence
          ? `is not longer than selfFence ${formatDuration(selfFence)}: two engines could trade at once`
          : `leaves too little after selfFence ${formatDuration(selfFence)}: a guard that looks every ${tickMs} ms, ${killMs} ms to kill and clocks ${clockRatePpm / 10_000} % apart let two engines trade at once`,
      fix: `give at least ${formatDuration(least)}`,
    },
  ];
}

type Budget = Parameters<typeof recoveryScenarios>[0] & Pick<EnvironmentConfig, 'recovery'>;

function budgetProblems(config: Budget): EnvironmentProblem[] {
  // How an unknown type boots and recovers can not be said.
  if (!capabilities().types[config.hosts.instanceType]) return [];
  const { rto, rpo } = config.recovery;
  const [host, zone] = recoveryScenarios(config) as [RecoveryScenario, RecoveryScenario];
  const problems: EnvironmentProblem[] = [];
  if (host.totalMs > rto) {
    const ways = waysToRecoverWithin(config, rto);
    problems.push({
      path: 'recovery.rto',
      value: formatDuration(rto),
      message: `can not be met with ha.mode ${config.ha.mode}: a lost host takes ${arithmetic(host)}`,
      fix: [...ways, `set recovery.rto: ${roundUp(host.totalMs)} or more`].join('; or '),
    });
  }
  const worst = [host, zone].reduce((a, b) => (b.lossMs > a.lossMs ? b : a));
  if (worst.lossMs > rpo) {
    problems.push({
      path: 'recovery.rpo',
      value: formatDuration(rpo),
      message: `can not be met: a lost ${worst.lost} takes up to ${shortDuration(worst.lossMs)}, ${worst.lossWhy}`,
      fix: `set recovery.rpo: ${roundUp(worst.lossMs)} or more`,
    });
  }
  return problems;
}

/** A round duration that is no shorter: seconds, from two minutes on minutes. */
function roundUp(ms: number): string {
  const unit = parseDuration(ms < 120_000 ? '1s' : '1m') as number;
  return formatDuration(Math.ceil(ms / unit) * unit);
}
