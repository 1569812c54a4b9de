import { readFileSync } from 'node:fs';
import type { Config } from './config.js';
import { ConfigError, type ConfigIssue } from './config-error.js';
import type { Environment } from './environment.js';

/** An API key with its secret, in memory only. */
export interface ResolvedCredentials {
  readonly apiKey: string;
  readonly kind: 'ed25519' | 'hmac' | 'rsa';
  /** A PEM private key, or an HMAC secret's text. */
  readonly secret: string;
}

const MAX_BYTES = 100_000;

/**
 * Reads the secrets the configuration refers to; undefined when it refers to none. Throws a {@link ConfigError} naming
 * the reference, never its content, when one cannot be had.
 */
export function resolveCredentials(
  config: Config,
  env: Environment = process.env,
): ResolvedCredentials | undefined {
  const { credentials } = config.venue;
  if (credentials === undefined) return undefined;
  const issues: ConfigIssue[] = [];
  const read = (name: 'apiKey' | 'secret'): string => {
    const { env: variable, file } = credentials[name];
    const found = variable !== undefined ? fromVariable(env, variable) : fromFile(file!);
    if ('text' in found) return found.text;
    issues.push({ path: `venue.credentials.${name}`, message: found.message });
    return '';
  };
  const apiKey = read('apiKey');
  const secret = read('secret');
  if (issues.length === 0 && credentials.kind !== 'hmac' && !secret.includes('PRIVATE KEY-----')) {
    issues.push({
      path: 'venue.credentials.secret',
      message: `refers to something that is no private key, which ${credentials.kind} needs`,
      allowed: 'a PEM file beginning with -----BEGIN PRIVATE KEY-----, or kind: hmac',
    });
  }
  if (issues.length > 0) throw new ConfigError(issues);
  return { apiKey, kind: credentials.kind, secret };
}

/** The secret a pair shares; undefined when the configuration refers to none. Throws as {@link resolveCredentials} does. */
export function resolvePairSecret(config: Config, env: Environment = process.env): string | undefined {
  const { secret } = config.ha;
  if (secret === undefined) return undefined;
  const found = secret.env !== undefined ? fromVariable(env, secret.env) : fromFile(secret.file!);
  if ('text' in found) return found.text;
  throw new ConfigError([{ path: 'ha.secret', message: found.message }]);
}

type Found = { readonly text: string } | { readonly message: string };

function fromVariable(env: Environment, name: string): Found {
  const text = env[name]?.trim() ?? '';
  return text === '' ? { message: `refers to the environment variable ${name}, which is not set` } : { text };
}

function fromFile(path: string): Found {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > MAX_BYTES) return { message: `refers to ${path}, which is too large for a secret` };
    const text = bytes.toString('utf8').trim();
    return text === '' ? { message: `refers to ${path}, which is empty` } : { text };
  } catch (error) {
    return { message: `refers to ${path}, which cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
}
