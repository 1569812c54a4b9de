import type { HostRole } from '../plan/hosts.js';
import { type AutomationDocument, type AutomationStep, inARow } from './automation.js';
import { engineReady, giveUpLease, handOver, readyToTakeOver } from './shell.js';
import {
  assertProperty,
  branch,
  callApi,
  DRY_RUN,
  onHosts,
  REASON,
  REQUESTED_BY,
  runDocument,
  tell,
  waitForProperty,
} from './steps.js';
import {
  CLAIM_SECONDS,
  DIRECTIONS,
  type Direction,
  type DocumentContext,
  document,
  ENGINE_START_SECONDS,
  instanceOf,
  lease,
  leaseKey,
  title,
} from './targets.js';

/** Reads who leads into `ReadLease.Holder`. */
export function readLease({ plan }: DocumentContext): AutomationStep {
  return callApi('ReadLease', 'dynamodb', 'GetItem', leaseKey(plan), [
    { Name: 'Holder', Selector: '$.Item.holder.S', Type: 'String' },
    { Name: 'Epoch', Selector: '$.Item.epoch.N', Type: 'String' },
  ]);
}

/** Ends the automation unless one of the two hosts leads. */
export function somebodyLeads(context: DocumentContext): AutomationStep {
  return assertProperty('SomebodyLeads', lease(context, '$.Item.holder.S', ['primary', 'standby']));
}

/**
 * For the hour the agents do not do it themselves: the wanted host must be ready, the other one is fenced, the agent takes
 * the lease when it has run out, and its first health is waited for. If the new leader never gets healthy the fence is
 * taken away again, so that the environment is not left with one host that can not and one that may not trade.
 */
export function failover(context: DocumentContext): AutomationDocument {
  const { names } = context.plan;
  const ways = DIRECTIONS.map((direction) => failoverTo(context, direction));
  return document(context, 'switching', 'no-leader', {
    description:
      'Failover by hand: fences the other host and waits until the wanted one leads with a ready engine. The agents do this by themselves within seconds; use it when they did not.',
    parameters: {
      To: { type: 'String', description: 'The host that shall lead.', allowedValues: ['primary', 'standby'] },
      Reason: REASON,
      RequestedBy: REQUESTED_BY,
      DryRun: DRY_RUN,
    },
    mainSteps: [
      { ...readLease(context), nextStep: 'WhoShallLead' },
      branch('WhoShallLead', '{{ To }}', { primary: 'PrimaryLeadsAlready' }, 'StandbyLeadsAlready'),
      ...ways.flat(),
      {
        ...callApi('NothingToDo', 'dynamodb', 'GetItem', leaseKey(context.plan)),
        isEnd: true,
      },
      {
        ...tell(
          'TellDone',
          context.targets.topics.warning,
          `${names.prefix}: failover done`,
          'The host {{ To }} leads with a ready engine: {{ Reason }} ({{ RequestedBy }}).',
        ),
        isEnd: true,
      },
    ],
  });
}

function failoverTo(context: DocumentContext, { leader: from, follower: to }: Direction): AutomationStep[] {
  const { names } = context.plan;
  const [From, To] = [title(from), title(to)];
  const undo = `Unfence${From}`;
  return [
    branch(`${To}LeadsAlready`, '{{ ReadLease.Holder }}', { [to]: 'NothingToDo' }, `${To}Ready`),
    ...inARow(
      [onHosts(`${To}Ready`, [instanceOf(context, to)], readyToTakeOver(10), 60)],
      `${To}OnlyADryRun`,
    ),
    branch(`${To}OnlyADryRun`, '{{ DryRun }}', { true: 'NothingToDo' }, `Fence${From}`),
    ...inARow(
      [
        {
          ...runDocument(
            `Fence${From}`,
            names.document('fence'),
            {
              Host: from,
              Reason: '{{ Reason }}',
              RequestedBy: '{{ RequestedBy }}',
              Takeover: 'true',
            },
            180,
          ),
          // Half a fence is no state to leave a host in.
          onFailure: `step:${undo}`,
        },
        {
          ...waitForProperty(`${To}Claims`, lease(context, '$.Item.holder.S', [to]), CLAIM_SECONDS),
          onFailure: `step:${undo}`,
        },
        {
          ...onHosts(
            `${To}FirstHealth`,
            [instanceOf(context, to)],
            engineReady(ENGINE_START_SECONDS),
            ENGINE_START_SECONDS + 30,
          ),
          onFailure: `step:${undo}`,
        },
      ],
      'TellDone',
    ),
    ...inARow([
      runDocument(
        undo,
        names.document('unfence'),
        { Host: from, Reason: 'the failover did not succeed', RequestedBy: '{{ RequestedBy }}' },
        // Until it has stopped, then until it is well again.
        3_300,
      ),
      tell(
        `Tell${To}Failed`,
        context.targets.topics.critical,
        `${names.prefix}: failover failed`,
        `The ${to} host did not come to lead with a ready engine; the fence of the ${from} host was taken away again. Nobody may be trading.`,
      ),
    ]),
  ];
}

/** Moves the lease to the other host while both are well: orders cancelled, at most seconds without a quote. */
export function handover(context: DocumentContext): AutomationDocument {
  const { names } = context.plan;
  return document(context, 'switching', 'no-leader', {
    description:
      'Planned handover: the leading host stops its engine with its orders cancelled and the other one takes over. If that one does not get healthy the lease goes back.',
    parameters: { Reason: REASON, RequestedBy: REQUESTED_BY, DryRun: DRY_RUN },
    mainSteps: [
      ...inARow([somebodyLeads(context), readLease(context)], 'WhoLeads'),
      branch('WhoLeads', '{{ ReadLease.Holder }}', { primary: 'StandbyReady' }, 'PrimaryReady'),
      ...DIRECTIONS.flatMap((direction) => handoverFrom(context, direction)),
      { ...callApi('NothingDone', 'dynamodb', 'GetItem', leaseKey(context.plan)), isEnd: true },
      {
        ...tell(
          'TellDone',
          context.targets.topics.warning,
          `${names.prefix}: handover done`,
          'The lease went from {{ ReadLease.Holder }} to the other host: {{ Reason }} ({{ RequestedBy }}).',
        ),
        isEnd: true,
      },
    ],
  });
}

function handoverFrom(context: DocumentContext, { leader, follower }: Direction): AutomationStep[] {
  const { names } = context.plan;
  const [From, To] = [title(leader), title(follower)];
  return [
    ...inARow(
      [onHosts(`${To}Ready`, [instanceOf(context, follower)], readyToTakeOver(10), 60)],
      `${To}OnlyADryRun`,
    ),
    branch(`${To}OnlyADryRun`, '{{ DryRun }}', { true: 'NothingDone' }, `${From}HandsOver`),
    ...inARow(
      [
        onHosts(`${From}HandsOver`, [instanceOf(context, leader)], handOver(), 90),
        {
          ...onHosts(
            `${To}FirstHealth`,
            [instanceOf(context, follower)],
            engineReady(ENGINE_START_SECONDS),
            ENGINE_START_SECONDS + 30,
          ),
          onFailure: `step:${To}GivesBack`,
        },
      ],
      'TellDone',
    ),
    ...giveBack(context, { from: follower, to: leader }, [
      tell(
        `Tell${To}Failed`,
        context.targets.topics.critical,
        `${names.prefix}: handover failed`,
        `The ${follower} host led without a ready engine; the lease was given back to the ${leader} host.`,
      ),
    ]),
  ];
}

/** The lease goes back to the host that was well before; then `after`. Each step is tried whatever became of the one before. */
export function giveBack(
  context: DocumentContext,
  { from, to }: { readonly from: HostRole; readonly to: HostRole },
  after: readonly AutomationStep[],
): AutomationStep[] {
  const attempts: AutomationStep[] = [
    onHosts(`${title(from)}GivesBack`, [instanceOf(context, from)], giveUpLease(), 120),
    waitForProperty(`${title(to)}ClaimsBack`, lease(context, '$.Item.holder.S', [to]), CLAIM_SECONDS),
    onHosts(
      `${title(to)}HealthyAgain`,
      [instanceOf(context, to)],
      engineReady(ENGINE_START_SECONDS),
      ENGINE_START_SECONDS + 30,
    ),
  ];
  return inARow([...attempts.map((step) => ({ ...step, onFailure: 'Continue' as const })), ...after]);
}
