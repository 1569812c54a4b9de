import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

export interface AlarmTopicProps {
  readonly topicName: string;
  /** What reaches people under this name, e.g. `Tradewind prod-tokyo critical`. */
  readonly displayName: string;
  /** Encrypts messages; its policy must let CloudWatch, EventBridge and Managed Prometheus use it. */
  readonly key: kms.IKey;
  /** HTTPS address that pages a person. */
  readonly pagerEndpoint?: string;
  readonly email?: string;
}

/** Services that publish without a role of ours. */
const PUBLISHERS = ['cloudwatch.amazonaws.com', 'events.amazonaws.com', 'aps.amazonaws.com'];

/** One severity's way to people: encrypted, TLS alone, open to the monitoring services of this account and nobody else. */
export class AlarmTopic extends Construct {
  readonly topic: sns.Topic;

  constructor(scope: Construct, id: string, props: AlarmTopicProps) {
    super(scope, id);
    this.topic = new sns.Topic(this, 'Topic', {
      topicName: props.topicName,
      displayName: props.displayName,
      masterKey: props.key,
      enforceSSL: true,
    });
    this.topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'MonitoringOfThisAccount',
        principals: PUBLISHERS.map((service) => new iam.ServicePrincipal(service)),
        actions: ['sns:Publish', 'sns:GetTopicAttributes'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    if (props.pagerEndpoint) {
      this.topic.addSubscription(
        new subscriptions.UrlSubscription(props.pagerEndpoint, { protocol: sns.SubscriptionProtocol.HTTPS }),
      );
    }
    if (props.email) this.topic.addSubscription(new subscriptions.EmailSubscription(props.email));
  }
}
