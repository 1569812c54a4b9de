import { awsResource } from './aws-resource.js';

export const Topic = awsResource<
  { readonly name: string; readonly displayName: string; readonly kmsMasterKeyId: string },
  'id' | 'arn'
>('aws_sns_topic');

export const TopicPolicy = awsResource<{ readonly arn: string; readonly policy: string }>(
  'aws_sns_topic_policy',
);

export const TopicSubscription = awsResource<{
  readonly topicArn: string;
  readonly protocol: 'https' | 'email';
  readonly endpoint: string;
}>('aws_sns_topic_subscription');

export interface AlarmMetric {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface AlarmArguments {
  readonly alarmName: string;
  readonly alarmDescription: string;
  readonly comparisonOperator: 'GreaterThanThreshold' | 'LessThanThreshold';
  readonly threshold: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly treatMissingData: 'breaching' | 'notBreaching' | 'ignore';
  readonly alarmActions: readonly string[];
  readonly okActions: readonly string[];
  readonly namespace?: string;
  readonly metricName?: string;
  readonly dimensions?: Readonly<Record<string, string>>;
  readonly statistic?: 'Maximum' | 'Minimum' | 'Sum' | 'Average';
  readonly period?: number;
  /** In place of the five before: metric math over several. */
  readonly metricQuery?: readonly {
    readonly id: string;
    readonly returnData: boolean;
    readonly expression?: string;
    readonly label?: string;
    readonly metric?: readonly (AlarmMetric & { readonly stat: string; readonly period: number })[];
  }[];
}

export const MetricAlarm = awsResource<AlarmArguments, 'id' | 'arn'>('aws_cloudwatch_metric_alarm');

export const CompositeAlarm = awsResource<{
  readonly alarmName: string;
  readonly alarmDescription: string;
  readonly alarmRule: string;
}>('aws_cloudwatch_composite_alarm');
