import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import SlowestFirst, { SLOWEST } from '../slowest-first.mjs';

const rootDir = fileURLToPath(new URL('../..', import.meta.url));

test('the slowest files are there, each once', () => {
  expect(SLOWEST.filter((file) => !existsSync(join(rootDir, file)))).toEqual([]);
  expect(new Set(SLOWEST).size).toBe(SLOWEST.length);
});

test('they run first, in their order, and every file runs once', () => {
  const context = { config: { id: 'test', rootDir, cacheDirectory: rootDir }, hasteFS: { getSize: () => 1 } };
  const others = ['engine/test/a.test.ts', 'engine/test/b.test.ts'].map((file) => join(rootDir, file));
  const slow = SLOWEST.map((file) => join(rootDir, file));
  const paths = [others[0], ...slow.toReversed(), others[1]];
  const sorted = new SlowestFirst({ globalConfig: {} })
    .sort(paths.map((path) => ({ path, context })))
    .map(({ path }) => path);
  expect(sorted.slice(0, slow.length)).toEqual(slow);
  expect(sorted.slice(slow.length).sort()).toEqual(others);
});
