import { DEFAULT_LEASE_TIMING, type LeaseTiming } from '@tradewind/engine/ha/lease';
import type { EnvironmentConfig } from '../schema.js';
import { addressMode } from './hosts.js';

/** The times both agents and the recovery budget count with. */
export interface LeasePlan {
  readonly timing: LeaseTiming;
  /**
   * Whether a promotion waits for the fence. It does not: by the safety margin of the timing the old engine is dead before
   * the lease may be claimed, and the fence is the second line, which must not hold up the first.
   */
  readonly awaitFence: false;
  /** Whether a promotion waits for the address: an engine without the address the venue knows can not log in. */
  readonly awaitAddress: boolean;
}

/** Times that the file does not give follow from how often the lease is renewed. */
export function planLease({ ha }: Pick<EnvironmentConfig, 'ha'>): LeasePlan {
  const { renewEvery, selfFence, expire } = ha.lease;
  // A lost request and its repetition fit between two renewals.
  const half = renewEvery / 2;
  return {
    timing: {
      ...DEFAULT_LEASE_TIMING,
      renewEveryMs: renewEvery,
      selfFenceMs: selfFence,
      expireAfterMs: expire,
      observeEveryMs: Math.min(DEFAULT_LEASE_TIMING.observeEveryMs, half),
      requestTimeoutMs: Math.min(DEFAULT_LEASE_TIMING.requestTimeoutMs, half),
    },
    awaitFence: false,
    awaitAddress: movesAddress({ ha }),
  };
}

/** Whether an address moves to the promoted host. Hot hosts keep their own. */
export function movesAddress({ ha }: Pick<EnvironmentConfig, 'ha'>): boolean {
  return ha.mode === 'warm' && addressMode({ ha }) !== 'own-addresses';
}
