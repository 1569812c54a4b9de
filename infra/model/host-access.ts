import { METRIC_NAMESPACE } from './plan/alarms.js';
import type { EnvironmentPlan } from './plan/environment-plan.js';
import { movesAddress } from './plan/lease.js';
import type { LogGroupPlan } from './plan/storage.js';

/** One statement of an IAM policy, as it stands in the policy document. */
export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** ARNs that do not follow from the plan's names; references of a back end are accepted. */
export interface HostAccessArns {
  /** `aws`, `aws-cn`, ... */
  readonly partition: string;
  readonly secrets: readonly string[];
  /** Objects that are engine releases, as a pattern. */
  readonly releases: string;
  readonly keys: { readonly data: string; readonly audit: string; readonly secrets: string };
}

/** Prefix of the archive that hosts write under. */
export const HOST_ARCHIVE_PREFIX = 'hosts';

/** Log groups whose lines come from hosts. */
const SHIPPED_LOGS: readonly string[] = ['engine', 'host', 'audit'] satisfies LogGroupPlan['id'][];

/**
 * Everything a host may do, in two policies because one may not pass 6,144 characters: `trading` is what the engine and
 * its agent need, `management` what the SSM agent needs to be reached without an open port.
 */
export function hostAccess(
  plan: EnvironmentPlan,
  arns: HostAccessArns,
): Readonly<Record<'trading' | 'management', readonly PolicyStatement[]>> {
  return { trading: tradingAccess(plan, arns), management: managementAccess(plan, arns) };
}

function tradingAccess(plan: EnvironmentPlan, arns: HostAccessArns): PolicyStatement[] {
  const { config, names } = plan;
  const here = `${config.region}:${config.account}`;
  const arn = (service: string, resource: string) => `arn:${arns.partition}:${service}:${here}:${resource}`;
  return [
    {
      Sid: 'HoldTheLease',
      Effect: 'Allow',
      Action: ['dynamodb:GetItem', 'dynamodb:PutItem'],
      Resource: [arn('dynamodb', `table/${names.leaseTable}`)],
      // ForAllValues is true of nothing at all: Null asks that a key is there.
      Condition: {
        'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['engine'] },
        Null: { 'dynamodb:LeadingKeys': 'false' },
      },
    },
    ...(arns.secrets.length > 0
      ? [
          {
            Sid: 'ReadExchangeKeys',
            Effect: 'Allow' as const,
            Action: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
            Resource: arns.secrets,
          },
          {
            Sid: 'DecryptExchangeKeys',
            Effect: 'Allow' as const,
            Action: ['kms:Decrypt'],
            Resource: [arns.keys.secrets],
            Condition: through(config.region, 'secretsmanager'),
          },
        ]
      : []),
    {
      Sid: 'DecryptLease',
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:DescribeKey'],
      Resource: [arns.keys.data],
      Condition: through(config.region, 'dynamodb'),
    },
    {
      Sid: 'SendMetrics',
      Effect: 'Allow',
      Action: ['cloudwatch:PutMetricData'],
      Resource: ['*'],
      Condition: { StringEquals: { 'cloudwatch:namespace': METRIC_NAMESPACE } },
    },
    {
      Sid: 'ShipLogs',
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
      Resource: plan.logs
        .filter(({ id }) => SHIPPED_LOGS.includes(id))
        .map(({ name }) => arn('logs', `log-group:${name}:*`)),
    },
    { Sid: 'ReadReleases', Effect: 'Allow', Action: ['s3:GetObject'], Resource: [arns.releases] },
    {
      Sid: 'ReadReleasePointer',
      Effect: 'Allow',
      Action: ['ssm:GetParameters'],
      Resource: [arn('ssm', `parameter${names.parameter('release/*')}`)],
    },
    // The bucket's default retention locks what is put; a host that may not set retention can neither shorten nor stretch it.
    {
      Sid: 'AppendToArchive',
      Effect: 'Allow',
      Action: ['s3:PutObject'],
      Resource: [`arn:${arns.partition}:s3:::${plan.archive.bucket}/${HOST_ARCHIVE_PREFIX}/*`],
    },
    {
      Sid: 'EncryptArchive',
      Effect: 'Allow',
      // One request per object: only an upload in parts would have to read the key back. A host can not read the archive.
      Action: ['kms:GenerateDataKey'],
      Resource: [arns.keys.audit],
      Condition: through(config.region, 's3'),
    },
    ...metricsAccess(plan, arns.partition),
    ...takeover(plan, arns.partition),
  ];
}

/** The workspace gets its id after the hosts have got their role: it is known by the tag of its environment. */
function metricsAccess({ config, names }: EnvironmentPlan, partition: string): PolicyStatement[] {
  if (!config.observability.prometheus) return [];
  const here = `${config.region}:${config.account}`;
  return [
    {
      Sid: 'FindPrometheus',
      Effect: 'Allow',
      Action: ['ssm:GetParameters'],
      Resource: [`arn:${partition}:ssm:${here}:parameter${names.prometheusParameter}`],
    },
    {
      Sid: 'SendToPrometheus',
      Effect: 'Allow',
      Action: ['aps:RemoteWrite'],
      Resource: [`arn:${partition}:aps:${here}:workspace/*`],
      Condition: { StringEquals: { 'aws:ResourceTag/tradewind:environment': config.name } },
    },
  ];
}

/**
 * What a promoted host has done to the other one and to the address: it starts two documents and reads how they went. It
 * may change no interface, route or instance itself; the role the documents run under may.
 */
function takeover({ config, names }: EnvironmentPlan, partition: string): PolicyStatement[] {
  if (config.ha.mode === 'none') return [];
  const here = `${config.region}:${config.account}`;
  const actions = movesAddress(config) ? (['fence', 'move-address'] as const) : (['fence'] as const);
  const documents = actions.map((action) => names.document(action));
  return [
    {
      Sid: 'StartTakeover',
      Effect: 'Allow',
      Action: ['ssm:StartAutomationExecution'],
      Resource: documents.flatMap((document) => [
        `arn:${partition}:ssm:${here}:automation-definition/${document}:*`,
        `arn:${partition}:ssm:${here}:document/${document}`,
      ]),
    },
    {
      Sid: 'WatchTakeover',
      Effect: 'Allow',
      Action: ['ssm:GetAutomationExecution'],
      Resource: [`arn:${partition}:ssm:${here}:automation-execution/*`],
    },
    {
      Sid: 'LendTakeoverItsRole',
      Effect: 'Allow',
      Action: ['iam:PassRole'],
      Resource: [`arn:${partition}:iam::${config.account}:role/${names.role('automation')}`],
      Condition: { StringEquals: { 'iam:PassedToService': 'ssm.amazonaws.com' } },
    },
  ];
}

/**
 * The SSM agent: registration, Session Manager and Run Command, not the managed policy AmazonSSMManagedInstanceCore, which
 * also reads every parameter and document of the account. Source: AWS Systems Manager user guide, "Add Session Manager
 * permissions to an existing IAM role" (UpdateInstanceInformation and the four ssmmessages actions) and "Reference:
 * ec2messages, ssmmessages, and other API operations" (Run Command on agents before 3.3.40 uses ec2messages). The two
 * message services know no resources, so these two statements can name none.
 */
function managementAccess({ config }: EnvironmentPlan, { partition }: HostAccessArns): PolicyStatement[] {
  return [
    {
      Sid: 'RegisterWithSystemsManager',
      Effect: 'Allow',
      Action: ['ssm:UpdateInstanceInformation'],
      Resource: [`arn:${partition}:ec2:${config.region}:${config.account}:instance/*`],
    },
    {
      Sid: 'OpenSessions',
      Effect: 'Allow',
      Action: [
        'ssmmessages:CreateControlChannel',
        'ssmmessages:CreateDataChannel',
        'ssmmessages:OpenControlChannel',
        'ssmmessages:OpenDataChannel',
      ],
      Resource: ['*'],
    },
    {
      Sid: 'RunCommands',
      Effect: 'Allow',
      Action: [
        'ec2messages:AcknowledgeMessage',
        'ec2messages:DeleteMessage',
        'ec2messages:FailMessage',
        'ec2messages:GetEndpoint',
        'ec2messages:GetMessages',
        'ec2messages:SendReply',
      ],
      Resource: ['*'],
    },
  ];
}

function through(region: string, service: string): NonNullable<PolicyStatement['Condition']> {
  return { StringEquals: { 'kms:ViaService': `${service}.${region}.amazonaws.com` } };
}
