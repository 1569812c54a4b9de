import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { PLAIN } from '../../cli/colors.js';
import { environmentReport, formatReport } from '../../cli/environment-report.js';
import { infraPath, repositoryPath } from '../../model/index.js';
import { fileOf, patched } from '../model/patch.js';
import { ENVIRONMENTS } from '../support/test-app.js';

const folder = mkdtempSync(join(tmpdir(), 'tradewind-env-check-'));
afterAll(() => rmSync(folder, { recursive: true }));

const bad = join(folder, 'bad.yaml');
const engine = infraPath('environments', 'engine', 'simulated-binance.yaml');
writeFileSync(
  bad,
  patched('dev-single', { 'engine.config': engine, 'recovery.rto': '5s', 'network.zones': ['use1-az4'] }),
);

describe('the report of a file', () => {
  test.each(ENVIRONMENTS)('%s: OK, the arithmetic and what its choices entail', (name) => {
    const report = environmentReport(fileOf(name));
    expect(report).toMatchObject({ ok: true, name });
    const text = formatReport(report, PLAIN);
    expect(text).toContain(`OK, ${name} (`);
    expect(text).toMatch(/loss of the host\n(?: {4}.*\n)+ {4} *[\w. ]+ until the first order +sum/);
    expect(text).toContain('measured 2');
    expect(text).toContain('what the choices entail');
    expect(text).not.toMatch(/undefined|NaN|Infinity/);
  });

  test('a bad file: each problem on a line of its own', () => {
    const lines = formatReport(environmentReport(bad), PLAIN).trimEnd().split('\n');
    expect(lines[0]).toBe(`${bad}: 2 problems`);
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(
      /^ {2}line \d+, network\.zones\[0\] "use1-az4": is a zone of us-east-1, .*; use apne1-az1/,
    );
    expect(lines[2]).toMatch(
      /^ {2}line \d+, recovery\.rto "5s": can not be met with ha\.mode none: .* = \d+m.*; set/,
    );
  });
});

// The command itself runs from what `tsc -b` made, which `npm test` does first.
const command = infraPath('dist', 'cli', 'env-check.js');
const built = existsSync(command) ? test : test.skip;

describe('env:check', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [command, ...args], {
      encoding: 'utf8',
      cwd: repositoryPath(),
      env: { PATH: '' },
    });

  built('takes several files and fails when one of them is bad (needs infra/dist)', () => {
    const { status, stdout, stderr } = run('infra/environments/dev-single.yaml', bad);
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(stdout).toContain('infra/environments/dev-single.yaml: OK');
    expect(stdout).toContain('2 problems');
  });

  built('prints JSON (needs infra/dist)', () => {
    const { status, stdout } = run('--json', 'infra/environments/prod-tokyo.yaml', bad, 'absent.yaml');
    expect(status).toBe(1);
    const reports = JSON.parse(stdout);
    expect(reports.map(({ ok }: { ok: boolean }) => ok)).toEqual([true, false, false]);
    expect(reports[0].recovery[0]).toMatchObject({ lost: 'host', covered: true, lossMs: 0 });
    expect(reports[0].consequences).toContainEqual(
      expect.objectContaining({ choice: 'archive.mode compliance', severity: 'irreversible' }),
    );
    expect(reports[1].problems).toContainEqual(
      expect.objectContaining({ path: 'recovery.rto', value: '5s' }),
    );
    expect(reports[2].problems).toEqual([
      {
        path: '$',
        message: 'the file can not be read (ENOENT)',
        fix: 'give the path of an environment file',
      },
    ]);
  });

  built('succeeds when all are right (needs infra/dist)', () => {
    const { status } = run(...ENVIRONMENTS.map((name) => `infra/environments/${name}.yaml`));
    expect(status).toBe(0);
  });

  built('refuses wrong arguments with 2 (needs infra/dist)', () => {
    expect(run()).toMatchObject({ status: 2, stderr: expect.stringContaining('files') });
    expect(run('--yaml', bad)).toMatchObject({ status: 2, stderr: expect.stringContaining('--yaml') });
    expect(run('--help').status).toBe(0);
  });
});
