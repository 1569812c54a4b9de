import { Construct } from 'constructs';
import type { AlarmInstancePlan, DimensionValue, EnvironmentPlan, MetricPlan } from '../../model/index.js';
import type { AwsResource } from '../resources/aws-resource.js';
import {
  type AlarmArguments,
  CompositeAlarm,
  MetricAlarm,
  Topic,
  TopicPolicy,
  TopicSubscription,
} from '../resources/observability.js';
import type { KeyArns } from './keys.js';
import { placeOf } from './place.js';
import { policyDocument } from './policy.js';
import type { State } from './state.js';
import type { Trading } from './trading.js';

type Severity = 'critical' | 'warning';

/** The alarms of the plan as they stand there, and the topics that carry them to people. */
export class Alarms extends Construct {
  readonly topics: Readonly<Record<Severity, string>>;

  constructor(
    scope: Construct,
    private readonly plan: EnvironmentPlan,
    keys: KeyArns,
    private readonly trading: Trading,
    private readonly state: State,
  ) {
    super(scope, 'alarms');
    this.topics = { critical: this.topic('critical', keys), warning: this.topic('warning', keys) };
    const alarms = new Map(plan.alarmInstances.map((alarm) => [alarm.key, this.alarm(alarm)]));
    for (const { key, name, description, anyOf } of plan.compositeAlarms) {
      const members = plan.alarmInstances.filter((alarm) => anyOf.includes(alarm.key));
      new CompositeAlarm(
        this,
        key,
        {
          alarmName: name,
          alarmDescription: description,
          alarmRule: members.map((alarm) => `ALARM("${alarm.name}")`).join(' OR '),
        },
        // The rule names them, which Terraform does not read as references.
        { dependsOn: members.flatMap((alarm) => alarms.get(alarm.key) ?? []) },
      );
    }
  }

  private topic(severity: Severity, keys: KeyArns): string {
    const { config, names } = this.plan;
    const { pagerEndpoint, email } = config.observability;
    const topic = new Topic(this, severity, {
      name: names.topic(severity),
      displayName: `Tradewind ${config.name} ${severity}`,
      kmsMasterKeyId: keys.data,
    });
    const arn = topic.ref('arn');
    new TopicPolicy(this, `${severity}-policy`, { arn, policy: this.topicPolicy(arn) });
    const subscribe = (protocol: 'https' | 'email', endpoint: string | undefined) => {
      if (endpoint)
        new TopicSubscription(this, `${severity}-${protocol}`, { topicArn: arn, protocol, endpoint });
    };
    subscribe('https', severity === 'critical' ? pagerEndpoint : undefined);
    subscribe('email', email);
    return arn;
  }

  /** TLS alone; open to the monitoring services of this account and nobody else. */
  private topicPolicy(arn: string): string {
    return policyDocument(
      {
        Sid: 'TlsAlone',
        Effect: 'Deny',
        Principal: '*',
        Action: 'sns:Publish',
        Resource: arn,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      {
        Sid: 'MonitoringOfThisAccount',
        Effect: 'Allow',
        Principal: {
          Service: ['cloudwatch.amazonaws.com', 'events.amazonaws.com', 'aps.amazonaws.com'],
        },
        Action: ['sns:Publish', 'sns:GetTopicAttributes'],
        Resource: arn,
        Condition: { StringEquals: { 'aws:SourceAccount': placeOf(this.plan).account } },
      },
    );
  }

  private alarm(alarm: AlarmInstancePlan): AwsResource<'id' | 'arn'> {
    const { plan, key, name, description } = alarm;
    return new MetricAlarm(this, key, {
      alarmName: name,
      alarmDescription: description,
      comparisonOperator: plan.comparison,
      threshold: plan.threshold,
      evaluationPeriods: plan.evaluationPeriods,
      datapointsToAlarm: plan.datapointsToAlarm,
      treatMissingData: plan.missing,
      alarmActions: [this.topics[plan.severity]],
      okActions: [this.topics[plan.severity]],
      ...this.watched(alarm),
    });
  }

  /** A plain metric, or queries of which the expression alone is returned. */
  private watched({ plan, metrics, expression }: AlarmInstancePlan): Partial<AlarmArguments> {
    const { statistic, period } = plan;
    const [first] = metrics;
    if (expression === undefined && first) return { ...this.metric(first), statistic, period };
    return {
      metricQuery: [
        ...metrics.map((metric) => ({
          id: metric.id,
          returnData: false,
          metric: [{ ...this.metric(metric), stat: statistic, period }],
        })),
        { id: 'watched', expression: expression ?? '', label: plan.id, returnData: true },
      ],
    };
  }

  private metric({ namespace, metric, dimensions }: MetricPlan) {
    return {
      namespace,
      metricName: metric,
      dimensions: Object.fromEntries(
        Object.entries(dimensions).map(([name, value]) => [name, this.value(value)]),
      ),
    };
  }

  private value(value: DimensionValue): string {
    if ('text' in value) return value.text;
    const [role, found] =
      'instanceOf' in value
        ? [value.instanceOf, this.trading.hosts[value.instanceOf]?.instanceId]
        : [value.journalVolumeOf, this.state.volumes[value.journalVolumeOf]?.id];
    if (found === undefined) throw new Error(`an alarm watches the ${role} host, which does not stand`);
    return found;
  }
}
