import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { type AlarmPlan, type EnvironmentPlan, METRIC_NAMESPACE } from '../../model/index.js';

export interface EnvironmentDashboardProps {
  readonly plan: EnvironmentPlan;
  readonly alarms: readonly cloudwatch.CfnAlarm[];
}

interface Panel {
  readonly title: string;
  readonly metric: string;
  readonly unit: string;
  /** The alarm whose threshold is drawn. */
  readonly alarm?: string;
}

/** In the order one asks: who may trade, is it alive, are its time stamps true, is the machine as it should be. */
const PANELS: readonly Panel[] = [
  { title: 'Lease age', metric: 'LeaseAge', unit: 'ms', alarm: 'lease-age' },
  { title: 'Leader', metric: 'IsLeader', unit: '1 = holds the lease' },
  { title: 'Epoch', metric: 'Epoch', unit: 'one more with each change of leader' },
  { title: 'Engine ready', metric: 'EngineReady', unit: '1 = ready to trade' },
  { title: 'Heartbeat gap', metric: 'HeartbeatGap', unit: 'ms', alarm: 'heartbeat-gap' },
  { title: 'Clock error bound', metric: 'ClockErrorBound', unit: 'µs', alarm: 'clock-error-bound' },
  { title: 'Clock offset', metric: 'ClockOffset', unit: 'µs' },
  { title: 'Host drift', metric: 'HostDrift', unit: 'settings off their profile', alarm: 'host-drift' },
];

const COLUMNS = 24;
const PANEL = { width: 6, height: 6 };

/** One page for the first minute of an incident: alarm states, the hosts' own figures, and where each runbook is. */
export class EnvironmentDashboard extends Construct {
  constructor(scope: Construct, id: string, { plan, alarms }: EnvironmentDashboardProps) {
    super(scope, id);
    const { names } = plan;
    const hosts = plan.hosts.standing;
    const rows: cloudwatch.IWidget[][] = [
      [
        new cloudwatch.AlarmStatusWidget({
          title: `${plan.config.name}: alarms`,
          width: COLUMNS,
          height: 4,
          alarms: alarms.map((alarm, index) =>
            cloudwatch.Alarm.fromAlarmArn(this, `Alarm${index}`, alarm.attrArn),
          ),
        }),
      ],
    ];
    if (hosts.length > 0) {
      const panels = PANELS.map(
        (panel) =>
          new cloudwatch.GraphWidget({
            ...PANEL,
            title: panel.title,
            period: Duration.seconds(10),
            statistic: 'Maximum',
            left: hosts.map(
              (host) =>
                new cloudwatch.Metric({
                  namespace: METRIC_NAMESPACE,
                  metricName: panel.metric,
                  dimensionsMap: { Environment: plan.config.name, Host: host },
                  label: host,
                }),
            ),
            leftYAxis: { label: panel.unit, showUnits: false, min: 0 },
            leftAnnotations: annotations(plan, panel),
          }),
      );
      rows.push(panels);
    }
    rows.push([
      new cloudwatch.TextWidget({
        width: COLUMNS,
        height: 2 + Math.ceil(plan.alarms.length * 1.2),
        markdown: table(plan.alarms, plan.config.observability.runbooks),
      }),
    ]);
    new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: names.prefix,
      defaultInterval: Duration.hours(1),
      widgets: rows,
    });
  }
}

function annotations({ alarms }: EnvironmentPlan, panel: Panel): cloudwatch.HorizontalAnnotation[] {
  const alarm = alarms.find(({ id }) => id === panel.alarm);
  return alarm ? [{ value: alarm.threshold, label: alarm.id, color: cloudwatch.Color.RED }] : [];
}

function table(alarms: readonly AlarmPlan[], runbooks: string): string {
  const rows = alarms.map(
    ({ id, severity, meaning }) => `[${id}](${runbooks}/${id}.md) | ${severity} | ${meaning}`,
  );
  return ['alarm | severity | what it means', '---|---|---', ...rows].join('\n');
}
