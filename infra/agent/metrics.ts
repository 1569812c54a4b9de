import { type CloudWatchClient, type MetricDatum, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { HostGauge } from './host-files.js';

/** What the agent knows at one instant. */
export interface AgentReadings {
  /** Since the lease's version last changed as seen by this host; undefined before the first read. */
  readonly leaseAgeMs: number | undefined;
  /** Since the engine last answered well; 0 while no engine is to run here. */
  readonly heartbeatGapMs: number;
  readonly isLeader: boolean;
  /** Undefined before the first read. */
  readonly epoch: number | undefined;
  readonly engineReady: boolean;
  /** Whether it waits for a person before it may lead at all; undefined on a host that does not start so. */
  readonly awaitsRelease?: boolean | undefined;
  readonly host: readonly { readonly gauge: HostGauge; readonly value: number }[];
}

/** One batch for CloudWatch, stored by the second. A value that is not known is left out: its alarm treats that as a fault. */
export function metricBatch(
  readings: AgentReadings,
  names: { readonly environment: string; readonly host: string },
  timestamp: Date,
): MetricDatum[] {
  const data: [string, number | undefined, 'Milliseconds' | 'Microseconds' | 'Count'][] = [
    ['LeaseAge', readings.leaseAgeMs, 'Milliseconds'],
    ['HeartbeatGap', readings.heartbeatGapMs, 'Milliseconds'],
    ['IsLeader', readings.isLeader ? 1 : 0, 'Count'],
    ['Epoch', readings.epoch, 'Count'],
    ['EngineReady', readings.engineReady ? 1 : 0, 'Count'],
    [
      'AwaitsRelease',
      readings.awaitsRelease === undefined ? undefined : Number(readings.awaitsRelease),
      'Count',
    ],
    ...readings.host.map(
      ({ gauge, value }) => [gauge.metric, value, gauge.unit] as [string, number, HostGauge['unit']],
    ),
  ];
  const Dimensions = [
    { Name: 'Environment', Value: names.environment },
    { Name: 'Host', Value: names.host },
  ];
  return data
    .filter(([, value]) => value !== undefined && Number.isFinite(value))
    .map(([MetricName, Value, Unit]) => ({
      MetricName,
      Value: Value!,
      Unit,
      Dimensions,
      Timestamp: timestamp,
      StorageResolution: 1,
    }));
}

/** Sends one batch; the next one is due soon, so that a slow or failed one is not repeated. */
export async function sendMetrics(
  client: CloudWatchClient,
  namespace: string,
  batch: MetricDatum[],
  timeoutMs: number,
): Promise<void> {
  await client.send(new PutMetricDataCommand({ Namespace: namespace, MetricData: batch }), {
    abortSignal: AbortSignal.timeout(timeoutMs),
  });
}
