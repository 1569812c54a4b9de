import { names } from '../names.js';
import type { EnvironmentConfig } from '../schema.js';
import { type AlarmPlan, METRIC_NAMESPACE } from './alarms.js';
import type { HostRole } from './hosts.js';

/** What a metric is about: a value known now, or a resource the back end has made. */
export type DimensionValue =
  | { readonly text: string }
  | { readonly instanceOf: HostRole }
  | { readonly journalVolumeOf: HostRole };

export interface MetricPlan {
  /** Name within `expression`: a letter and digits. */
  readonly id: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, DimensionValue>>;
}

/** One CloudWatch alarm. Where an {@link AlarmPlan} is about several hosts or functions each has its own. */
export interface AlarmInstancePlan {
  readonly plan: AlarmPlan;
  /** Stable within the environment, e.g. `lease-age-standby`. */
  readonly key: string;
  /** `AlarmName`. */
  readonly name: string;
  /** `AlarmDescription`: the meaning and where its runbook is. */
  readonly description: string;
  /** One, or several for an expression. */
  readonly metrics: readonly MetricPlan[];
  /** Metric math over the ids of `metrics`; absent where there is one metric and nothing to compute. */
  readonly expression?: string;
}

/** Alarms that are about several others. */
export interface CompositeAlarmPlan {
  readonly key: 'environment-critical' | 'upgrade-rollback';
  readonly name: string;
  readonly description: string;
  /** In alarm when any of these is; keys of {@link AlarmInstancePlan}. */
  readonly anyOf: readonly string[];
}

/** Alarms that end an upgrade and take it back: whatever says that the new version does not lead as it should. */
export const ROLLBACK_ALARMS: readonly string[] = ['lease-age', 'no-leader', 'two-leaders', 'heartbeat-gap'];

/** Every alarm, with the metrics it watches; both back ends make exactly these. */
export function alarmInstances(
  config: EnvironmentConfig,
  alarms: readonly AlarmPlan[],
  startHeld = false,
): readonly AlarmInstancePlan[] {
  return alarms.flatMap((plan) =>
    watched(config, plan)
      .map((one) => (startHeld ? unlessHeld(config, plan, one) : one))
      .map((one) => instance(config, plan, one)),
  );
}

/**
 * Where hosts come up on hold nobody leads until a person says so, which is no fault. A host that says nothing is one still:
 * what is computed with a metric that is missing is missing too.
 */
function unlessHeld(config: EnvironmentConfig, { id, source }: AlarmPlan, one: Watched): Watched {
  if (!('hosts' in source) || (id !== 'lease-age' && id !== 'no-leader')) return one;
  const [host] = source.hosts as [HostRole];
  return {
    ...one,
    metrics: [...one.metrics, agentMetric(config, host, 'AwaitsRelease', 'held')],
    expression: id === 'lease-age' ? 'IF(held > 0, 0, m1)' : 'm1 + held',
  };
}

export function compositeAlarms(
  config: EnvironmentConfig,
  instances: readonly AlarmInstancePlan[],
): readonly CompositeAlarmPlan[] {
  const name = names(config);
  const keys = (wanted: (plan: AlarmPlan) => boolean) =>
    instances.filter(({ plan }) => wanted(plan)).map(({ key }) => key);
  const composites: readonly CompositeAlarmPlan[] = [
    {
      key: 'environment-critical',
      name: name.alarm('environment-critical'),
      description: `Any critical alarm of the environment. Pages nobody itself: each of its alarms does. Runbooks: ${config.observability.runbooks}/README.md`,
      anyOf: keys(({ severity }) => severity === 'critical'),
    },
    {
      key: 'upgrade-rollback',
      name: name.alarm('upgrade-rollback'),
      description: `What ends an upgrade and takes it back; read by the upgrade documents. Runbook: ${config.observability.runbooks}/procedures/upgrades.md`,
      anyOf: keys(({ id }) => ROLLBACK_ALARMS.includes(id)),
    },
  ];
  return composites.filter(({ anyOf }) => anyOf.length > 0);
}

interface Watched {
  readonly suffix?: string;
  readonly metrics: readonly MetricPlan[];
  readonly expression?: string;
}

function instance(config: EnvironmentConfig, plan: AlarmPlan, one: Watched): AlarmInstancePlan {
  const key = one.suffix ? `${plan.id}-${one.suffix}` : plan.id;
  return {
    plan,
    key,
    name: names(config).alarm(key),
    description: `${plan.meaning} Runbook: ${config.observability.runbooks}/${plan.id}.md`,
    metrics: one.metrics,
    ...(one.expression === undefined ? {} : { expression: one.expression }),
  };
}

function watched(config: EnvironmentConfig, { source }: AlarmPlan): readonly Watched[] {
  const { metric } = source;
  const single = (namespace: string, dimensions: MetricPlan['dimensions'], suffix?: string): Watched => ({
    ...(suffix === undefined ? {} : { suffix }),
    metrics: [{ id: 'm1', namespace, metric, dimensions }],
  });
  switch (source.kind) {
    case 'agent':
      return source.hosts.map((host) => single(METRIC_NAMESPACE, agentDimensions(config, host), host));
    case 'agent-sum':
      return [
        {
          metrics: source.hosts.map((host, index) => agentMetric(config, host, metric, `m${index + 1}`)),
          // Over an array a host that says nothing is left out, where `m1 + m2` would leave a gap. FILL would take a
          // data point that is only late for a zero.
          expression: `SUM([${source.hosts.map((_, index) => `m${index + 1}`).join(', ')}])`,
        },
      ];
    case 'ec2':
      return source.hosts.map((host) => single('AWS/EC2', { InstanceId: { instanceOf: host } }, host));
    case 'volume':
      return source.hosts.map((host) => single('AWS/EBS', { VolumeId: { journalVolumeOf: host } }, host));
    case 'function':
      return source.functions.map((name) =>
        single('AWS/Lambda', { FunctionName: { text: names(config).function(name) } }, name),
      );
    case 'environment':
      return [single(METRIC_NAMESPACE, { Environment: { text: config.name } })];
    case 'backup':
      return [single('AWS/Backup', { BackupVaultName: { text: names(config).vault } })];
  }
}

function agentDimensions({ name }: EnvironmentConfig, host: HostRole): MetricPlan['dimensions'] {
  return { Environment: { text: name }, Host: { text: host } };
}

function agentMetric(config: EnvironmentConfig, host: HostRole, metric: string, id: string): MetricPlan {
  return { id, namespace: METRIC_NAMESPACE, metric, dimensions: agentDimensions(config, host) };
}
