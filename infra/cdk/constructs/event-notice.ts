import * as events from 'aws-cdk-lib/aws-events';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

export interface EventNoticeProps {
  /** What it tells of, a sentence. */
  readonly description: string;
  readonly pattern: Readonly<Record<string, unknown>>;
  readonly topic: sns.ITopic;
  /** By name: JSONPath into the event. */
  readonly paths: Readonly<Record<string, string>>;
  /** What people read; `<name>` stands for a path. */
  readonly text: string;
}

/** An event of AWS that people are told of in words. L1: the topic's policy lets EventBridge in already, and stays as it is. */
export class EventNotice extends Construct {
  constructor(scope: Construct, id: string, props: EventNoticeProps) {
    super(scope, id);
    new events.CfnRule(this, 'Rule', {
      description: props.description,
      eventPattern: props.pattern,
      targets: [
        {
          id: 'People',
          arn: props.topic.topicArn,
          inputTransformer: { inputPathsMap: { ...props.paths }, inputTemplate: JSON.stringify(props.text) },
        },
      ],
    });
  }
}
