import { type AutomationDocument, inARow } from './automation.js';
import { noOpenOrders, setSwitch, tradesAgain } from './shell.js';
import { onHosts, REASON, REQUESTED_BY, tell } from './steps.js';
import { type DocumentContext, document } from './targets.js';

/** Seconds for cancels to be acknowledged by the venue. */
const CANCEL_SECONDS = 30;

/** Stops trading on every host at once and looks whether an order is left. Needs no lease, no other AWS service, no approval. */
export function killSwitch(context: DocumentContext): AutomationDocument {
  const { names } = context.plan;
  const instances = hostIds(context);
  return document(context, 'trading', 'procedures/kill-switch', {
    description:
      'Kill switch: cancels every open order and sends no new one, on every host, until it is resumed. Fails when an order is left, or a host was not reached: then cancel at the venue itself.',
    parameters: { Reason: REASON, RequestedBy: REQUESTED_BY },
    mainSteps: inARow([
      // Whatever a host answers, the other one is asked, and what is left is looked at.
      { ...onHosts('Halt', instances, setSwitch('halt'), 30), onFailure: 'Continue' },
      {
        ...onHosts('NoOpenOrders', instances, noOpenOrders(CANCEL_SECONDS), CANCEL_SECONDS + 30),
        onFailure: 'step:TellOrdersLeft',
      },
      {
        ...tell(
          'TellHalted',
          context.targets.topics.critical,
          `${names.prefix}: trading halted`,
          `Halted on ${instances.length === 1 ? 'the host' : 'both hosts'}, no order open: {{ Reason }} ({{ RequestedBy }}).`,
        ),
        isEnd: true,
      },
      {
        ...tell(
          'TellOrdersLeft',
          context.targets.topics.critical,
          `${names.prefix}: HALTED, BUT ORDERS MAY BE OPEN`,
          'Not every host confirmed that no order is open. Cancel at the venue itself, now: {{ Reason }} ({{ RequestedBy }}).',
        ),
        isEnd: true,
      },
    ]),
  });
}

/** Trading goes on when a second person says so. */
export function resume(context: DocumentContext): AutomationDocument {
  const { names } = context.plan;
  const instances = hostIds(context);
  return document(context, 'trading', 'procedures/kill-switch', {
    description:
      'Trades again after a halt, on every host; a second person approves. Loss budgets start afresh.',
    parameters: {
      Reason: REASON,
      RequestedBy: REQUESTED_BY,
      Approvers: {
        type: 'StringList',
        description: 'ARNs of the IAM users or roles of whom one must approve; not your own.',
      },
    },
    mainSteps: inARow([
      {
        name: 'SecondPerson',
        action: 'aws:approve',
        timeoutSeconds: 3_600,
        onFailure: 'Abort',
        inputs: {
          NotificationArn: context.targets.topics.warning,
          Message: 'Resume trading? {{ Reason }} ({{ RequestedBy }})',
          MinRequiredApprovals: 1,
          Approvers: '{{ Approvers }}',
        },
      },
      onHosts('Resume', instances, setSwitch('resume'), 30),
      onHosts('TradesAgain', instances, tradesAgain(30), 60),
      tell(
        'TellResumed',
        context.targets.topics.warning,
        `${names.prefix}: trading resumed`,
        '{{ Reason }} ({{ RequestedBy }}).',
      ),
    ]),
  });
}

function hostIds({ plan, targets }: DocumentContext): string[] {
  return plan.hosts.standing.flatMap((role) => targets.instances[role] ?? []);
}
