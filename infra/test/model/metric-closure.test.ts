import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { HOST_GAUGES, metricBatch } from '../../agent/index.js';
import { FailoverStack } from '../../cdk/stacks/failover-stack.js';
import { ObservabilityStack } from '../../cdk/stacks/observability-stack.js';
import { renderUserData } from '../../delivery/index.js';
import { type EnvironmentPlan, type HostPlan, infraPath, METRIC_NAMESPACE } from '../../model/index.js';
import { operationsRefs } from '../support/operations-refs.js';
import { ENVIRONMENTS, shippedPlan, testApp } from '../support/test-app.js';

/** `agent.json` as the host gets it. */
function agentOf(plan: EnvironmentPlan, host: HostPlan) {
  const text = renderUserData(plan, host, { journalVolumeId: 'vol-0123456789abcdef0' });
  const one = (name: string) => new RegExp(`"${name}": "([^"]+)"`).exec(text)?.[1] as string;
  return { environment: one('environment'), host: one('host'), namespace: one('namespace') };
}

/** Everything the agent of a host sends when it knows everything. */
function sent(plan: EnvironmentPlan, host: HostPlan) {
  const { namespace, ...names } = agentOf(plan, host);
  const readings = {
    leaseAgeMs: 1,
    heartbeatGapMs: 1,
    isLeader: true,
    epoch: 1,
    engineReady: true,
    host: HOST_GAUGES.map((gauge) => ({ gauge, value: 1 })),
  };
  return metricBatch(readings, names, new Date(0)).map(
    ({ MetricName, Unit, Dimensions, StorageResolution }) => ({
      key: keyOf(
        namespace,
        MetricName!,
        Object.fromEntries(Dimensions!.map(({ Name, Value }) => [Name!, Value!])),
      ),
      Unit,
      StorageResolution,
    }),
  );
}

function keyOf(namespace: string, metric: string, dimensions: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(dimensions).sort(([a], [b]) => a.localeCompare(b));
  return [namespace, metric, ...sorted.flat()].join(' ');
}

/** Thresholds are written in these units. */
const UNITS: Readonly<Record<string, string>> = {
  LeaseAge: 'Milliseconds',
  HeartbeatGap: 'Milliseconds',
  IsLeader: 'Count',
  ClockErrorBound: 'Microseconds',
  HostDrift: 'Count',
};

describe.each(ENVIRONMENTS)('metrics of %s', (name) => {
  const plan = shippedPlan(name);
  const app = testApp();
  const refs = operationsRefs(new Stack(app, 'Elsewhere'), plan);
  const emitted = new Map(plan.hosts.hosts.flatMap((host) => sent(plan, host)).map((one) => [one.key, one]));
  const watched = plan.alarmInstances.flatMap(({ plan: alarm, metrics }) =>
    metrics.map((metric) => ({ alarm, metric })),
  );

  test('an alarm on hosts looks at what their agents send: name, dimensions, unit, resolution', () => {
    const ours = watched.filter(
      ({ metric }) => metric.namespace === METRIC_NAMESPACE && 'Host' in metric.dimensions,
    );
    expect(ours.length).toBeGreaterThan(4);
    for (const { alarm, metric } of ours) {
      const texts = Object.fromEntries(
        Object.entries(metric.dimensions).map(([key, value]) => [key, 'text' in value ? value.text : '?']),
      );
      const found = emitted.get(keyOf(metric.namespace, metric.metric, texts));
      expect({ alarm: alarm.id, unit: found?.Unit }).toEqual({ alarm: alarm.id, unit: UNITS[metric.metric] });
      // CloudWatch refuses a period of ten seconds on anything coarser.
      if (alarm.period < 60) expect(found?.StorageResolution).toBe(1);
    }
  });

  test('an alarm on the environment looks at what a function sends', () => {
    const stack = new FailoverStack(app, { plan, ...refs });
    const filters = Object.values(Template.fromStack(stack).findResources('AWS::Logs::MetricFilter')).flatMap(
      ({ Properties }) => Properties.MetricTransformations,
    );
    const checkpoint = readFileSync(infraPath('functions', 'checkpoint-archive', 'handler.ts'), 'utf8');
    for (const { metric } of watched.filter(
      ({ metric: { namespace, dimensions } }) => namespace === METRIC_NAMESPACE && !('Host' in dimensions),
    )) {
      expect(metric.dimensions).toEqual({ Environment: { text: plan.config.name } });
      const filter = filters.find(({ MetricName }) => MetricName === metric.metric);
      if (filter) {
        expect(filter).toMatchObject({
          MetricNamespace: METRIC_NAMESPACE,
          Dimensions: [{ Key: 'Environment', Value: '$.environment' }],
        });
      } else {
        expect(checkpoint).toContain(`MetricName: '${metric.metric}'`);
        expect(checkpoint).toContain(`Namespace: '${METRIC_NAMESPACE}'`);
        expect(checkpoint).toMatch(
          /const Dimensions = \[\{ Name: 'Environment', Value: environment\.ENVIRONMENT \}\]/,
        );
      }
    }
  });

  test('the dashboard shows nothing that no agent sends', () => {
    const { keys, trading, state } = refs;
    const template = Template.fromStack(new ObservabilityStack(testApp(), { plan, keys, trading, state }));
    const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
    const body = JSON.stringify(dashboard!.Properties.DashboardBody).replaceAll('\\', '');
    const shown = [...body.matchAll(/\["Tradewind","(\w+)","(\w+)","([^"]+)","(\w+)","([^"]+)"/g)];
    expect(shown).toHaveLength(8 * plan.hosts.hosts.length);
    for (const [, metric, a, valueA, b, valueB] of shown) {
      expect([...emitted.keys()]).toContain(
        keyOf(METRIC_NAMESPACE, metric!, { [a!]: valueA!, [b!]: valueB! }),
      );
    }
  });
});
