import type { AgentConfig } from '../agent/config.js';
import { type EnvironmentPlan, type HostPlan, METRIC_NAMESPACE, movesAddress } from '../model/index.js';

/** Stands in the file until the host knows its id, at first boot. */
const INSTANCE_ID_PLACEHOLDER = '@instanceId@';

/** `/etc/tradewind/agent.json` of a host, before its instance id is known. */
export function agentConfig({ config, names, lease, hosts }: EnvironmentPlan, host: HostPlan) {
  const { timing, awaitFence, awaitAddress } = lease;
  return {
    environment: config.name,
    host: host.role,
    instanceId: INSTANCE_ID_PLACEHOLDER,
    region: config.region,
    lease: { table: names.leaseTable, ...timing },
    promotion: {
      ...(config.ha.mode === 'none'
        ? {}
        : { fence: { document: names.document('fence'), awaited: awaitFence } }),
      ...(movesAddress(config)
        ? { moveAddress: { document: names.document('move-address'), awaited: awaitAddress } }
        : {}),
    },
    metrics: { namespace: METRIC_NAMESPACE },
    ...(hosts.startHeld ? { control: { startHeld: true } } : {}),
  } satisfies Partial<Record<keyof AgentConfig, unknown>>;
}
