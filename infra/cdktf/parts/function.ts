import { AssetType, TerraformAsset } from 'cdktf';
import { Construct } from 'constructs';
import { bundleFunction, type FunctionSpec } from '../../functions/index.js';
import { LambdaEventInvokeConfig, LambdaFunction } from '../resources/automation.js';
import { IamPolicy, IamRole, IamRolePolicyAttachment } from '../resources/identity.js';
import { type FunctionSurroundings, functionArns, functionVariables } from './function-settings.js';
import type { LogGroupRef } from './log-groups.js';
import { placeOf } from './place.js';
import { policyDocument, type Statement, trustOf } from './policy.js';

/** One function of `infra/functions`: its bundle, its settings from the manifest, and a role that may what that says. */
export class EnvironmentFunction extends Construct {
  readonly arn: string;
  readonly functionName: string;

  constructor(scope: Construct, spec: FunctionSpec, around: FunctionSurroundings, logGroup: LogGroupRef) {
    super(scope, spec.name);
    const { plan, topics, keys } = around;
    const { region } = placeOf(plan);
    const variables = functionVariables(spec.name, around);
    checkVariables(spec, Object.keys(variables));
    const name = plan.names.role(`${spec.name}-${region}`);
    const description = `Function ${spec.name} of ${plan.config.name}.`;
    const role = new IamRole(this, 'role', {
      name,
      description,
      assumeRolePolicy: trustOf('lambda.amazonaws.com'),
    });
    const own: readonly Statement[] = [
      {
        Sid: 'WriteLogs',
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: `${logGroup.arn}:*`,
      },
      { Sid: 'ReportFailures', Effect: 'Allow', Action: 'sns:Publish', Resource: topics.critical },
      {
        Sid: 'EncryptFailures',
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: keys.data,
        Condition: { StringEquals: { 'kms:ViaService': `sns.${region}.amazonaws.com` } },
      },
    ];
    const policy = new IamPolicy(this, 'policy', {
      name,
      description,
      policy: policyDocument(...spec.statements(functionArns(around)), ...own),
    });
    const attached = new IamRolePolicyAttachment(this, 'policy-in-use', {
      role: role.ref('name'),
      policyArn: policy.ref('arn'),
    });
    const { dir, sha256 } = bundleFunction(spec.name);
    const code = new TerraformAsset(this, 'code', {
      path: dir,
      type: AssetType.ARCHIVE,
      assetHash: sha256.slice(0, 32),
    });
    const lambda = new LambdaFunction(
      this,
      'function',
      {
        functionName: plan.names.function(spec.name),
        description: spec.description,
        role: role.ref('arn'),
        filename: code.path,
        // Of the bundle: an archive has times in it, and the same code would be uploaded again.
        sourceCodeHash: Buffer.from(sha256, 'hex').toString('base64'),
        handler: spec.entry,
        runtime: spec.runtime,
        architectures: [spec.architecture],
        memorySize: spec.memory,
        timeout: spec.timeout,
        reservedConcurrentExecutions: spec.reservedConcurrency,
        environment: [{ variables }],
        deadLetterConfig: [{ targetArn: topics.critical }],
        loggingConfig: [{ logFormat: 'Text', logGroup: logGroup.name }],
      },
      { dependsOn: [attached] },
    );
    this.arn = lambda.ref('arn');
    this.functionName = lambda.ref('function_name');
    new LambdaEventInvokeConfig(this, 'invocation', {
      functionName: this.functionName,
      maximumEventAgeInSeconds: 7_200,
      maximumRetryAttempts: 2,
    });
  }
}

function checkVariables(spec: FunctionSpec, given: readonly string[]): void {
  const differing = [
    ...spec.variables.filter((name) => !given.includes(name)).map((name) => `${name} is missing`),
    ...given.filter((name) => !spec.variables.includes(name)).map((name) => `${name} is none of its own`),
  ];
  if (differing.length > 0) {
    throw new Error(
      `function ${spec.name}: variables ${differing.join(', ')}; give those FUNCTIONS says it has`,
    );
  }
}
