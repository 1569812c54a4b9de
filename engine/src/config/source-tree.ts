import { isSecretKey, REDACTED } from '../telemetry/index.js';
import type { ConfigIssue } from './config-error.js';
import { pathText } from './schema-tree.js';

/** Where a setting was written. */
export interface Origin {
  /** A file's name, or `environment`. */
  readonly source: string;
  readonly line?: number;
  readonly column?: number;
  /** How it was written, when not by its canonical path. */
  readonly written?: string;
}

/** What was written, before anything is known of its meaning: every scalar is still its own text. */
export type SourceNode = SourceLeaf | SourceMap | SourceList;
export interface SourceLeaf {
  readonly kind: 'leaf';
  /** Null when a key was given without a value. */
  readonly text: string | null;
  readonly origin: Origin;
}
export interface SourceMap {
  readonly kind: 'map';
  readonly entries: Map<string, SourceNode>;
  readonly origin: Origin;
}
export interface SourceList {
  readonly kind: 'list';
  readonly items: SourceNode[];
  readonly origin: Origin;
}

export function sourceMap(origin: Origin): SourceMap {
  return { kind: 'map', entries: new Map(), origin };
}

/** As zod takes it. Maps have no prototype, so that a key named after one of its members is only a key. */
export function toPlain(node: SourceNode): unknown {
  switch (node.kind) {
    case 'leaf':
      return node.text;
    case 'list':
      return node.items.map(toPlain);
    case 'map': {
      const plain: Record<string, unknown> = Object.create(null);
      for (const [key, value] of node.entries) plain[key] = toPlain(value);
      return plain;
    }
  }
}

/** What was written at `path`, and the innermost node that exists on the way there. */
export function locate(
  root: SourceNode,
  path: readonly PropertyKey[],
): { node: SourceNode | undefined; nearest: SourceNode } {
  let nearest = root;
  for (const key of path) {
    const next: SourceNode | undefined =
      nearest.kind === 'map'
        ? nearest.entries.get(String(key))
        : nearest.kind === 'list'
          ? nearest.items[Number(key)]
          : undefined;
    if (next === undefined) return { node: undefined, nearest };
    nearest = next;
  }
  return { node: nearest, nearest };
}

const LONGEST_VALUE = 80;

/** An issue at `path`, with what was written there and where; nothing that may be a secret is shown. */
export function issueAt(
  root: SourceNode,
  path: readonly PropertyKey[],
  problem: Pick<ConfigIssue, 'message'> & Partial<Pick<ConfigIssue, 'allowed' | 'nearest'>>,
): ConfigIssue {
  const { node, nearest } = locate(root, path);
  const { source, written } = nearest.origin;
  // What is missing altogether is on no line.
  const { line, column }: Partial<Origin> = node === undefined && nearest === root ? {} : nearest.origin;
  const value = node?.kind === 'leaf' && node.text !== null ? shown(path, node.text) : undefined;
  return {
    path: pathText(path),
    ...problem,
    ...(value !== undefined && { value }),
    ...(source !== 'defaults' && { source }),
    ...(node !== undefined && written !== undefined && written !== pathText(path) && { written }),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
  };
}

function shown(path: readonly PropertyKey[], text: string): string {
  if (path.some((key) => isSecretKey(String(key))) || text.includes('PRIVATE KEY')) return REDACTED;
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}...` : text;
}
