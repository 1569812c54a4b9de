import { ENGINE_LEASE_TIMING, type LeaseTiming, timingProblems } from './lease-timing.js';
import type { LeasePlace } from './open-lease-store.js';

/** The settings `ha.lease.*`. */
export interface LeaseSettings {
  readonly kind: LeasePlace['kind'];
  readonly path: string;
  readonly endpoints: readonly string[];
  readonly table?: string | undefined;
  readonly region?: string | undefined;
  readonly key: string;
  readonly renewEveryMs: number;
  readonly observeEveryMs: number;
  readonly selfFenceMs: number;
  readonly expireAfterMs: number;
  readonly requestTimeoutMs: number;
}

/** Something wrong with one of them, in view of the others. */
export interface LeaseSettingProblem {
  readonly setting: keyof LeaseSettings;
  /** Continues a sentence that begins with the setting. */
  readonly message: string;
}

/** The times of an engine with these settings. */
export function leaseTiming(settings: LeaseSettings): LeaseTiming {
  const { renewEveryMs, observeEveryMs, selfFenceMs, expireAfterMs, requestTimeoutMs } = settings;
  return {
    ...ENGINE_LEASE_TIMING,
    renewEveryMs,
    observeEveryMs,
    selfFenceMs,
    expireAfterMs,
    requestTimeoutMs,
  };
}

/** Where the lease is; only for settings without {@link leaseSettingProblems}. */
export function leasePlace(settings: LeaseSettings): LeasePlace {
  const { kind, path, endpoints, key, table, region } = settings;
  switch (kind) {
    case 'file':
      return { kind, path };
    case 'etcd':
      return { kind, endpoints, key };
    case 'dynamodb': {
      const [endpoint] = endpoints;
      return {
        kind,
        table: table!,
        key,
        ...(region !== undefined && { region }),
        ...(endpoint !== undefined && { endpoint }),
      };
    }
  }
}

/** Everything that does not go together, with the fix; for the configuration's cross-checks. */
export function leaseSettingProblems(settings: LeaseSettings): readonly LeaseSettingProblem[] {
  const { kind, endpoints, table } = settings;
  const problems: LeaseSettingProblem[] = [];
  if (kind === 'etcd' && endpoints.length === 0) {
    problems.push({ setting: 'endpoints', message: 'is empty: name the client URLs of etcd' });
  }
  if (kind === 'dynamodb' && table === undefined) {
    problems.push({ setting: 'table', message: 'is missing: name the DynamoDB table' });
  }
  if (kind === 'dynamodb' && endpoints.length > 1) {
    problems.push({ setting: 'endpoints', message: 'has several: DynamoDB has one, or none for AWS itself' });
  }
  for (const problem of timingProblems(leaseTiming(settings))) {
    // `selfFenceMs 100: one lost renewal ...`
    const [, name, message] = /^(\w+) (.*)$/s.exec(problem)!;
    const setting = name! in settings ? (name as keyof LeaseSettings) : 'expireAfterMs';
    problems.push({ setting, message: `is ${message}` });
  }
  return problems;
}
