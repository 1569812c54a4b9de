import type { z } from 'zod';
import type { ConfigIssue } from './config-error.js';
import { schemaNode } from './schema-tree.js';
import { type SourceMap, type SourceNode, sourceMap } from './source-tree.js';

/** `max_daily_loss`, `max-daily-loss` and `MAX_DAILY_LOSS` as `maxDailyLoss`; `maxDailyLoss` stays as it is. */
export function camelCase(key: string): string {
  const words = /[_-]/.test(key) || key === key.toUpperCase() ? key.toLowerCase() : key;
  return words.replace(/[_-]+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * Gives every key its one canonical spelling where the schema knows it, and leaves the rest for the schema to refuse.
 * Keys that are data (symbols, assets) stay as written. A setting given twice in two spellings is an issue.
 */
export function canonicalKeys(
  node: SourceNode,
  schema: z.core.$ZodType | undefined,
  issues: ConfigIssue[],
): SourceNode {
  if (schema === undefined || node.kind === 'leaf') return node;
  const expected = schemaNode(schema);
  if (node.kind === 'list') {
    const item = expected.kind === 'list' ? expected.item : undefined;
    return { ...node, items: node.items.map((child) => canonicalKeys(child, item, issues)) };
  }
  if (expected.kind === 'record') {
    const entries = new Map(
      [...node.entries].map(([key, child]) => [key, canonicalKeys(child, expected.value, issues)]),
    );
    return { ...node, entries };
  }
  if (expected.kind !== 'map') return node;
  return renameKeys(
    node,
    (key) => (expected.keys.has(camelCase(key)) ? camelCase(key) : key),
    issues,
    (key, child) => canonicalKeys(child, expected.keys.get(key), issues),
  );
}

/** `map` with each key passed through `rename`; two keys that become one are an issue. */
export function renameKeys(
  map: SourceMap,
  rename: (key: string) => string,
  issues: ConfigIssue[],
  child: (key: string, node: SourceNode) => SourceNode = (_, node) => node,
): SourceMap {
  const renamed = sourceMap(map.origin);
  for (const [key, node] of map.entries) {
    const name = rename(key);
    if (renamed.entries.has(name)) issues.push(givenTwice(node, name));
    else renamed.entries.set(name, child(name, node));
  }
  return renamed;
}

export function givenTwice(node: SourceNode, path: string): ConfigIssue {
  const { source, line, column, written } = node.origin;
  return {
    path,
    message: 'is given twice, in two spellings',
    source,
    ...(written !== undefined && written !== path && { written }),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
  };
}
