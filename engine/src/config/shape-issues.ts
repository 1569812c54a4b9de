import type { z } from 'zod';
import { CLASSIC_KNOBS, SECRET_ADVICE } from './classic-knobs.js';
import type { ConfigIssue } from './config-error.js';
import { nearestKey } from './nearest-key.js';
import { configSchema } from './schema.js';
import { pathText, schemaAt, schemaNode } from './schema-tree.js';
import { issueAt, locate, type SourceNode } from './source-tree.js';

/** A problem zod found, in our words, and where it is. */
export interface ShapeIssue {
  readonly path: readonly PropertyKey[];
  readonly issue: ConfigIssue;
}

export function shapeIssues(root: SourceNode, issues: readonly z.core.$ZodIssue[]): ShapeIssue[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(root, issue.path, key));
    return [{ path: issue.path, issue: issueAt(root, issue.path, problem(root, issue)) }];
  });
}

function unknownKey(root: SourceNode, parent: readonly PropertyKey[], key: string): ShapeIssue {
  const path = [...parent, key];
  const { value: _, written: __, ...issue } = issueAt(root, path, { message: 'unknown key' });
  const schema = schemaAt(configSchema, parent);
  const node = schema === undefined ? undefined : schemaNode(schema);
  const siblings = node?.kind === 'map' ? [...node.keys.keys()] : [];
  const nearest = nearestKey(key, siblings);
  const elsewhere = nearest === undefined ? nearestSetting(key) : undefined;
  const named = nearest === undefined ? elsewhere : pathText([...parent, nearest]);
  return { path, issue: named === undefined ? issue : { ...issue, nearest: named } };
}

/** Every key by its last word, with the path it stands for. */
let settings: ReadonlyMap<string, string> | undefined;

/** A key that belongs into another section, or a classic one. */
function nearestSetting(key: string): string | undefined {
  settings ??= new Map([
    ...Object.keys(CLASSIC_KNOBS).map((classic) => [classic, classic] as const),
    ...settingNames([]),
  ]);
  const name = nearestKey(key, settings.keys());
  return name === undefined ? undefined : settings.get(name);
}

function settingNames(path: readonly string[]): [string, string][] {
  const node = schemaNode(schemaAt(configSchema, path)!);
  const inner =
    node.kind === 'map' ? [...node.keys.keys()].flatMap((key) => settingNames([...path, key])) : [];
  return path.length === 0 ? inner : [[path.at(-1)!, pathText(path)], ...inner];
}

function problem(root: SourceNode, issue: z.core.$ZodIssue): Pick<ConfigIssue, 'message' | 'allowed'> {
  const { node } = locate(root, issue.path);
  const schema = schemaAt(configSchema, issue.path);
  const allowed = schema === undefined ? {} : allowedAt(schema);
  if (issue.code === 'invalid_key') {
    const parent = schemaAt(configSchema, issue.path.slice(0, -1));
    const record = parent === undefined ? undefined : schemaNode(parent);
    return {
      message: 'has a key that is not allowed',
      ...(record?.kind === 'record' && allowedAt(record.key)),
    };
  }
  if (node === undefined) return { message: 'is required', ...allowed };
  if (node.kind === 'leaf' && isSecretReference(issue.path)) return { message: SECRET_ADVICE };
  if (node.kind === 'leaf' && node.text === null)
    return { message: 'has no value; give one or remove the key', ...allowed };
  if (issue.code === 'too_small') return { message: 'is empty', allowed: `at least ${issue.minimum}` };
  if (issue.code === 'too_big') return { message: 'has too many items', allowed: `at most ${issue.maximum}` };
  if (issue.code === 'invalid_type') {
    const kinds = { leaf: 'a single value', map: 'a map', list: 'a list' };
    return { message: `is ${kinds[node.kind]}`, ...allowed };
  }
  return { message: 'is not valid', ...allowed };
}

function isSecretReference(path: readonly PropertyKey[]): boolean {
  return (
    path[0] === 'venue' &&
    path[1] === 'credentials' &&
    (path[2] === 'apiKey' || path[2] === 'secret') &&
    path.length === 3
  );
}

function allowedAt(schema: z.core.$ZodType): { allowed: string } {
  const node = schemaNode(schema);
  switch (node.kind) {
    case 'leaf':
      return { allowed: node.info.allowed };
    case 'map':
      return { allowed: `a map of ${[...node.keys.keys()].join(', ')}` };
    case 'list':
      return { allowed: `a list, each item ${allowedAt(node.item).allowed}` };
    case 'record':
      return { allowed: `a map from ${allowedAt(node.key).allowed} to ${allowedAt(node.value).allowed}` };
  }
}
