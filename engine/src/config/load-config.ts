import { readFileSync } from 'node:fs';
import { moveClassicKeys } from './classic-knobs.js';
import { type Config, completeConfig } from './config.js';
import { configDigest } from './config-digest.js';
import { ConfigError, type ConfigIssue } from './config-error.js';
import { findConflicts } from './cross-checks.js';
import { applyEnvironment, type Environment } from './environment.js';
import { canonicalKeys } from './key-names.js';
import { configSchema } from './schema.js';
import { shapeIssues } from './shape-issues.js';
import { issueAt, locate, type SourceMap, type SourceNode, sourceMap, toPlain } from './source-tree.js';
import { completeStrategies, type StrategySettings } from './strategy-defaults.js';
import { readYaml } from './yaml-source.js';

export interface LoadedConfig {
  readonly config: Config;
  /** The file it came from; undefined when there was none. */
  readonly path: string | undefined;
  /** See {@link configDigest}. */
  readonly digest: string;
}

/**
 * The configuration of a process: built-in defaults, under the YAML file at `path` if one is given, under the
 * `TRADEWIND_*` variables of `env`. Secrets stay where they are; see `resolveCredentials`.
 *
 * Throws one {@link ConfigError} with everything that is wrong.
 */
export function loadConfig(path: string | undefined, env: Environment = process.env): LoadedConfig {
  const bytes = path === undefined ? undefined : readFile(path);
  const config = parseConfig(bytes, env, path);
  return { config, path, digest: configDigest(config) };
}

/** The same from bytes in memory; `source` names them in errors. */
export function parseConfig(
  bytes: Uint8Array | undefined,
  env: Environment = {},
  source = 'configuration',
): Config {
  const issues: ConfigIssue[] = [];
  const root = settings(bytes, env, source, issues);
  const shape = configSchema.safeParse(toPlain(root));
  const failed: (readonly PropertyKey[])[] = [];
  if (!shape.success) {
    for (const { path, issue } of shapeIssues(root, shape.error.issues)) {
      failed.push(path);
      issues.push(issue);
    }
  }
  // With the wrong values left out, what remains can still be checked against itself: all errors in one go.
  const sound = shape.success ? shape : configSchema.safeParse(without(toPlain(root), failed));
  if (sound.success) {
    const config = completeConfig(sound.data);
    for (const { path, involves, ...conflict } of findConflicts(config)) {
      if ([path, ...involves].some((place) => failed.some((wrong) => overlap(wrong, place)))) continue;
      issues.push(issueAt(root, path, conflict));
    }
    if (issues.length === 0) return freeze(config);
  }
  throw new ConfigError(unique(issues));
}

/** File and environment as one tree in canonical spelling. */
function settings(
  bytes: Uint8Array | undefined,
  env: Environment,
  source: string,
  issues: ConfigIssue[],
): SourceMap {
  const written: SourceNode =
    bytes === undefined ? sourceMap({ source: 'defaults' }) : readYaml(bytes, source);
  if (written.kind !== 'map') {
    throw new ConfigError([
      issueAt(written, [], { message: 'must be a map of settings, not a list or a single value' }),
    ]);
  }
  const forAll: StrategySettings = { file: moveClassicKeys(written, issues), environment: new Map() };
  const root = canonicalKeys(written, configSchema, issues) as SourceMap;
  applyEnvironment(root, forAll.environment, env, issues);
  impliedEnvironment(root);
  completeStrategies(root, forAll);
  return root;
}

/** `testnet: true` alone, as classic files have it, chooses the testnet. */
function impliedEnvironment(root: SourceMap): void {
  const { node } = locate(root, ['trading', 'testnet']);
  if (node?.kind !== 'leaf' || node.text?.toLowerCase() !== 'true') return;
  const venue = root.entries.get('venue') ?? sourceMap(node.origin);
  if (venue.kind !== 'map' || venue.entries.has('environment')) return;
  venue.entries.set('environment', { kind: 'leaf', text: 'testnet', origin: node.origin });
  root.entries.set('venue', venue);
}

function readFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      ENOENT: 'no such file',
      EISDIR: 'it is a folder',
      EACCES: 'not permitted',
    };
    const why = reasons[code ?? ''] ?? code ?? 'unreadable';
    throw new ConfigError([{ path: '', message: `cannot be read: ${why}`, source: path }]);
  }
}

/** A copy of `plain` without what is at `paths`. */
function without(plain: unknown, paths: readonly (readonly PropertyKey[])[]): unknown {
  // From the end, so that leaving out a list's item does not move the ones still to leave out.
  for (const path of [...paths].reverse()) {
    let at = plain;
    for (const key of path.slice(0, -1))
      at = at === null || typeof at !== 'object' ? undefined : Reflect.get(at, key);
    if (at === null || typeof at !== 'object') continue;
    const last = path.at(-1);
    if (Array.isArray(at)) at.splice(Number(last), 1);
    else if (last !== undefined) Reflect.deleteProperty(at, last);
  }
  return plain;
}

function overlap(a: readonly PropertyKey[], b: readonly PropertyKey[]): boolean {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** One issue for each place and message: a value given for every strategy is wrong in each of them, but written once. */
function unique(issues: readonly ConfigIssue[]): ConfigIssue[] {
  const seen = new Set<string>();
  return issues.filter((issue) => {
    const place = issue.written ?? issue.path;
    const key = JSON.stringify([place, issue.source, issue.line, issue.message, issue.allowed]);
    return !seen.has(key) && seen.add(key);
  });
}

function freeze<T>(value: T): T {
  if (value !== null && typeof value === 'object') {
    for (const child of Object.values(value)) freeze(child);
    Object.freeze(value);
  }
  return value;
}
