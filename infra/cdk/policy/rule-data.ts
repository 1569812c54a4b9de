import { capabilities } from '../../model/index.js';
import { DATA_TYPES } from './stateful-types.js';

/**
 * Versions MSK creates. Source: MSK developer guide, supported Apache Kafka versions, read 2026-11: without an end of
 * support date, ZooKeeper and KRaft form.
 */
export const KAFKA_VERSIONS = [
  '3.7.x',
  '3.7.x.kraft',
  '3.8.x',
  '3.8.x.kraft',
  '3.9.x',
  '3.9.x.kraft',
  '4.0.x.kraft',
];

/**
 * Runtimes maintained for at least the next months. Source: Lambda developer guide, runtimes, read 2026-11: nodejs22.x until
 * April 2027, nodejs24.x April 2028, python3.12 October 2028, python3.13 and 3.14 June 2029, provided.al2023 June 2029.
 */
export const LAMBDA_RUNTIMES = [
  'nodejs22.x',
  'nodejs24.x',
  'python3.12',
  'python3.13',
  'python3.14',
  'provided.al2023',
];

/**
 * Actions that know no resource, so `*` is the only resource they take. Source: Service Authorization Reference, per
 * service "Actions defined by", empty column "Resource types", read 2026-11.
 */
export const UNSCOPED_ACTIONS = [
  'backup:DescribeRestoreJob',
  'cloudtrail:DescribeTrails',
  'cloudwatch:DescribeAlarmsForMetric',
  'cloudwatch:GetMetricData',
  'cloudwatch:GetMetricStatistics',
  'cloudwatch:ListMetrics',
  'cloudwatch:PutMetricData',
  'ec2:DescribeAddresses',
  'ec2:DescribeAvailabilityZones',
  'ec2:DescribeCapacityReservations',
  'ec2:DescribeInstanceStatus',
  'ec2:DescribeInstanceTypes',
  'ec2:DescribeInstances',
  'ec2:DescribeManagedPrefixLists',
  'ec2:DescribeNetworkAcls',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeRegions',
  'ec2:DescribeRouteTables',
  'ec2:DescribeSnapshots',
  'ec2:DescribeSubnets',
  'ec2:DescribeTags',
  'ec2:DescribeVolumes',
  'ec2:DescribeVolumesModifications',
  'ec2:DescribeVpcs',
  'ec2messages:AcknowledgeMessage',
  'ec2messages:DeleteMessage',
  'ec2messages:FailMessage',
  'ec2messages:GetEndpoint',
  'ec2messages:GetMessages',
  'ec2messages:SendReply',
  'ecr:GetAuthorizationToken',
  'kms:ListAliases',
  'kms:ListKeys',
  's3:ListAllMyBuckets',
  'secretsmanager:GetRandomPassword',
  'secretsmanager:ListSecrets',
  'ssm:DescribeInstanceInformation',
  'ssm:GetCommandInvocation',
  'ssm:ListCommandInvocations',
  'ssm:ListCommands',
  'ssmmessages:CreateControlChannel',
  'ssmmessages:CreateDataChannel',
  'ssmmessages:OpenControlChannel',
  'ssmmessages:OpenDataChannel',
  'sts:GetCallerIdentity',
  'tag:GetResources',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
];

/** The tables the rules look things up in, as Rego source. */
export function ruleTables(fixes: Readonly<Record<string, string>>): string {
  const types = Object.fromEntries(
    Object.entries(capabilities().types).map(([name, type]) => [
      name,
      {
        burstable: type.burstable,
        cluster: type.placement.includes('cluster') && !type.burstable,
        cores: type.cores,
        enaExpress: type.enaExpress,
        ptpClock: type.ptpClock,
        recovery: type.autoRecovery,
        threads: type.threadsPerCore,
        weighting: type.bandwidthWeighting,
      },
    ]),
  );
  return [
    table('rule_fixes', fixes),
    table('instance_types', types),
    set('stateful_types', DATA_TYPES),
    set('kafka_versions', KAFKA_VERSIONS),
    set('lambda_runtimes', LAMBDA_RUNTIMES),
    set('unscoped_actions', UNSCOPED_ACTIONS),
  ].join('\n\n');
}

/** One entry a line: the Rego engine takes lines of up to 1,024 columns. */
function table(name: string, value: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(value).map(
    ([key, entry]) => `${JSON.stringify(key)}: ${JSON.stringify(entry)}`,
  );
  return `${name} := {\n${entries.join(',\n')},\n}`;
}

function set(name: string, values: readonly string[]): string {
  return `${name} := {\n${values.map((value) => JSON.stringify(value)).join(',\n')},\n}`;
}
