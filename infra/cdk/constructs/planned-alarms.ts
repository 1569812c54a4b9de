import { Validations } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { AlarmInstancePlan, CompositeAlarmPlan, DimensionValue, MetricPlan } from '../../model/index.js';
import type { StateRefs, TopicRefs, TradingRefs } from '../refs.js';
import { pascal } from './logical-id.js';

export interface PlannedAlarmsProps {
  readonly alarms: readonly AlarmInstancePlan[];
  readonly composites: readonly CompositeAlarmPlan[];
  readonly trading: TradingRefs;
  readonly state: StateRefs;
  readonly topics: TopicRefs;
}

/**
 * The alarms of the plan, as they stand there. L1 throughout: the plan has decided every property, and the L2 would
 * rewrite metric math into labels of its own.
 */
export class PlannedAlarms extends Construct {
  readonly alarms: readonly cloudwatch.CfnAlarm[];
  readonly composites: readonly cloudwatch.CfnCompositeAlarm[];
  readonly #props: PlannedAlarmsProps;

  constructor(scope: Construct, id: string, props: PlannedAlarmsProps) {
    super(scope, id);
    this.#props = props;
    const byKey = new Map(props.alarms.map((alarm) => [alarm.key, this.#alarm(alarm)]));
    this.alarms = [...byKey.values()];
    this.composites = props.composites.map((composite) => this.#composite(composite, byKey));
  }

  #alarm(alarm: AlarmInstancePlan): cloudwatch.CfnAlarm {
    const { plan } = alarm;
    const topic = this.#props.topics[plan.severity].topicArn;
    return new cloudwatch.CfnAlarm(this, pascal(alarm.key), {
      alarmName: alarm.name,
      alarmDescription: alarm.description,
      comparisonOperator: plan.comparison,
      threshold: plan.threshold,
      evaluationPeriods: plan.evaluationPeriods,
      datapointsToAlarm: plan.datapointsToAlarm,
      treatMissingData: plan.missing,
      alarmActions: [topic],
      okActions: [topic],
      ...this.#watched(alarm),
    });
  }

  /** A plain metric, or queries of which the expression alone is returned. */
  #watched({ plan, metrics, expression }: AlarmInstancePlan): Partial<cloudwatch.CfnAlarmProps> {
    if (expression === undefined) {
      const [metric] = metrics as [MetricPlan];
      return {
        namespace: metric.namespace,
        metricName: metric.metric,
        dimensions: this.#dimensions(metric),
        statistic: plan.statistic,
        period: plan.period,
      };
    }
    return {
      metrics: [
        ...metrics.map((metric) => ({
          id: metric.id,
          returnData: false,
          metricStat: {
            metric: {
              namespace: metric.namespace,
              metricName: metric.metric,
              dimensions: this.#dimensions(metric),
            },
            stat: plan.statistic,
            period: plan.period,
          },
        })),
        { id: 'watched', expression, label: plan.id, returnData: true },
      ],
    };
  }

  #dimensions({ dimensions }: MetricPlan): cloudwatch.CfnAlarm.DimensionProperty[] {
    return Object.entries(dimensions).map(([name, value]) => ({ name, value: this.#value(value) }));
  }

  #value(value: DimensionValue): string {
    if ('text' in value) return value.text;
    const { trading, state } = this.#props;
    const [role, found] =
      'instanceOf' in value
        ? [value.instanceOf, trading.hosts[value.instanceOf]?.instanceId]
        : [value.journalVolumeOf, state.journalVolumeIds[value.journalVolumeOf]];
    if (found === undefined) {
      throw new Error(`an alarm watches the ${role} host, which the trading and state stacks do not have`);
    }
    return found;
  }

  #composite(
    composite: CompositeAlarmPlan,
    byKey: ReadonlyMap<string, cloudwatch.CfnAlarm>,
  ): cloudwatch.CfnCompositeAlarm {
    const members = composite.anyOf.map((key) => byKey.get(key) as cloudwatch.CfnAlarm);
    const made = new cloudwatch.CfnCompositeAlarm(this, pascal(composite.key), {
      alarmName: composite.name,
      alarmDescription: composite.description,
      alarmRule: members.map(({ alarmName }) => `ALARM("${alarmName}")`).join(' OR '),
    });
    // The rule names them, and CloudFormation does not read rules.
    for (const member of members) made.addResourceDependency(member);
    Validations.of(made).acknowledge({
      id: 'CloudFormation-Validate::TW-ALM-01',
      reason:
        'The alarm sums up others that each page with a runbook of their own; it is read by documents and dashboards and would only page twice.',
    });
    return made;
  }
}
