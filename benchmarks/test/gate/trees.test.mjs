import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { usualBase } from '../../gate/trees.mjs';

let path;

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
  expect(usualBase(path)).toBe(before);
});

it('on a branch compares with where it left main, if it changed the engine since', () => {
  const before = change('engine/src/a.ts');
  const fork = change('engine/src/b.ts');
  git('checkout', '-qb', 'branch');
  change('docs/a.md');
  expect(usualBase(path)).toBe(before);
  change('engine/src/c.ts');
  change('engine/src/d.ts');
  expect(usualBase(path)).toBe(fork);
});

it('compares with itself where there is no more history', () => {
  change('engine/src/a.ts');
  expect(usualBase(path)).toBe('HEAD');
});
