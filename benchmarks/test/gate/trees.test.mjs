import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { usualBase } from '../../gate/trees.mjs';

let path;
const unexpected = (text) => {
  throw new Error(text);
};

function git(...args) {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
  const { status, stdout, stderr } = spawnSync('git', [...who, ...args], { cwd: path, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

/** Changes a file in a commit of its own, and says which. */
function change(file) {
  mkdirSync(join(path, file, '..'), { recursive: true });
  writeFileSync(join(path, file), String(Math.random()));
  git('add', file);
  git('commit', '-qm', file);
  return git('rev-parse', 'HEAD');
}

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'tradewind-base-'));
  git('init', '-q', '-b', 'main');
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

it('on main compares with what was before the last change of the engine', () => {
  change('engine/src/a.ts');
  const before = change('docs/a.md');
  change('engine/src/b.ts');
  change('docs/b.md');
  expect(usualBase(unexpected, path)).toBe(before);
});

it('on a branch compares with where it left main, if it changed the engine since', () => {
  const before = change('engine/src/a.ts');
  const fork = change('engine/src/b.ts');
  git('checkout', '-qb', 'branch');
  change('docs/a.md');
  expect(usualBase(unexpected, path)).toBe(before);
  change('engine/src/c.ts');
  change('engine/src/d.ts');
  expect(usualBase(unexpected, path)).toBe(fork);
});

it('compares with itself where there is no more history, and says so', () => {
  change('engine/src/a.ts');
  const told = [];
  expect(usualBase((text) => told.push(text), path)).toBe('HEAD');
  expect(told).toEqual([expect.stringMatching(/WARNING: HELD AGAINST ITSELF ONLY/)]);
});
