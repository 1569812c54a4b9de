import { readFileSync } from 'node:fs';
import { takeoverTerms } from '@tradewind/engine/ha/lease';
import { z } from 'zod';
import { capabilities } from './capabilities.js';
import { infraPath } from './paths.js';
import { effectiveAutoRecovery } from './plan/hosts.js';
import { planLease } from './plan/lease.js';
import { planBackup } from './plan/storage.js';
import type { EnvironmentConfig } from './schema.js';
import { formatDuration } from './units.js';

/** One summand of a recovery. */
export interface RecoveryStage {
  readonly name: string;
  readonly ms: number;
  /** Where the figure comes from: `measured`, `computed`, AWS documentation, or an estimate that says so. */
  readonly source: string;
}

/** What is lost, and what it takes until the first order afterwards. */
export interface RecoveryScenario {
  readonly lost: 'host' | 'zone' | 'region';
  /** Whether this environment has a way back at all. */
  readonly covered: boolean;
  readonly stages: readonly RecoveryStage[];
  /** Sum of the stages. */
  readonly totalMs: number;
  /** Most acknowledged state that is lost; Infinity where nothing was copied. */
  readonly lossMs: number;
  /** Why it is that much. */
  readonly lossWhy: string;
}

type Sections = Pick<
  EnvironmentConfig,
  'name' | 'account' | 'region' | 'retention' | 'network' | 'hosts' | 'placement' | 'ha' | 'backup' | 'dr'
>;

const startSchema = z.object({
  source: z.string(),
  machine: z.string(),
  date: z.iso.date(),
  runsMs: z.array(z.number()).min(10),
  medianMs: z.number(),
  maxMs: z.number(),
});

let start: z.output<typeof startSchema> | undefined;

/** The measured start of the engine, `infra/data/engine-start.json`. */
export function engineStart(): z.output<typeof startSchema> {
  start ??= startSchema.parse(JSON.parse(readFileSync(infraPath('data', 'engine-start.json'), 'utf8')));
  return start;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Figures that were neither measured nor computed here. Estimates are ours, on the slow side. */
const FIGURES = {
  statusChecks: stage(
    'two failed system status checks',
    2 * MINUTE,
    'Amazon EC2 User Guide: checked every minute',
  ),
  bootMetal: stage('a metal host boots', 12 * MINUTE, 'estimate'),
  bootVirtual: stage('a virtual host boots', 3 * MINUTE, 'estimate'),
  person: stage('a person is paged, decides and starts the runbook', 30 * MINUTE, 'estimate'),
  replace: stage('a new host is launched and the journal volume attached', 5 * MINUTE, 'estimate'),
  install: stage('it fetches its release and installs what it needs', 5 * MINUTE, 'estimate'),
  restore: stage('volumes are restored from the vault', 30 * MINUTE, 'estimate'),
  deploy: stage('the environment is deployed anew', HOUR, 'estimate'),
  automation: stage('an automation starts and ends around the move', 3_000, 'estimate'),
  secondaryIp: stage('the secondary address moves', 10_000, 'vendors report 1 to 10 s; none from AWS'),
  overlayRoute: stage(
    'the route to the overlay address moves',
    10_000,
    'vendors report 1 to 10 s; none from AWS',
  ),
  login: stage('logon and order books over the network instead of loopback', 1_000, 'estimate'),
} as const;

function stage(name: string, ms: number, source: string): RecoveryStage {
  return { name, ms, source };
}

/** The arithmetic of recovery, as data, for each kind of loss. */
export function recoveryScenarios(config: Sections): readonly RecoveryScenario[] {
  return [hostLost(config), zoneLost(config), regionLost(config)];
}

/** From the claim on: the engine runs and has quoted. */
function engineStages(): RecoveryStage[] {
  const { maxMs, runsMs, date } = engineStart();
  return [
    stage(
      'the engine starts, up to its first order',
      maxMs,
      `measured ${date}, slowest of ${runsMs.length} starts`,
    ),
    FIGURES.login,
  ];
}

function boot({ hosts }: Sections): RecoveryStage {
  return capabilities().types[hosts.instanceType]?.metal ? FIGURES.bootMetal : FIGURES.bootVirtual;
}

/** A host that is launched, not brought back: it starts a second time with the settings its release made. */
function firstBoot(config: Sections): RecoveryStage[] {
  const once = boot(config);
  return [once, FIGURES.install, { ...once, name: 'it boots again with its settings' }];
}

function hostLost(config: Sections): RecoveryScenario {
  const kept = {
    lossMs: 0,
    lossWhy:
      'the journal volume outlives its host and is attached again; the venue is asked about orders at once',
  };
  if (config.ha.mode !== 'none') return scenario('host', takeover(config), kept);
  const restart =
    effectiveAutoRecovery(config) === 'default'
      ? [FIGURES.statusChecks, boot(config)]
      : [FIGURES.person, FIGURES.replace, ...firstBoot(config)];
  return scenario('host', [...restart, ...engineStages()], kept);
}

function takeover(config: Sections): RecoveryStage[] {
  const lease = planLease(config);
  const moved = config.ha.address === 'overlay-route' ? FIGURES.overlayRoute : FIGURES.secondaryIp;
  return [
    ...takeoverTerms(lease.timing).map(({ what, ms }) => stage(what, ms, 'computed from ha.lease')),
    ...(lease.awaitAddress ? [FIGURES.automation, moved] : []),
    ...engineStages(),
  ];
}

function zoneLost(config: Sections): RecoveryScenario {
  const { ha, placement } = config;
  const lost = backupLoss(config);
  if (ha.mode !== 'none' && placement.standby === 'other-zone')
    return scenario('zone', takeover(config), lost);
  // Subnets and volumes stay in their zone: elsewhere the environment is made anew, however many zones it names.
  return scenario(
    'zone',
    [FIGURES.person, FIGURES.deploy, FIGURES.restore, ...firstBoot(config), ...engineStages()],
    lost,
  );
}

/** A lost zone takes the journal volume with it: what remains is the newest recovery point. */
function backupLoss(config: Sections): Pick<RecoveryScenario, 'lossMs' | 'lossWhy'> {
  const hourly = planBackup(config).rules.find(({ id }) => id === 'hourly');
  const window = (hourly?.startWithinMinutes ?? 0) * MINUTE;
  return {
    lossMs: HOUR + window,
    lossWhy: `an hour between recovery points and ${formatDuration(window)} in which AWS Backup may begin one`,
  };
}

function regionLost(config: Sections): RecoveryScenario {
  const { dr, backup } = config;
  if (!dr) {
    return {
      ...scenario('region', [], {
        lossMs: Number.POSITIVE_INFINITY,
        lossWhy: 'nothing is kept in a second Region',
      }),
      covered: false,
    };
  }
  const ready = {
    backup: [FIGURES.deploy, FIGURES.restore, ...firstBoot(config)],
    'pilot-light': [FIGURES.replace, FIGURES.restore, ...firstBoot(config)],
    warm: [FIGURES.restore],
  }[dr.mode];
  const daily = planBackup(config).rules.find(({ id }) => id === 'daily');
  const window = (daily?.startWithinMinutes ?? 0) * MINUTE;
  const loss = backup.copy
    ? {
        lossMs: 24 * HOUR + window + 2 * HOUR,
        lossWhy: `daily copies, ${formatDuration(window)} in which one may begin and an estimated 2h to copy it; archived records arrive within minutes`,
      }
    : { lossMs: Number.POSITIVE_INFINITY, lossWhy: 'backup.copy is off' };
  return scenario('region', [FIGURES.person, ...ready, ...engineStages()], loss);
}

function scenario(
  lost: RecoveryScenario['lost'],
  stages: readonly RecoveryStage[],
  loss: Pick<RecoveryScenario, 'lossMs' | 'lossWhy'>,
): RecoveryScenario {
  const totalMs = Math.ceil(stages.reduce((sum, { ms }) => sum + ms, 0));
  return { lost, covered: true, stages, totalMs, ...loss };
}

/** `2m (two failed status checks) + 3m (...) = 5m 4s`, for messages. */
export function arithmetic({ stages, totalMs }: RecoveryScenario): string {
  return `${stages.map(({ name, ms }) => `${shortDuration(ms)} ${name}`).join(' + ')} = ${shortDuration(totalMs)}`;
}

/** Milliseconds for people: `340ms`, `4.3s`, `5m 4s`, `1h 5m`. Rounded up. */
export function shortDuration(ms: number): string {
  if (ms < 1_000) return `${Math.ceil(ms)}ms`;
  if (ms < MINUTE) return `${Math.ceil(ms / 100) / 10}s`;
  const seconds = Math.ceil(ms / 1_000);
  const [big, small, names] = seconds < 3_600 ? [60, 1, ['m', 's']] : [3_600, 60, ['h', 'm']];
  const rest = Math.floor((seconds % big) / small);
  return `${Math.floor(seconds / big)}${names[0]}${rest > 0 ? ` ${rest}${names[1]}` : ''}`;
}
