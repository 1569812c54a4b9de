import { type AutomationDocument, inARow } from './automation.js';
import {
  assertProperty,
  branch,
  callApi,
  DRY_RUN,
  invoke,
  REASON,
  REQUESTED_BY,
  waitForProperty,
} from './steps.js';
import { type DocumentContext, document, instanceOf, lease, title } from './targets.js';

const HOST = {
  type: 'String',
  description: 'Which host.',
  allowedValues: ['primary', 'standby'],
} as const;

/** Cuts a host off and withdraws its right to trade. The promoted agent starts it for the old leader. */
export function fence(context: DocumentContext): AutomationDocument {
  const { names } = context.plan;
  return document(context, 'takeover', 'lease-age', {
    description:
      'Fences a host: its own subnet is denied everything, or it is stopped where hosts share one (or both, as the environment says), and its right to the lease is withdrawn. Refused while the other host is fenced.',
    parameters: {
      Host: HOST,
      Reason: REASON,
      RequestedBy: REQUESTED_BY,
      Takeover: {
        type: 'String',
        description: 'true: fence it although it holds the lease.',
        default: 'false',
        allowedValues: ['true', 'false'],
      },
      DryRun: DRY_RUN,
    },
    mainSteps: [
      ...inARow(
        [
          invoke('Fence', names.function('fence'), {
            host: '{{ Host }}',
            reason: '{{ Reason }}',
            requestedBy: '{{ RequestedBy }}',
            takeover: '{{ Takeover }}',
            dryRun: '{{ DryRun }}',
          }),
        ],
        'OnlyADryRun',
      ),
      branch('OnlyADryRun', '{{ DryRun }}', { true: 'DryRunDone' }, 'LeaseSaysSo'),
      { ...assertProperty('LeaseSaysSo', lease(context, '$.Item.fenced.S', ['{{ Host }}'])), isEnd: true },
      readOnlyEnd(context, 'DryRunDone'),
    ],
  });
}

/** Takes the fence away and brings a stopped host back as the one that waits. */
export function unfence(context: DocumentContext): AutomationDocument {
  const { names } = context.plan;
  const start = (role: 'primary' | 'standby') => {
    const id = instanceOf(context, role);
    return inARow([
      // EC2 refuses to start what is still stopping, and bare metal stops for minutes.
      waitForProperty(
        `${title(role)}Stopped`,
        {
          service: 'ec2',
          api: 'DescribeInstanceStatus',
          inputs: { InstanceIds: [id], IncludeAllInstances: true },
          selector: '$.InstanceStatuses[0].InstanceState.Name',
          values: ['stopped', 'pending', 'running'],
        },
        1_200,
      ),
      callApi(`Start${title(role)}`, 'ec2', 'StartInstances', { InstanceIds: [id] }),
      // A bare-metal host takes its time.
      waitForProperty(
        `${title(role)}Runs`,
        {
          service: 'ec2',
          api: 'DescribeInstanceStatus',
          inputs: { InstanceIds: [id] },
          selector: '$.InstanceStatuses[0].InstanceStatus.Status',
          values: ['ok'],
        },
        1_800,
      ),
    ]);
  };
  return document(context, 'takeover', 'lease-age', {
    description:
      'Takes the fence of a host away, starts it where it was stopped, and waits until EC2 finds it well. It then waits for the lease; it does not take it.',
    parameters: {
      Host: HOST,
      Reason: REASON,
      RequestedBy: REQUESTED_BY,
      Start: {
        type: 'String',
        description: 'true: also start the instance.',
        default: 'true',
        allowedValues: ['true', 'false'],
      },
      DryRun: DRY_RUN,
    },
    mainSteps: [
      ...inARow(
        [
          invoke('Unfence', names.function('fence'), {
            host: '{{ Host }}',
            reason: '{{ Reason }}',
            requestedBy: '{{ RequestedBy }}',
            unfence: 'true',
            dryRun: '{{ DryRun }}',
          }),
        ],
        'OnlyADryRun',
      ),
      branch('OnlyADryRun', '{{ DryRun }}', { true: 'Done' }, 'ShallItStart'),
      branch('ShallItStart', '{{ Start }}', { true: 'WhichHost' }, 'Done'),
      branch('WhichHost', '{{ Host }}', { primary: 'PrimaryStopped' }, 'StandbyStopped'),
      ...start('primary'),
      ...start('standby'),
      readOnlyEnd(context, 'Done'),
    ],
  });
}

/** Moves the address the venue knows to the host that holds the lease. The promoted agent starts it and waits for it. */
export function moveAddress(context: DocumentContext): AutomationDocument {
  return document(context, 'takeover', 'lease-age', {
    description:
      'Moves the address to the host that holds the lease with this epoch; refused for any other host or epoch.',
    parameters: {
      Host: HOST,
      Epoch: {
        type: 'String',
        description: 'Epoch of the lease the host holds.',
        allowedPattern: '^[1-9][0-9]{0,14}$',
      },
      DryRun: DRY_RUN,
    },
    mainSteps: inARow([
      invoke('MoveAddress', context.plan.names.function('move-address'), {
        host: '{{ Host }}',
        epoch: '{{ Epoch }}',
        dryRun: '{{ DryRun }}',
      }),
      assertProperty('StillItsLease', lease(context, '$.Item.epoch.N', ['{{ Epoch }}'])),
    ]),
  });
}

/** A way to end without doing anything: the lease as it is, in the step's output. */
function readOnlyEnd(context: DocumentContext, name: string) {
  const { inputs } = lease(context, '$', []);
  return { ...callApi(name, 'dynamodb', 'GetItem', inputs), isEnd: true };
}
