import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type Destination, paints } from '../../cli/colors.js';
import { infraPath, repositoryPath } from '../../model/index.js';
import { has } from '../host/support/tools.js';

const CASES: ReadonlyArray<readonly [to: Destination, env: NodeJS.ProcessEnv, painted: boolean]> = [
  ['terminal', {}, true],
  ['terminal', { TERM: 'xterm-256color' }, true],
  ['terminal', { TERM: 'dumb' }, false],
  ['terminal', { NO_COLOR: '1' }, false],
  ['terminal', { NO_COLOR: '', TERM: 'xterm' }, true],
  ['terminal', { FORCE_COLOR: '0' }, false],
  ['terminal', { FORCE_COLOR: '1', TERM: 'dumb' }, true],
  ['terminal', { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ['pipe', {}, false],
  ['pipe', { TERM: 'xterm-256color', COLORTERM: 'truecolor' }, false],
  ['pipe', { CI: 'true', GITHUB_ACTIONS: 'true' }, false],
  ['pipe', { FORCE_COLOR: '1' }, true],
  ['pipe', { FORCE_COLOR: 'false' }, false],
  ['pipe', { FORCE_COLOR: '', CI: '1' }, false],
  ['file', {}, false],
  ['file', { CI: 'true', FORCE_COLOR: '1' }, false],
];

test.each(CASES)('a report in a %s with %o is painted: %s', (to, env, painted) => {
  expect(paints(to, env)).toBe(painted);
});

// The command itself runs from what `tsc -b` made, which `npm test` does first.
const command = infraPath('dist', 'cli', 'env-check.js');
const built = existsSync(command) ? test : test.skip;
const onTerminal = existsSync(command) && has('script') ? test : test.skip;

describe('env:check as a CI system runs it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-colors-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const ESC = String.fromCharCode(27);
  const file = 'infra/environments/paper-tokyo.yaml';

  const run = (env: NodeJS.ProcessEnv, stdout: 'pipe' | number = 'pipe') =>
    spawnSync(process.execPath, [command, file], {
      cwd: repositoryPath(),
      env,
      stdio: ['ignore', stdout, 'pipe'],
      encoding: 'utf8',
    });

  const plain = () => run({}).stdout;

  built('in a pipe: plain, CI or not; painted when asked (needs infra/dist)', () => {
    expect(plain()).toContain('OK, paper-tokyo (');
    expect(plain()).not.toContain(ESC);
    expect(run({ CI: 'true', GITHUB_ACTIONS: 'true' }).stdout).toBe(plain());
    const painted = run({ CI: 'true', FORCE_COLOR: '1' }).stdout;
    expect(painted).toContain(`${ESC}[32mOK${ESC}[39m, paper-tokyo (`);
    expect(stripVTControlCharacters(painted)).toBe(plain());
  });

  built('in a file: plain, whatever is asked (needs infra/dist)', () => {
    const report = join(folder, 'report.txt');
    const to = openSync(report, 'w');
    expect(run({ CI: 'true', FORCE_COLOR: '1' }, to).status).toBe(0);
    closeSync(to);
    expect(readFileSync(report, 'utf8')).toBe(plain());
  });

  onTerminal(
    'on a terminal: painted, unless it can not or nobody wants it (needs infra/dist, script)',
    () => {
      const shown = (env: NodeJS.ProcessEnv) =>
        spawnSync('script', ['-qec', `"${process.execPath}" "${command}" ${file}`, '/dev/null'], {
          cwd: repositoryPath(),
          env: { PATH: process.env.PATH, ...env },
          stdio: ['ignore', 'pipe', 'pipe'],
          encoding: 'utf8',
        }).stdout.replaceAll('\r\n', '\n');
      expect(shown({ TERM: 'xterm' })).toContain(`${ESC}[32mOK${ESC}[39m`);
      expect(shown({ TERM: 'dumb' })).toBe(plain());
      expect(shown({ TERM: 'xterm', NO_COLOR: '1' })).toBe(plain());
    },
  );
});
