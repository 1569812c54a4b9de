import { Duration, Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { bundleFunction, type FunctionArns, type FunctionSpec } from '../../functions/index.js';
import type { EnvironmentPlan, PolicyStatement } from '../../model/index.js';
import { StatementRole } from './statement-role.js';

export interface EnvironmentFunctionProps {
  readonly plan: EnvironmentPlan;
  readonly spec: FunctionSpec;
  readonly arns: FunctionArns;
  /** Must be those `spec.variables` names. */
  readonly variables: Readonly<Record<string, string>>;
  readonly logGroup: logs.ILogGroup;
  /** Where an event goes that failed to the end. */
  readonly failures: sns.ITopic;
  /** Of the topic. */
  readonly key: kms.IKey;
}

/** By `Sid`: why a statement of a function can not name its resources one by one. */
const WILDCARDS: Readonly<Record<string, string>> = {
  WriteLogs: 'Lambda names log streams itself, within the one log group of the functions.',
  LookAtTheNetwork: 'Describing knows no resource-level permissions; the calls only read, in one Region.',
  ReadResults:
    'The result of a command has no resource-level permissions; the call only reads, in one Region.',
  ReadArchive: 'Every object of the archive is sealed, and none has a name before it is written.',
  WriteCheckpoints: 'A checkpoint is named by its day; the prefix holds nothing else.',
  CountFindings: 'Metrics have no ARN; the condition allows one namespace.',
  JudgeRestores: 'A restore job has no name before AWS Backup starts it.',
  LookAtVolumes: 'Describing knows no resource-level permissions; the calls only read, in one Region.',
  LookAtTables: 'AWS Backup names restored tables at random under a prefix of its own.',
  LookAtDatabases: 'AWS Backup names restored databases at random under a prefix of its own.',
};

/**
 * One function of `infra/functions`: its bundle, its settings from the manifest, a role that may what the manifest says, and
 * the record log group. Not traced: each call already leaves one line of evidence, and a trace of a fence helps nobody.
 */
export class EnvironmentFunction extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, props: EnvironmentFunctionProps) {
    super(scope, id);
    const { plan, spec, logGroup, failures } = props;
    checkVariables(props);
    const { partition, region, account } = Stack.of(this);
    const { role } = new StatementRole(this, 'Role', {
      description: `Function ${spec.name} of ${plan.config.name}.`,
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      statements: [
        ...spec.statements(props.arns),
        allow(
          'WriteLogs',
          ['logs:CreateLogStream', 'logs:PutLogEvents'],
          [`arn:${partition}:logs:${region}:${account}:log-group:${plan.names.logGroup('functions')}:*`],
        ),
        allow('ReportFailures', ['sns:Publish'], [failures.topicArn]),
        {
          ...allow('EncryptFailures', ['kms:Decrypt', 'kms:GenerateDataKey'], [props.key.keyArn]),
          Condition: { StringEquals: { 'kms:ViaService': `sns.${region}.amazonaws.com` } },
        },
      ],
      wildcardReasons: WILDCARDS,
    });
    const { dir } = bundleFunction(spec.name);
    this.function = new lambda.Function(this, 'Function', {
      functionName: plan.names.function(spec.name),
      description: spec.description,
      code: lambda.Code.fromAsset(dir),
      handler: spec.entry,
      runtime: new lambda.Runtime(spec.runtime, lambda.RuntimeFamily.NODEJS),
      architecture: lambda.Architecture.ARM_64,
      memorySize: spec.memory,
      timeout: Duration.seconds(spec.timeout),
      reservedConcurrentExecutions: spec.reservedConcurrency,
      environment: { ...props.variables },
      logGroup: logGroup as logs.ILogGroup,
      // Everything it may do is above.
      role: role.withoutPolicyUpdates(),
      deadLetterTopic: failures as sns.ITopic,
      retryAttempts: 2,
      maxEventAge: Duration.hours(2),
    });
    const outside =
      'The function calls AWS APIs alone and must still run when the network of the environment is cut off, which is when it is needed.';
    Validations.of(this.function).acknowledge(
      {
        id: 'AwsSolutions-L1',
        reason:
          'The runtime is the long-term release the hosts run and the tests are made with; a newer one comes in with them, not with a new version of a rule pack.',
      },
      { id: 'NIST.800.53.R5-LambdaInsideVPC', reason: outside },
      { id: 'PCI.DSS.321-LambdaInsideVPC', reason: outside },
    );
  }
}

function allow(Sid: string, Action: readonly string[], Resource: readonly string[]): PolicyStatement {
  return { Sid, Effect: 'Allow', Action, Resource };
}

function checkVariables({ spec, variables }: EnvironmentFunctionProps): void {
  const given = Object.keys(variables);
  const missing = spec.variables.filter((name) => !given.includes(name));
  const unknown = given.filter((name) => !spec.variables.includes(name));
  if (missing.length + unknown.length > 0) {
    throw new Error(
      `function ${spec.name}: variables ${[...missing.map((name) => `${name} is missing`), ...unknown.map((name) => `${name} is none of its own`)].join(', ')}; give those of FUNCTIONS`,
    );
  }
}
