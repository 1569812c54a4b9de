import { createHash } from 'node:crypto';
import type { Config } from './config.js';

/**
 * A stable fingerprint of what a configuration means: the same for every spelling and order of the same settings. It
 * covers where secrets are, never what they are.
 */
export function configDigest(config: Config): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(config)))
    .digest('hex')
    .slice(0, 32);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, child]) => child !== undefined);
  return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, child]) => [key, sorted(child)]);
}
