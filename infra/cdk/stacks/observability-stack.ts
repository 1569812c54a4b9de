import type { Construct } from 'constructs';
import { AlarmTopic } from '../constructs/alarm-topic.js';
import { EnvironmentDashboard } from '../constructs/environment-dashboard.js';
import { GrafanaWorkspace } from '../constructs/grafana-workspace.js';
import { PlannedAlarms } from '../constructs/planned-alarms.js';
import { PrometheusWorkspace } from '../constructs/prometheus-workspace.js';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.js';
import type { KeyRefs, StateRefs, TopicRefs, TradingRefs } from '../refs.js';

export interface ObservabilityStackProps extends EnvironmentStackProps {
  readonly keys: KeyRefs;
  readonly trading: TradingRefs;
  readonly state: StateRefs;
}

/** Who is told, when, and what they see: topics, alarms with their runbooks, dashboard, metrics store. */
export class ObservabilityStack extends EnvironmentStack {
  readonly refs: TopicRefs;

  constructor(scope: Construct, props: ObservabilityStackProps) {
    super(scope, 'Observability', props, {
      stateful: false,
      description: 'Alarms with their runbooks, the topics that page people, the dashboard and the metrics.',
    });
    const { plan, keys, trading, state } = props;
    const { config, names } = plan;
    const { pagerEndpoint, email } = config.observability;
    const topic = (severity: 'critical' | 'warning') =>
      new AlarmTopic(this, severity === 'critical' ? 'Critical' : 'Warning', {
        topicName: names.topic(severity),
        displayName: `Tradewind ${config.name} ${severity}`,
        key: keys.data,
        ...(severity === 'critical' && pagerEndpoint ? { pagerEndpoint } : {}),
        ...(email ? { email } : {}),
      }).topic;
    this.refs = { critical: topic('critical'), warning: topic('warning') };

    const { alarms } = new PlannedAlarms(this, 'Alarms', {
      alarms: plan.alarmInstances,
      composites: plan.compositeAlarms,
      trading,
      state,
      topics: this.refs,
    });
    new EnvironmentDashboard(this, 'Overview', { plan, alarms });

    const prometheus = config.observability.prometheus
      ? new PrometheusWorkspace(this, 'Prometheus', { plan, key: keys.data, topics: this.refs })
      : undefined;
    if (config.observability.grafana) {
      new GrafanaWorkspace(this, 'Grafana', {
        plan,
        ...(prometheus ? { prometheusArn: prometheus.workspace.attrArn } : {}),
      });
    }
  }
}
