import { cpSync, mkdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, jest } from '@jest/globals';
import { HOST, put, run, temporaryFolder, testWith, treeHash, writeManifest } from './support/tools.js';

// Programs are started by the dozen, on a machine that may be busy with other things.
jest.setTimeout(120_000);

const testScript = testWith('bash', 'sha256sum', 'node');

describe('activate-release.sh', () => {
  let root: string;
  let base: string;
  const activate = (...args: string[]) =>
    run(join(HOST, 'bin/activate-release.sh'), ['--root', root, ...args], { NODE_OPTIONS: '' });
  const link = (name: string) => readlinkSync(join(base, name));

  beforeEach(() => {
    root = temporaryFolder();
    base = join(root, 'opt/tradewind');
    for (const version of ['1.0.0', '1.1.0']) {
      const release = join(base, 'releases', version);
      put(release, 'engine/dist/main.js', `export const version = '${version}';\n`);
      put(release, 'host/a file with spaces', 'x\n');
      writeManifest(release, version);
    }
  });

  testScript('switches, keeps the one before, and goes back', () => {
    expect(activate('1.0.0')).toMatchObject({ code: 0, stderr: '' });
    expect(link('current')).toBe('releases/1.0.0');
    expect(activate('1.1.0').stdout).toBe('activate-release: 1.1.0 is current now; was 1.0.0\n');
    expect([link('current'), link('previous')]).toEqual(['releases/1.1.0', 'releases/1.0.0']);
    expect(activate('--rollback').code).toBe(0);
    expect([link('current'), link('previous')]).toEqual(['releases/1.0.0', 'releases/1.1.0']);
  });

  testScript('does nothing when the release is active already', () => {
    activate('1.0.0');
    activate('1.1.0');
    const before = treeHash(root);
    expect(activate('1.1.0').stdout).toMatch(/is current already/);
    expect(treeHash(root)).toBe(before);
  });

  testScript('switches the shadow without touching what is live', () => {
    activate('1.0.0');
    expect(activate('--shadow', '1.1.0').code).toBe(0);
    expect([link('current'), link('shadow')]).toEqual(['releases/1.0.0', 'releases/1.1.0']);
  });

  testScript('takes the configuration that is delivered beside a release', () => {
    writeFileSync(join(base, 'releases/1.1.0/engine.yaml'), 'venue: {}\n');
    expect(activate('1.1.0').code).toBe(0);
  });

  testScript('refuses what is not exactly the release it says it is, and stays with what was active', () => {
    activate('1.0.0');
    const release = join(base, 'releases/1.1.0');
    const good = temporaryFolder();
    cpSync(release, good, { recursive: true });
    const faults: [(path: string) => void, RegExp][] = [
      [
        (path) => writeFileSync(join(path, 'engine/dist/main.js'), 'evil\n'),
        /engine\/dist\/main\.js: FAILED\n.*files are not those of its RELEASE\.json/s,
      ],
      [(path) => rmSync(join(path, 'engine/dist/main.js')), /main\.js: No such file/],
      [
        (path) => put(path, 'engine/dist/extra.js', 'evil\n'),
        /files that its RELEASE\.json does not list: engine\/dist\/extra\.js/,
      ],
      [(path) => symlinkSync('/etc/passwd', join(path, 'link')), /does not list: link/],
      [(path) => rmSync(join(path, 'RELEASE.json')), /RELEASE\.json: no such file: name a version/],
      [(path) => writeFileSync(join(path, 'RELEASE.json'), '{'), /RELEASE\.json: is no JSON/],
      [
        (path) => writeFileSync(join(path, 'RELEASE.json'), '{"version":"1.1.0","files":{}}'),
        /lists no files: nothing could be checked/,
      ],
      [(path) => writeManifest(path, '9.9.9'), /is of version "9\.9\.9", not 1\.1\.0/],
      [
        (path) => writeFileSync(join(path, 'RELEASE.json'), '{"version":"1.1.0","files":{"../x":"00"}}'),
        /"\.\.\/x" is no path within the release/,
      ],
      [
        (path) => writeFileSync(join(path, 'RELEASE.json'), '{"version":"1.1.0","files":{"x":"00"}}'),
        /x: "00" is no SHA-256 sum/,
      ],
    ];
    for (const [fault, message] of faults) {
      rmSync(release, { recursive: true });
      mkdirSync(release);
      cpSync(good, release, { recursive: true });
      fault(release);
      const { code, stderr } = activate('1.1.0');
      expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
      expect(link('current')).toBe('releases/1.0.0');
    }
  });

  testScript.each<[string[], RegExp]>([
    [['2.0.0'], /releases\/2\.0\.0\/RELEASE\.json: no such file/],
    [['../../etc'], /"\.\.\/\.\.\/etc" is no version/],
    [['--rollback'], /previous: there is no release to go back to/],
    [['--force', '1.0.0'], /--force: no such option/],
    [['1.0.0', '1.1.0'], /1\.1\.0: only one version can be active/],
  ])('refuses %j', (args, message) => {
    expect(activate(...args)).toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
  });
});
