import type { HostRole } from '../plan/hosts.js';
import { type AutomationDocument, type AutomationStep, inARow } from './automation.js';
import { engineReady, handOver, readyToTakeOver, rollBackRelease, stepAside } from './shell.js';
import { branch, callApi, onHosts, REASON, REQUESTED_BY, tell } from './steps.js';
import { readLease, somebodyLeads } from './switching.js';
import {
  DIRECTIONS,
  type Direction,
  type DocumentContext,
  document,
  ENGINE_START_SECONDS,
  instanceOf,
  loneHost,
  title,
} from './targets.js';

const RESTART_SECONDS = 120;

/**
 * Back to the release before, at a person's word: no calendar and no health gate stands in the way of it. The order is that
 * of an upgrade, so a host leads throughout; where a step fails it stops, for there is nothing older to go back to.
 */
export function rollback(context: DocumentContext): AutomationDocument {
  const { plan, targets } = context;
  const alone = loneHost(context);
  const current = plan.names.parameter('release/current');
  return document(context, 'delivery', 'procedures/upgrades', {
    description:
      'Takes an upgrade back on every host: the one that waits first, then a handover, then the other. Works outside the Change Calendar.',
    parameters: { Reason: REASON, RequestedBy: REQUESTED_BY },
    mainSteps: [
      // Before anything is touched: without an earlier pointer a new host would come up with what is taken back.
      ...inARow(
        [
          callApi('ReadBefore', 'ssm', 'GetParameter', { Name: `${current}:before` }, [
            { Name: 'Pointer', Selector: '$.Parameter.Value', Type: 'String' },
          ]),
          somebodyLeads(context),
          readLease(context),
        ],
        alone ? `${title(alone)}StepsAside` : 'WhoLeads',
      ),
      ...(alone
        ? rollBackAlone(context, alone)
        : [
            branch('WhoLeads', '{{ ReadLease.Holder }}', { primary: 'StandbyRollsBack' }, 'PrimaryRollsBack'),
            ...DIRECTIONS.flatMap((direction) => rollBackFrom(context, direction)),
          ]),
      ...inARow([
        callApi('RecordRelease', 'ssm', 'PutParameter', {
          Name: current,
          Type: 'String',
          Value: '{{ ReadBefore.Pointer }}',
          Overwrite: true,
        }),
        tell(
          'TellDone',
          targets.topics.critical,
          `${plan.names.prefix}: rolled back`,
          '{{ Reason }} ({{ RequestedBy }}).',
        ),
      ]),
    ],
  });
}

function rollBackFrom(context: DocumentContext, { leader, follower }: Direction): AutomationStep[] {
  const [L, F] = [title(leader), title(follower)];
  const [onLeader, onFollower] = [[instanceOf(context, leader)], [instanceOf(context, follower)]];
  return inARow(
    [
      onHosts(`${F}RollsBack`, onFollower, rollBackRelease(), RESTART_SECONDS),
      onHosts(`${F}Waits`, onFollower, readyToTakeOver(30), 60),
      onHosts(`${L}HandsOver`, onLeader, handOver(), 90),
      onHosts(`${F}Ready`, onFollower, engineReady(ENGINE_START_SECONDS), ENGINE_START_SECONDS + 30),
      onHosts(`${L}RollsBackToo`, onLeader, rollBackRelease(), RESTART_SECONDS),
      onHosts(`${L}WaitsToo`, onLeader, readyToTakeOver(30), 60),
    ],
    'RecordRelease',
  );
}

function rollBackAlone(context: DocumentContext, role: HostRole): AutomationStep[] {
  const host = [instanceOf(context, role)];
  const H = title(role);
  return inARow(
    [
      onHosts(`${H}StepsAside`, host, stepAside(), 60),
      onHosts(`${H}RollsBack`, host, rollBackRelease(), RESTART_SECONDS),
      onHosts(`${H}Ready`, host, engineReady(ENGINE_START_SECONDS), ENGINE_START_SECONDS + 30),
    ],
    'RecordRelease',
  );
}
