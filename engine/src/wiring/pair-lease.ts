import type { Config } from '../config/index.js';
import { ENGINE_LEASE_TIMING, type LeasePlace, type LeaseTiming } from '../ha/index.js';

/** Where the lease of a configuration lives. */
export function leasePlace({ ha }: Config): LeasePlace {
  const { kind, path, endpoints, key, table, region } = ha.lease;
  switch (kind) {
    case 'file':
      return { kind, path };
    case 'etcd':
      return { kind, endpoints, key };
    case 'dynamodb':
      return {
        ...{ kind, key, table: table ?? '' },
        region: region ?? process.env.AWS_REGION ?? 'us-east-1',
        ...(endpoints[0] !== undefined && { endpoint: endpoints[0] }),
      };
  }
}

/** The lease's times as configured; what is no setting is as tested. */
export function leaseTiming({ ha }: Config): LeaseTiming {
  const { renewEveryMs, observeEveryMs, selfFenceMs, expireAfterMs, requestTimeoutMs } = ha.lease;
  return {
    ...ENGINE_LEASE_TIMING,
    renewEveryMs,
    observeEveryMs,
    selfFenceMs,
    expireAfterMs,
    requestTimeoutMs,
  };
}
