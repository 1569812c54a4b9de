import { createHash } from 'node:crypto';
import type { Config } from './config.js';

/**
 * A stable fingerprint of how a configuration trades: the same for every spelling and order of the same settings, and
 * wherever logs, metrics, the journal and other files go, so that a replay of a recorded session finds the digest it was
 * recorded with. It covers where secrets are, never what they are.
 */
export function configDigest(config: Config): string {
  const {
    log: _log,
    telemetry: _telemetry,
    session: _session,
    journal: _journal,
    ha: _ha,
    ...trading
  } = config;
  return createHash('sha256')
    .update(JSON.stringify(sorted(trading)))
    .digest('hex')
    .slice(0, 32);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, child]) => child !== undefined);
  return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, child]) => [key, sorted(child)]);
}
