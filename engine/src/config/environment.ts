import { isSecretKey } from '../telemetry/index.js';
import { CLASSIC_KNOBS, classicKey } from './classic-knobs.js';
import type { ConfigIssue } from './config-error.js';
import { camelCase } from './key-names.js';
import { nearestKey } from './nearest-key.js';
import { configSchema } from './schema.js';
import { schemaAt, schemaNode } from './schema-tree.js';
import { type Origin, type SourceMap, type SourceNode, sourceMap } from './source-tree.js';

export const ENV_PREFIX = 'TRADEWIND_';
const SEPARATOR = '__';
const MAX_LIST = 200;

/** Variables with our prefix that are no settings. */
const NOT_SETTINGS = new Set(['TRADEWIND_CONFIG', 'TRADEWIND_RECORDINGS']);

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Lays the variables of `env` over `root`: `TRADEWIND_RISK__MAX_DAILY_LOSS=100` is `risk.maxDailyLoss`,
 * `TRADEWIND_STRATEGIES__0__ORDER_SIZE` is `strategies[0].orderSize`, `TRADEWIND_VENUE__SYMBOLS=BTCUSDT,ETHUSDT` is a
 * list, and `TRADEWIND_ORDER_SIZE` a classic key, set apart in `forStrategies` when it is for every strategy. A variable
 * that names no setting is an issue: a limit must not be lost to a typing error.
 */
export function applyEnvironment(
  root: SourceMap,
  forStrategies: Map<string, SourceNode>,
  env: Environment,
  issues: ConfigIssue[],
): void {
  const referenced = referencedVariables(root);
  const names = Object.keys(env).filter((name) => name.startsWith(ENV_PREFIX) && env[name] !== undefined);
  for (const name of names.sort()) {
    if (NOT_SETTINGS.has(name) || referenced.has(name)) continue;
    const text = env[name]!;
    const origin: Origin = { source: 'environment', written: name };
    const words = name.slice(ENV_PREFIX.length).split(SEPARATOR);
    const classic = words.length === 1 ? classicKey(words[0]!) : undefined;
    const target = classic === undefined ? undefined : CLASSIC_KNOBS[classic]!;
    if (target !== undefined && 'strategy' in target) {
      forStrategies.set(target.strategy, { kind: 'leaf', text, origin });
      continue;
    }
    const path = target !== undefined ? target.path : canonicalPath(words);
    if (path === undefined) {
      issues.push(unknownVariable(name));
      continue;
    }
    overlay(root, path, value(text, path, origin), origin, issues);
  }
}

function unknownVariable(name: string): ConfigIssue {
  const issue = { path: name, message: 'names no setting', source: 'environment' };
  if (isSecretKey(name)) {
    return { ...issue, allowed: `in venue.credentials, a reference to it: {env: ${name}}` };
  }
  const nearest = nearestKey(name, variables());
  return nearest === undefined ? issue : { ...issue, nearest };
}

/** Variables that credentials refer to: secrets, whatever they are called. */
function referencedVariables(node: SourceNode, names = new Set<string>()): Set<string> {
  if (node.kind === 'map') {
    for (const [key, child] of node.entries) {
      if (key === 'env' && child.kind === 'leaf' && child.text !== null) names.add(child.text);
      else referencedVariables(child, names);
    }
  } else if (node.kind === 'list') for (const child of node.items) referencedVariables(child, names);
  return names;
}

function canonicalPath(words: readonly string[]): (string | number)[] | undefined {
  const path: (string | number)[] = [];
  for (const word of words) {
    const schema = schemaAt(configSchema, path);
    if (schema === undefined || word === '') return undefined;
    const node = schemaNode(schema);
    if (node.kind === 'map') {
      if (!node.keys.has(camelCase(word))) return undefined;
      path.push(camelCase(word));
    } else if (node.kind === 'list') {
      if (!/^\d{1,3}$/.test(word) || Number(word) >= MAX_LIST) return undefined;
      path.push(Number(word));
    } else if (node.kind === 'record') path.push(word);
    else return undefined;
  }
  const end = schemaAt(configSchema, path);
  if (end === undefined) return undefined;
  const node = schemaNode(end);
  return node.kind === 'leaf' || (node.kind === 'list' && schemaNode(node.item).kind === 'leaf')
    ? path
    : undefined;
}

function value(text: string, path: readonly (string | number)[], origin: Origin): SourceNode {
  const node = schemaNode(schemaAt(configSchema, path)!);
  if (node.kind !== 'list') return { kind: 'leaf', text, origin };
  const items = text.split(',').map((item): SourceNode => ({ kind: 'leaf', text: item.trim(), origin }));
  return { kind: 'list', items, origin };
}

/** Puts `node` at `path` over whatever is there. */
function overlay(
  root: SourceMap,
  path: readonly (string | number)[],
  node: SourceNode,
  origin: Origin,
  issues: ConfigIssue[],
): void {
  let at: SourceNode = root;
  for (const [i, key] of path.entries()) {
    const last = i === path.length - 1;
    const container = (): SourceNode =>
      last ? node : typeof path[i + 1] === 'number' ? { kind: 'list', items: [], origin } : sourceMap(origin);
    if (at.kind === 'map') {
      const name = String(key);
      if (last || !at.entries.has(name)) at.entries.set(name, container());
      at = at.entries.get(name)!;
    } else if (at.kind === 'list') {
      const index = Number(key);
      if (index > at.items.length) {
        issues.push({
          path: origin.written ?? '',
          message: `there is no item ${index - 1} before it`,
          source: 'environment',
        });
        return;
      }
      if (last || index === at.items.length) at.items[index] = container();
      at = at.items[index]!;
    } else return;
  }
}

let known: readonly string[] | undefined;

/** Every variable that names a setting, for the nearest to a misspelt one. */
function variables(): readonly string[] {
  known ??= [
    ...Object.keys(CLASSIC_KNOBS).map((key) => ENV_PREFIX + upperSnake(key)),
    ...settingPaths().map((path) => ENV_PREFIX + path.map(upperSnake).join(SEPARATOR)),
  ];
  return known;
}

function settingPaths(path: readonly string[] = []): string[][] {
  const node = schemaNode(schemaAt(configSchema, path)!);
  if (node.kind !== 'map') return [[...path]];
  return [...node.keys.keys()].flatMap((key) => settingPaths([...path, key]));
}

/** `maxDailyLoss` as `MAX_DAILY_LOSS`. */
export function upperSnake(key: string): string {
  return key.replace(/[A-Z]/g, '_$&').toUpperCase();
}
