import { awsResource } from './aws-resource.js';

export const LambdaFunction = awsResource<
  {
    readonly functionName: string;
    readonly description: string;
    readonly role: string;
    readonly filename: string;
    readonly sourceCodeHash: string;
    readonly handler: string;
    readonly runtime: string;
    readonly architectures: readonly string[];
    readonly memorySize: number;
    readonly timeout: number;
    readonly reservedConcurrentExecutions: number;
    readonly environment: readonly { readonly variables: Readonly<Record<string, string>> }[];
    readonly deadLetterConfig: readonly { readonly targetArn: string }[];
    readonly loggingConfig: readonly { readonly logFormat: 'Text'; readonly logGroup: string }[];
  },
  'id' | 'arn' | 'function_name'
>('aws_lambda_function');

export const LambdaEventInvokeConfig = awsResource<{
  readonly functionName: string;
  readonly maximumEventAgeInSeconds: number;
  readonly maximumRetryAttempts: number;
}>('aws_lambda_function_event_invoke_config');

export const LambdaPermission = awsResource<{
  readonly functionName: string;
  readonly action: 'lambda:InvokeFunction';
  readonly principal: string;
  readonly sourceArn?: string;
  readonly sourceAccount?: string;
}>('aws_lambda_permission');

export const EventRule = awsResource<
  {
    readonly name: string;
    readonly description: string;
    readonly scheduleExpression?: string;
    readonly eventPattern?: string;
  },
  'id' | 'arn' | 'name'
>('aws_cloudwatch_event_rule');

export const EventTarget = awsResource<{
  readonly rule: string;
  readonly arn: string;
  readonly input?: string;
  readonly inputTransformer?: readonly {
    readonly inputPaths: Readonly<Record<string, string>>;
    readonly inputTemplate: string;
  }[];
  readonly retryPolicy?: readonly {
    readonly maximumEventAgeInSeconds: number;
    readonly maximumRetryAttempts: number;
  }[];
}>('aws_cloudwatch_event_target');

export const SecretRotation = awsResource<{
  readonly secretId: string;
  readonly rotationLambdaArn: string;
  readonly rotateImmediately: boolean;
  readonly rotationRules: readonly { readonly scheduleExpression: string }[];
}>('aws_secretsmanager_secret_rotation');

export const LogMetricFilter = awsResource<{
  readonly name: string;
  readonly logGroupName: string;
  readonly pattern: string;
  readonly metricTransformation: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly value: string;
    readonly unit: string;
    readonly dimensions: Readonly<Record<string, string>>;
  }[];
}>('aws_cloudwatch_log_metric_filter');

export const SsmDocument = awsResource<{
  readonly name: string;
  readonly documentType: 'Automation' | 'Command' | 'ChangeCalendar';
  readonly documentFormat: 'JSON' | 'TEXT';
  readonly targetType?: string;
  readonly content: string;
}>('aws_ssm_document');
