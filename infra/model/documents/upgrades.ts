import type { HostRole } from '../plan/hosts.js';
import { wholeSeconds } from '../units.js';
import { type AutomationDocument, type AutomationStep, inARow } from './automation.js';
import {
  activateRelease,
  compareShadow,
  endShadow,
  engineReady,
  fetchRelease,
  fetchSameRelease,
  handOver,
  keepRelease,
  readyToTakeOver,
  restoreRelease,
  startShadow,
  staysReady,
  stepAside,
} from './shell.js';
import {
  assertProperty,
  branch,
  callApi,
  DRY_RUN,
  onHosts,
  REASON,
  REQUESTED_BY,
  sleep,
  tell,
} from './steps.js';
import { giveBack, readLease, somebodyLeads } from './switching.js';
import {
  DIRECTIONS,
  type Direction,
  type DocumentContext,
  document,
  ENGINE_START_SECONDS,
  instanceOf,
  loneHost,
  quiet,
  title,
} from './targets.js';

/** A release comes from S3 of the Region; unpacking it is the longer part. */
const FETCH_SECONDS = 300;
const RESTART_SECONDS = 120;

const PARAMETERS = { Reason: REASON, RequestedBy: REQUESTED_BY, DryRun: DRY_RUN };

/**
 * The release that was deployed last comes in: the host that waits first, then, after a planned handover and a health gate,
 * the other one. Whatever fails takes everything back. At no time are both hosts without an engine that leads, but for the
 * seconds of the handover.
 */
export function rollingUpgrade(context: DocumentContext): AutomationDocument {
  const alone = loneHost(context);
  return document(context, 'delivery', 'procedures/upgrades', {
    description:
      'Rolling upgrade to the release that was deployed last: standby first, health gate, planned handover, the other host next, automatic rollback.',
    parameters: PARAMETERS,
    mainSteps: alone ? upgradeAlone(context, alone) : upgradeInTurn(context, []),
  });
}

/** The same, with one host leading on the new release for a watched time before the other one follows. */
export function canary(context: DocumentContext): AutomationDocument {
  return document(context, 'delivery', 'procedures/upgrades', {
    description:
      'Canary: as a rolling upgrade, but the new release leads alone for the watched time before the other host follows; any rollback alarm takes it back.',
    parameters: PARAMETERS,
    mainSteps: upgradeInTurn(context, watch(context.plan.config.engine.watch)),
  });
}

/** Pauses, each followed by a look at the rollback alarm. Never more than twelve: a document has at most 100 steps. */
function watch(ms: number): readonly number[] {
  const pauses = Math.min(12, Math.max(1, Math.floor(ms / 300_000)));
  return new Array(pauses).fill(ms / pauses);
}

function begin(context: DocumentContext): AutomationStep[] {
  const { names } = context.plan;
  return [
    assertProperty('CalendarOpen', {
      service: 'ssm',
      api: 'GetCalendarState',
      inputs: { CalendarNames: [calendarName(context)] },
      selector: '$.State',
      values: ['OPEN'],
    }),
    assertProperty('QuietBefore', quiet(context)),
    callApi('ReadRelease', 'ssm', 'GetParameter', { Name: names.parameter('release/available') }, [
      { Name: 'Pointer', Selector: '$.Parameter.Value', Type: 'String' },
    ]),
    somebodyLeads(context),
    readLease(context),
  ];
}

export function calendarName({ plan }: Pick<DocumentContext, 'plan'>): string {
  return `${plan.names.stack('Operations')}-calendar`;
}

function upgradeInTurn(context: DocumentContext, pauses: readonly number[]): AutomationStep[] {
  return [
    ...inARow(begin(context), 'WhoLeads'),
    branch('WhoLeads', '{{ ReadLease.Holder }}', { primary: 'StandbyReady' }, 'PrimaryReady'),
    ...DIRECTIONS.flatMap((direction) => upgradeFrom(context, direction, pauses)),
    ...finish(context),
  ];
}

/** `leader` runs the old release while `follower` gets the new one, takes over and proves it. */
function upgradeFrom(
  context: DocumentContext,
  { leader, follower }: Direction,
  pauses: readonly number[],
): AutomationStep[] {
  const [L, F] = [title(leader), title(follower)];
  const on = (host: HostRole) => [instanceOf(context, host)];
  const gate = wholeSeconds(context.plan.config.engine.healthGate);
  const version = `{{ ${F}Fetches.Output }}`;
  const or = (undo: string, step: AutomationStep): AutomationStep => ({ ...step, onFailure: `step:${undo}` });
  const [onlyFollower, everything] = [`${F}Restores`, `${L}RestoresFirst`];
  return [
    ...inARow(
      [
        onHosts(`${F}Ready`, on(follower), readyToTakeOver(10), 60),
        onHosts(`${F}Fetches`, on(follower), fetchRelease(), FETCH_SECONDS),
        onHosts(`${L}FetchesToo`, on(leader), fetchSameRelease(version), FETCH_SECONDS),
      ],
      `${F}OnlyADryRun`,
    ),
    branch(`${F}OnlyADryRun`, '{{ DryRun }}', { true: 'NothingDone' }, `${F}Activates`),
    ...inARow(
      [
        or(onlyFollower, onHosts(`${F}Activates`, on(follower), activateRelease(version), RESTART_SECONDS)),
        or(onlyFollower, onHosts(`${F}Waits`, on(follower), readyToTakeOver(30), 60)),
        // Whose lease it is after a handover that failed is not known: going back works from either.
        or(`${F}GivesBack`, onHosts(`${L}HandsOver`, on(leader), handOver(), 90)),
        or(
          `${F}GivesBack`,
          onHosts(
            `${F}Gate`,
            on(follower),
            staysReady(ENGINE_START_SECONDS, gate),
            ENGINE_START_SECONDS + gate + 60,
          ),
        ),
        or(`${F}GivesBack`, assertProperty(`${F}Quiet`, quiet(context))),
        ...pauses.flatMap((ms, index) => [
          sleep(`${F}Watch${index + 1}`, ms),
          or(`${F}GivesBack`, assertProperty(`${F}Quiet${index + 1}`, quiet(context))),
        ]),
        or(everything, onHosts(`${L}ActivatesToo`, on(leader), activateRelease(version), RESTART_SECONDS)),
        or(everything, onHosts(`${L}WaitsToo`, on(leader), readyToTakeOver(30), 60)),
        or(everything, assertProperty(`${F}StaysQuiet`, quiet(context))),
      ],
      'SameRelease',
    ),
    // Back, in the order in which a host always leads: first the one that does not, then the lease, then the other.
    ...inARow([carryOn(onHosts(everything, on(leader), restoreRelease(), RESTART_SECONDS))], `${F}GivesBack`),
    ...giveBack(context, { from: follower, to: leader }, [
      carryOn(onHosts(onlyFollower, on(follower), restoreRelease(), RESTART_SECONDS)),
      rolledBack(context, `Tell${F}RolledBack`),
    ]),
  ];
}

/** One host: it stops, changes and starts again, and goes back if it must. */
function upgradeAlone(context: DocumentContext, role: HostRole): AutomationStep[] {
  const H = title(role);
  const host = [instanceOf(context, role)];
  const gate = wholeSeconds(context.plan.config.engine.healthGate);
  const version = `{{ ${H}Fetches.Output }}`;
  const back = (step: AutomationStep): AutomationStep => ({ ...step, onFailure: `step:${H}StepsBack` });
  return [
    ...inARow(
      [...begin(context), onHosts(`${H}Fetches`, host, fetchRelease(), FETCH_SECONDS)],
      'OnlyADryRun',
    ),
    branch('OnlyADryRun', '{{ DryRun }}', { true: 'NothingDone' }, `${H}StepsAside`),
    ...inARow(
      [
        back(onHosts(`${H}StepsAside`, host, stepAside(), 60)),
        back(onHosts(`${H}Activates`, host, activateRelease(version), RESTART_SECONDS)),
        back(
          onHosts(`${H}Gate`, host, staysReady(ENGINE_START_SECONDS, gate), ENGINE_START_SECONDS + gate + 60),
        ),
        back(assertProperty(`${H}Quiet`, quiet(context))),
      ],
      'SameRelease',
    ),
    ...inARow([
      carryOn(onHosts(`${H}StepsBack`, host, stepAside(), 60)),
      carryOn(onHosts(`${H}Restores`, host, restoreRelease(), RESTART_SECONDS)),
      carryOn(
        onHosts(`${H}HealthyAgain`, host, engineReady(ENGINE_START_SECONDS), ENGINE_START_SECONDS + 30),
      ),
      rolledBack(context, 'TellRolledBack'),
    ]),
    ...finish(context),
  ];
}

function carryOn(step: AutomationStep): AutomationStep {
  return { ...step, onFailure: 'Continue' };
}

function rolledBack({ plan, targets }: DocumentContext, name: string): AutomationStep {
  return tell(
    name,
    targets.topics.critical,
    `${plan.names.prefix}: upgrade taken back`,
    'A step of the upgrade failed and the hosts went back to the release they ran before. The automation execution {{ automation:EXECUTION_ID }} says which, and whether going back succeeded.',
  );
}

/** The proven release becomes the one a host that is launched anew comes up with. */
function finish(context: DocumentContext): AutomationStep[] {
  const { plan, targets } = context;
  const current = plan.names.parameter('release/current');
  return [
    ...inARow([
      // Deployed again while this ran: the hosts run the release that was read, the pointer would be another.
      assertProperty('SameRelease', {
        service: 'ssm',
        api: 'GetParameter',
        inputs: { Name: plan.names.parameter('release/available') },
        selector: '$.Parameter.Value',
        values: ['{{ ReadRelease.Pointer }}'],
      }),
      {
        // Where a rollback finds its way; in a new environment there is none yet.
        ...callApi('RememberBefore', 'ssm', 'LabelParameterVersion', { Name: current, Labels: ['before'] }),
        isCritical: false,
        onFailure: 'Continue',
      },
      callApi('RecordRelease', 'ssm', 'PutParameter', {
        Name: current,
        Type: 'String',
        Value: '{{ ReadRelease.Pointer }}',
        Overwrite: true,
      }),
      {
        ...onHosts(
          'Keep',
          plan.hosts.standing.map((role) => instanceOf(context, role)),
          keepRelease(),
          60,
        ),
        isCritical: false,
        onFailure: 'Continue',
      },
      tell(
        'TellDone',
        targets.topics.warning,
        `${plan.names.prefix}: upgraded`,
        '{{ Reason }} ({{ RequestedBy }}).',
      ),
    ]),
    { ...callApi('NothingDone', 'dynamodb', 'GetItem', readLease(context).inputs), isEnd: true },
  ];
}

/**
 * The new release runs beside the live one on the host that does not lead (the only one where there is but one), on live
 * data, with simulated orders; then what it decided is compared with what the live release decides upon the same events.
 */
export function paperShadow(context: DocumentContext): AutomationDocument {
  const alone = loneHost(context);
  const shadowed = alone ? [alone] : (['standby', 'primary'] as const);
  return document(context, 'delivery', 'procedures/upgrades', {
    description:
      'Paper shadow: the release that was deployed last runs beside the live one on live data with simulated orders, for the watched time; fails when the two decide differently. Changes nothing of the live engine.',
    parameters: { Reason: REASON, RequestedBy: REQUESTED_BY },
    mainSteps: [
      ...inARow(begin(context), alone ? `${title(alone)}Fetches` : 'WhoLeads'),
      ...(alone
        ? []
        : [branch('WhoLeads', '{{ ReadLease.Holder }}', { primary: 'StandbyFetches' }, 'PrimaryFetches')]),
      ...shadowed.flatMap((host) => shadowOn(context, host)),
    ],
  });
}

function shadowOn(context: DocumentContext, host: HostRole): AutomationStep[] {
  const { plan, targets } = context;
  const H = title(host);
  const on = [instanceOf(context, host)];
  const end = (step: AutomationStep): AutomationStep => ({ ...step, onFailure: `step:${H}GivesUp` });
  const { watch: watched } = plan.config.engine;
  return inARow([
    onHosts(`${H}Fetches`, on, fetchRelease(), FETCH_SECONDS),
    end(onHosts(`${H}Shadows`, on, startShadow(`{{ ${H}Fetches.Output }}`), 60)),
    sleep(`${H}Watch`, watched),
    end(onHosts(`${H}Compares`, on, compareShadow(), 3_600)),
    onHosts(`${H}Ends`, on, endShadow(), 60),
    {
      ...tell(
        `Tell${H}Alike`,
        targets.topics.warning,
        `${plan.names.prefix}: shadow decides alike`,
        `The new release decided as the live one does: {{ Reason }} ({{ RequestedBy }}).`,
      ),
      isEnd: true,
    },
    carryOn(onHosts(`${H}GivesUp`, on, endShadow(), 60)),
    tell(
      `Tell${H}Differs`,
      targets.topics.critical,
      `${plan.names.prefix}: shadow failed or decides differently`,
      'The live engine was not touched. The report is the output of the step that compares, in the automation execution {{ automation:EXECUTION_ID }}.',
    ),
  ]);
}
