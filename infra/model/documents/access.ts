import type { PolicyStatement } from '../host-access.js';
import type { EnvironmentPlan } from '../plan/environment-plan.js';
import { automationRoleName, DOCUMENT_GROUPS, type DocumentGroup, type DocumentTargets } from './targets.js';
import { calendarName } from './upgrades.js';

/** ARNs of what documents touch, as the back end knows them. */
export interface DocumentArns extends Pick<DocumentTargets, 'instances' | 'journalVolumes' | 'topics'> {
  readonly partition: string;
  readonly leaseTable: string;
  /** Of `data`: lease table, topics, volumes. */
  readonly dataKey: string;
  readonly secrets: readonly string[];
  /** Of those documents call, as far as there are any. */
  readonly functions: Readonly<Partial<Record<'fence' | 'move-address' | 'rotate-secret', string>>>;
}

/** Everything the documents of a group may do. */
export function documentAccess(
  plan: EnvironmentPlan,
  group: DocumentGroup,
  arns: DocumentArns,
): readonly PolicyStatement[] {
  const all = statements(plan, arns);
  const common = [all.readLease, all.decryptLease];
  const people = [all.tell, all.encryptTopics];
  switch (group) {
    case 'takeover':
      return [...common, all.callFunctions, all.startHosts, all.lookAtHosts];
    case 'switching':
      return [...common, ...people, ...all.commands, all.startDocuments, all.lendRole];
    case 'trading':
      return [...people, ...all.commands];
    case 'delivery':
      return [...common, ...people, ...all.commands, all.lookAtAlarms, all.readCalendar, all.movePointer];
    case 'custody':
      return [
        ...people,
        ...(arns.secrets.length > 0 ? [all.rotate, all.register] : []),
        all.snapshot,
        all.tagSnapshot,
        all.lookAtSnapshots,
      ];
  }
}

/** By `Sid`: why a statement can not name its resources one by one. */
export const DOCUMENT_WILDCARDS: Readonly<Record<string, string>> = {
  LookAtHosts: 'Describing instances has no resource-level permissions; the call only reads.',
  WatchCommands:
    'How a command went can be asked for all commands of the account or for none; the calls only read.',
  StartTakeover:
    'An execution has no name before it is started, and a document is started in whatever version is the default.',
  LookAtRollbackAlarm:
    'Describing composite alarms is allowed on all alarms of the account or on none; the call only reads.',
  MoveReleasePointer:
    'The parameters below release/ are the pointers documents move, of this environment alone.',
  TakeSnapshots: 'A snapshot has no id before it is taken.',
  TagNewSnapshots: 'A snapshot has no id before it is taken; the condition allows tags at that moment alone.',
  LookAtSnapshots: 'Describing snapshots has no resource-level permissions; the call only reads.',
};

/** The groups an environment has documents of. */
export function documentGroups(actions: readonly string[]): DocumentGroup[] {
  return (Object.keys(DOCUMENT_GROUPS) as DocumentGroup[]).filter((group) =>
    DOCUMENT_GROUPS[group].some((action) => actions.includes(action)),
  );
}

function statements(plan: EnvironmentPlan, arns: DocumentArns) {
  const { config, names, tags } = plan;
  const arn = (service: string, resource: string) =>
    `arn:${arns.partition}:${service}:${config.region}:${config.account}:${resource}`;
  const allow = (
    Sid: string,
    Action: readonly string[],
    Resource: readonly string[],
    Condition?: PolicyStatement['Condition'],
  ): PolicyStatement => ({
    Sid,
    Effect: 'Allow',
    Action,
    Resource,
    ...(Condition ? { Condition } : {}),
  });
  const through = (service: string) => ({
    StringEquals: { 'kms:ViaService': `${service}.${config.region}.amazonaws.com` },
  });
  const instances = Object.values(arns.instances).map((id) => arn('ec2', `instance/${id}`));
  const volumes = Object.values(arns.journalVolumes).map((id) => arn('ec2', `volume/${id}`));
  const snapshots = [`arn:${arns.partition}:ec2:${config.region}::snapshot/*`];
  const called = (...wanted: (keyof DocumentArns['functions'])[]) =>
    wanted.flatMap((name) => arns.functions[name] ?? []);
  const nested = (['fence', 'unfence'] as const).map((action) => names.document(action));
  return {
    readLease: allow('ReadLease', ['dynamodb:GetItem'], [arns.leaseTable]),
    decryptLease: allow('DecryptLease', ['kms:Decrypt'], [arns.dataKey], through('dynamodb')),
    tell: allow('TellPeople', ['sns:Publish'], Object.values(arns.topics)),
    encryptTopics: allow(
      'EncryptTopics',
      ['kms:Decrypt', 'kms:GenerateDataKey'],
      [arns.dataKey],
      through('sns'),
    ),
    callFunctions: allow('CallFunctions', ['lambda:InvokeFunction'], called('fence', 'move-address')),
    register: allow('RegisterKeys', ['lambda:InvokeFunction'], called('rotate-secret')),
    startHosts: allow('StartHosts', ['ec2:StartInstances'], instances),
    // Describing knows no resources.
    lookAtHosts: allow('LookAtHosts', ['ec2:DescribeInstanceStatus'], ['*']),
    commands: [
      allow(
        'SendCommands',
        ['ssm:SendCommand'],
        [`arn:${arns.partition}:ssm:${config.region}::document/AWS-RunShellScript`, ...instances],
      ),
      // How a command went can be asked for all commands of the account or for none.
      allow(
        'WatchCommands',
        ['ssm:ListCommands', 'ssm:ListCommandInvocations', 'ssm:DescribeInstanceInformation'],
        ['*'],
      ),
    ],
    startDocuments: allow(
      'StartTakeover',
      ['ssm:StartAutomationExecution', 'ssm:GetAutomationExecution'],
      [
        ...nested.map((name) => arn('ssm', `automation-definition/${name}:*`)),
        ...nested.map((name) => arn('ssm', `document/${name}`)),
        arn('ssm', 'automation-execution/*'),
      ],
    ),
    lendRole: allow(
      'LendTakeoverItsRole',
      ['iam:PassRole'],
      [`arn:${arns.partition}:iam::${config.account}:role/${automationRoleName(plan, 'takeover')}`],
      { StringEquals: { 'iam:PassedToService': 'ssm.amazonaws.com' } },
    ),
    lookAtAlarms: allow('LookAtRollbackAlarm', ['cloudwatch:DescribeAlarms'], [arn('cloudwatch', 'alarm:*')]),
    readCalendar: allow(
      'ReadCalendar',
      ['ssm:GetCalendarState'],
      [arn('ssm', `document/${calendarName({ plan })}`)],
    ),
    movePointer: allow(
      'MoveReleasePointer',
      ['ssm:GetParameter', 'ssm:PutParameter', 'ssm:LabelParameterVersion'],
      [arn('ssm', `parameter${names.parameter('release/*')}`)],
    ),
    rotate: allow(
      'RotateKeys',
      ['secretsmanager:DescribeSecret', 'secretsmanager:RotateSecret'],
      arns.secrets,
    ),
    snapshot: allow('TakeSnapshots', ['ec2:CreateSnapshot'], [...volumes, ...snapshots]),
    tagSnapshot: allow('TagNewSnapshots', ['ec2:CreateTags'], snapshots, {
      StringEquals: {
        'ec2:CreateAction': 'CreateSnapshot',
        'aws:RequestTag/tradewind:environment': tags['tradewind:environment'] as string,
      },
    }),
    lookAtSnapshots: allow('LookAtSnapshots', ['ec2:DescribeSnapshots'], ['*']),
  };
}
