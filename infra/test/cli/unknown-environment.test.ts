import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { EnvironmentError, environmentFile, infraPath } from '../../model/index.js';
import { ENVIRONMENTS } from '../support/test-app.js';

test('an environment that is not there is named, with those that are', () => {
  expect(() => environmentFile('prod-paris')).toThrow(EnvironmentError);
  for (const name of ENVIRONMENTS) expect(() => environmentFile('prod-paris')).toThrow(name);
});

// The commands themselves run from what `tsc -b` made, which `npm test` does first.
const COMMANDS = [
  ['cdk', 'cdk/app.js', []],
  ['synth', 'cli/synth.js', ['prod-paris']],
  ['gate', 'cli/gate.js', ['prod-paris']],
  ['the Terraform form', 'cdktf/app.js', ['--environment', 'prod-paris']],
] as const;

for (const [title, file, args] of COMMANDS) {
  const command = infraPath('dist', file);
  const built = existsSync(command) ? test : test.skip;
  built(`${title}: one message, no stack, exit code 1 (needs infra/dist)`, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
      encoding: 'utf8',
      env: { PATH: '', CDK_CONTEXT_JSON: JSON.stringify({ environment: 'prod-paris' }) },
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^prod-paris: 1 problem\n {2}\$: there is no such file or environment; .*\n$/);
  });
}
