import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SynthesizedStack } from '../../../pictures/index.js';

/** A stack as the gate compares it: what a deployment would keep or replace, and nothing that changes by itself. */
export interface GoldenStack {
  readonly terminationProtection: boolean;
  readonly Resources: Readonly<Record<string, GoldenResource>>;
}

export interface GoldenResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** By stack name. */
export type GoldenStacks = Readonly<Record<string, GoldenStack>>;

const ENDING = '.template.json';
/** Hashes of assets: of function code, of engine releases, of what is derived from them. */
const HASH = /[0-9a-f]{64}/g;

/** Takes out what differs between two syntheses of the same sources: asset hashes, and metadata CloudFormation ignores. */
export function normalize({ stateful, template }: SynthesizedStack): GoldenStack {
  const resources = Object.entries(template.Resources ?? {}).map(([logicalId, resource]) => {
    const { Metadata: _, ...rest } = resource as GoldenResource & { Metadata?: unknown };
    return [logicalId, withoutHashes(rest)] as const;
  });
  return { terminationProtection: stateful, Resources: Object.fromEntries(resources) };
}

/** Names the hash of an asset instead of giving it. */
export function withoutHashes<T>(value: T): T {
  return JSON.parse(JSON.stringify(value).replace(HASH, '<asset>'));
}

/** The committed stacks of one environment; empty before the first `--update`. */
export function readGolden(folder: string): GoldenStacks {
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder).filter((file) => file.endsWith(ENDING));
  return Object.fromEntries(
    files.map((file) => [
      file.slice(0, -ENDING.length),
      JSON.parse(readFileSync(join(folder, file), 'utf8')),
    ]),
  );
}

/** Replaces the committed stacks of one environment. */
export function writeGolden(folder: string, stacks: GoldenStacks): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, stack] of Object.entries(stacks)) {
    writeFileSync(join(folder, name + ENDING), `${JSON.stringify(stack, null, 2)}\n`);
  }
}
