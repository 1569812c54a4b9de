import { safetyMarginMs } from '@tradewind/engine/ha/lease';
import { addressMode } from './plan/hosts.js';
import { planLease } from './plan/lease.js';
import { recoveryScenarios } from './recovery.js';
import type { EnvironmentConfig } from './schema.js';
import { formatDuration } from './units.js';

type Sections = Parameters<typeof recoveryScenarios>[0];
type Lease = EnvironmentConfig['ha']['lease'];

/** Renewals tried, the gentlest first: each costs a write to the lease table. */
const RENEWALS = [500, 400, 300, 200, 100];
const STEP_MS = 100;

/** Changes of mode or lease timing with which a lost host is made good within `rto`, each an imperative; empty if none. */
export function waysToRecoverWithin(config: Sections, rto: number): string[] {
  const ways: string[] = [];
  const { mode, lease } = config.ha;
  const modes: EnvironmentConfig['ha']['mode'][] =
    mode === 'none' ? ['none', 'warm', 'hot'] : mode === 'warm' ? ['warm', 'hot'] : ['hot'];
  for (const tried of modes) {
    const { address: _, ...rest } = config.ha;
    const ha = tried === mode ? config.ha : { ...rest, mode: tried };
    if (tried !== mode && meets({ ...config, ha }, rto)) {
      ways.push(
        `set ha.mode: ${tried}${tried === 'hot' && addressMode(config) !== 'own-addresses' ? ' with own-addresses' : ''}`,
      );
      break;
    }
    const faster = tried === 'none' ? undefined : fasterLease({ ...config, ha }, rto);
    if (faster && faster.expire < lease.expire) {
      ways.push(`${tried === mode ? '' : `set ha.mode: ${tried} and `}${leaseText(faster)}`);
      break;
    }
  }
  return ways;
}

function meets(config: Sections, rto: number): boolean {
  const [host] = recoveryScenarios(config);
  return host !== undefined && host.totalMs <= rto;
}

/** The gentlest sound timing that recovers in time. */
function fasterLease(config: Sections, rto: number): Lease | undefined {
  for (const renewEvery of RENEWALS) {
    const lease = soundLease(renewEvery);
    if (meets({ ...config, ha: { ...config.ha, lease } }, rto)) return lease;
  }
  return undefined;
}

/** Two renewals until the holder gives up, then as long as safety asks for, in round figures. */
function soundLease(renewEvery: number): Lease {
  const selfFence = 2 * renewEvery;
  let expire = selfFence;
  const margin = () =>
    safetyMarginMs(
      planLease({ ha: { lease: { renewEvery, selfFence, expire } } as EnvironmentConfig['ha'] }).timing,
    );
  while (margin() <= 0) expire += STEP_MS;
  return { renewEvery, selfFence, expire };
}

function leaseText({ renewEvery, selfFence, expire }: Lease): string {
  const [renew, fence, end] = [renewEvery, selfFence, expire].map(formatDuration);
  return `set ha.lease: { renewEvery: ${renew}, selfFence: ${fence}, expire: ${end} }`;
}
