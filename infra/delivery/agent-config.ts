import type { AgentConfig } from '../agent/config.js';
import { DEFAULT_LEASE_TIMING } from '../agent/timing.js';
import { type EnvironmentPlan, type HostPlan, METRIC_NAMESPACE } from '../model/index.js';

/** Stands in the file until the host knows its id, at first boot. */
export const INSTANCE_ID_PLACEHOLDER = '@instanceId@';

/** `/etc/tradewind/agent.json` of a host, before its instance id is known. */
export function agentConfig({ config, names, hosts }: EnvironmentPlan, host: HostPlan) {
  const { mode, lease } = config.ha;
  // A lost request and its repetition must fit into one renewal.
  const half = lease.renewEvery / 2;
  return {
    environment: config.name,
    host: host.role,
    instanceId: INSTANCE_ID_PLACEHOLDER,
    region: config.region,
    lease: {
      table: names.leaseTable,
      renewEveryMs: lease.renewEvery,
      observeEveryMs: Math.min(DEFAULT_LEASE_TIMING.observeEveryMs, half),
      selfFenceMs: lease.selfFence,
      expireAfterMs: lease.expire,
      requestTimeoutMs: Math.min(DEFAULT_LEASE_TIMING.requestTimeoutMs, half),
    },
    promotion: {
      // Not awaited: the old leader has killed its engine before its lease could be taken; the fence makes sure of it.
      ...(mode === 'none' ? {} : { fence: { document: names.document('fence'), awaited: false } }),
      // Awaited: without the address no order reaches the venue.
      ...(mode === 'warm' && hosts.address !== 'own-addresses'
        ? { moveAddress: { document: names.document('move-address'), awaited: true } }
        : {}),
    },
    metrics: { namespace: METRIC_NAMESPACE },
  } satisfies Partial<Record<keyof AgentConfig, unknown>>;
}
