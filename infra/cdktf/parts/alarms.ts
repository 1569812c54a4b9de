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
    const members = new Map(plan.alarmInstances.map((alarm) => [alarm.key, this.alarm(alarm)]));
    for (const composite of plan.compositeAlarms) {
      const found = plan.alarmInstances.filter(
        ({ key }) => composite.anyOf.includes(key) && members.get(key) !== undefined,
      );
      new CompositeAlarm(
        this,
        composite.key,
        {
          alarmName: composite.name,
          alarmDescription: composite.description,
          alarmRule: found.map(({ name }) => `ALARM("${name}")`).join(' OR '),
        },
        { dependsOn: found.flatMap(({ key }) => members.get(key) ?? []) },
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

  /** Undefined where it watches a host that does not stand, as in a pilot light. */
  private alarm(alarm: AlarmInstancePlan): AwsResource<'id' | 'arn'> | undefined {
    const { plan, key, name, description } = alarm;
    const watched = this.watched(alarm);
    if (!watched) return undefined;
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
      ...watched,
    });
  }

  private watched({ plan, metrics, expression }: AlarmInstancePlan): Partial<AlarmArguments> | undefined {
    const known = metrics.map((metric) => ({ metric, dimensions: this.dimensions(metric) }));
    const resolved = known.flatMap(({ metric, dimensions }) => (dimensions ? [{ metric, dimensions }] : []));
    if (resolved.length < known.length) return undefined;
    const [first] = resolved;
    if (expression === undefined && first) {
      return {
        namespace: first.metric.namespace,
        metricName: first.metric.metric,
        dimensions: first.dimensions,
        statistic: plan.statistic,
        period: plan.period,
      };
    }
    return {
      metricQuery: [
        ...resolved.map(({ metric, dimensions }) => ({
          id: metric.id,
          returnData: false,
          metric: [
            {
              namespace: metric.namespace,
              metricName: metric.metric,
              dimensions,
              stat: plan.statistic,
              period: plan.period,
            },
          ],
        })),
        { id: 'watched', expression: expression ?? '', label: plan.id, returnData: true },
      ],
    };
  }

  private dimensions({ dimensions }: MetricPlan): Record<string, string> | undefined {
    const values = Object.entries(dimensions).map(([name, value]) => [name, this.value(value)] as const);
    if (values.some(([, value]) => value === undefined)) return undefined;
    return Object.fromEntries(values) as Record<string, string>;
  }

  private value(value: DimensionValue): string | undefined {
    if ('text' in value) return value.text;
    if ('instanceOf' in value) return this.trading.hosts[value.instanceOf]?.instanceId;
    return this.state.volumes[value.journalVolumeOf]?.id;
  }
}
