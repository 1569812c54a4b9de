import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { filesBelow, HOST, run, testWith } from './support/tools.js';

const scripts = filesBelow(HOST).filter((path) => path.endsWith('.sh'));

describe('scripts', () => {
  testWith('shellcheck')('pass shellcheck with every check on its default', () => {
    expect(scripts).toHaveLength(10);
    const { code, stdout } = run(
      'shellcheck',
      scripts.map((path) => join(HOST, path)),
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  });

  testWith('bash').each(scripts)('%s stops at the first error', (path) => {
    const { stdout } = run('grep', ['-c', '^set -euo pipefail$', join(HOST, path)]);
    expect(stdout).toBe('1\n');
  });
});

describe('cloud-init.example.yaml', () => {
  testWith('cloud-init')('is what `cloud-init schema` accepts', () => {
    const { code, stdout, stderr } = run('cloud-init', [
      'schema',
      '--config-file',
      join(HOST, 'cloud-init.example.yaml'),
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/Valid cloud-config/);
  });
});
