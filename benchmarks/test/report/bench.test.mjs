import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { storedResult } from './support.mjs';

const BENCH = fileURLToPath(new URL('../../bench.mjs', import.meta.url));
const bench = (...args) => spawnSync(process.execPath, [BENCH, ...args], { encoding: 'utf8' });

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tradewind-bench-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('says what is wrong with what it was asked for, and runs nothing', () => {
  const asked = [['speed'], ['--from', folder], ['soak', '--for', 'ever'], ['book', '--for', '1h']];
  const told = asked.map((args) => bench(...args));
  expect(told.map(({ status, stdout }) => [status, stdout])).toEqual(asked.map(() => [2, '']));
  const errors = told.map(({ stderr }) => stderr);
  expect(errors[0]).toMatch(/no suite speed; there are: book, /);
  expect(errors[1]).toMatch(/no results there/);
  expect(errors[2]).toMatch(/--for: a duration such as 10m or 1h, was ever/);
  expect(errors[3]).toMatch(/--for says how long the soak lasts/);
});

it('makes a page of stored results without running anything', () => {
  writeFileSync(join(folder, 'a.json'), JSON.stringify(storedResult({ name: 'stored row' })));
  const page = join(folder, 'report.html');
  const { status, stdout, stderr } = bench('--from', folder, '--report', page);
  expect([status, stdout, stderr]).toEqual([0, '', '']);
  expect(readFileSync(page, 'utf8')).toContain('stored row');
});
