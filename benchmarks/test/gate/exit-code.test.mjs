import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const GATE = fileURLToPath(new URL('../../gate/gate.mjs', import.meta.url));

it('a gate that breaks says so and refuses nobody: what it would have found is not known', () => {
  const env = { ...process.env, TMPDIR: '/nowhere' };
  const { status, stderr } = spawnSync(process.execPath, [GATE, '--base', 'HEAD'], { env, encoding: 'utf8' });
  expect(stderr).toMatch(/bench:gate: .*ENOENT.*\/nowhere/);
  expect(status).toBe(2);
});
