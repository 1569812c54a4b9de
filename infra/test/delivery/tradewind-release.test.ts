import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { buildRelease, type EngineRelease, releasePointer } from '../../delivery/index.js';
import { releaseFile } from '../../delivery/release-files.js';
import { tarGzip } from '../../delivery/tar-archive.js';
import { infraPath } from '../../model/index.js';
import {
  type Answer,
  fakeDebian,
  filesBelow,
  HOST,
  isBuilt,
  isRoot,
  put,
  run,
  temporaryFolder,
  testWith,
} from '../host/support/tools.js';

const testHost = testWith('bash', 'python3', 'tar', 'sha256sum');
const VOLUME = 'vol-0123456789abcdef0';

/** Stands for the AWS command line: parameters are files, and so are objects. */
const AWS = `#!/bin/bash
echo "$*" >>"$AWS_STAND_IN/calls"
case "$1 $2" in
'ssm get-parameters')
  [[ $* =~ release/([a-z]+) ]] && name=\${BASH_REMATCH[1]}
  if [ -f "$AWS_STAND_IN/$name" ]; then cat "$AWS_STAND_IN/$name"; else echo None; fi ;;
's3 cp')
  for argument; do case $argument in s3://*) from=$argument ;; esac; done
  cp "$AWS_STAND_IN/\${from##*/}" "\${@: -1}" ;;
*) exit 64 ;;
esac
`;

/** A small release: the real script that activates, and a bootstrap that only says what it was asked. */
function smallRelease(version: string): EngineRelease {
  const files = [
    releaseFile('engine.yaml', `# configuration of ${version}\nvenue: { environment: simulator }\n`),
    releaseFile(
      'delivery/tradewind-release.sh',
      readFileSync(infraPath('delivery', 'host', 'tradewind-release.sh')),
    ),
    releaseFile(
      'delivery/shadow.mjs',
      "import { writeFileSync } from 'node:fs';\nwriteFileSync(process.argv[4], process.argv.slice(2).join(' '));\n",
    ),
    releaseFile('host/bin/activate-release.sh', readFileSync(join(HOST, 'bin/activate-release.sh'))),
    releaseFile('host/bootstrap.sh', `#!/bin/sh\necho "bootstrap of ${version}: $*"\n`),
  ];
  const sums = files.map(({ path, content }) => [path, createHash('sha256').update(content).digest('hex')]);
  const manifest = releaseFile('RELEASE.json', JSON.stringify({ version, files: Object.fromEntries(sums) }));
  const archive = join(temporaryFolder(), `${version}.gz`);
  const bytes = tarGzip([...files, manifest]);
  writeFileSync(archive, bytes);
  return { version, archive, sha256: createHash('sha256').update(bytes).digest('hex') };
}

describe('tradewind-release (bash, python3, tar, sha256sum)', () => {
  let root: string;
  let cloud: string;
  const call = (script: string, ...args: string[]): Answer =>
    run(script, args, {
      TRADEWIND_ROOT: root,
      AWS_STAND_IN: cloud,
      PATH: [join(cloud, 'bin'), process.env.PATH, '/usr/sbin', '/sbin'].join(':'),
    });
  const release = (...args: string[]) => call(infraPath('delivery', 'host', 'tradewind-release.sh'), ...args);
  const offer = (one: EngineRelease, parameter = 'available') => {
    const pointer = releasePointer(one, { bucket: 'releases', key: `${one.version}.gz` });
    put(cloud, parameter, JSON.stringify(pointer));
    writeFileSync(join(cloud, `${one.version}.gz`), readFileSync(one.archive));
  };
  const bring = (version: string) => {
    offer(smallRelease(version));
    expect(release('fetch', 'available')).toMatchObject({ code: 0, stdout: `${version}\n` });
  };
  const link = (path: string) => readlinkSync(join(root, path));

  beforeEach(() => {
    root = fakeDebian();
    cloud = temporaryFolder();
    put(cloud, 'bin/aws', AWS, 0o755);
    put(
      root,
      'etc/tradewind/host.env',
      'TRADEWIND_ENVIRONMENT=paper-tokyo\nTRADEWIND_HOST=standby\nTRADEWIND_PROFILE=audited\nAWS_REGION=ap-northeast-1\n',
    );
  });

  testHost('fetches what the parameter names, once', () => {
    bring('1.0.0');
    expect(readFileSync(join(root, 'opt/tradewind/releases/1.0.0/engine.yaml'), 'utf8')).toMatch(
      /of 1\.0\.0/,
    );
    const copies = () => readFileSync(join(cloud, 'calls'), 'utf8').match(/^s3 cp/gm)?.length;
    expect(copies()).toBe(1);
    expect(release('fetch', 'available').stdout).toBe('1.0.0\n');
    expect(copies()).toBe(1);
    expect(filesBelow(join(root, 'opt/tradewind/releases')).every((path) => path.startsWith('1.0.0/'))).toBe(
      true,
    );
  });

  testHost('brings a release again that was cut short or damaged, and what was left of a fetch goes', () => {
    bring('1.0.0');
    const file = join(root, 'opt/tradewind/releases/1.0.0/engine.yaml');
    const whole = readFileSync(file, 'utf8');
    writeFileSync(file, '');
    put(root, 'opt/tradewind/releases/.fetch.abcdef/release.tar.gz', 'half');
    expect(release('fetch', 'available')).toMatchObject({ code: 0, stdout: '1.0.0\n' });
    expect(readFileSync(file, 'utf8')).toBe(whole);
    expect(existsSync(join(root, 'opt/tradewind/releases/.fetch.abcdef'))).toBe(false);
  });

  testHost('has a release on the device before it has its name', () => {
    offer(smallRelease('1.0.0'));
    put(
      cloud,
      'bin/sync',
      `#!/bin/sh\n[ ! -e ${root}/opt/tradewind/releases/1.0.0 ] && ls -d ${root}/opt/tradewind/releases/.fetch.*/release >>${cloud}/synced\n`,
      0o755,
    );
    expect(release('fetch', 'available').code).toBe(0);
    expect(readFileSync(join(cloud, 'synced'), 'utf8')).toMatch(/\.fetch\.\w+\/release\n/);
  });

  testWith(
    'bash',
    'python3',
    'flock',
  )('waits for another that is at work on the releases (flock)', async () => {
    offer(smallRelease('1.0.0'));
    mkdirSync(join(root, 'opt/tradewind'), { recursive: true });
    const done = join(cloud, 'other-done');
    spawn('flock', [join(root, 'opt/tradewind/.lock'), 'sh', '-c', `sleep 5; touch ${done}`], {
      stdio: 'ignore',
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(release('fetch', 'available').code).toBe(0);
    expect(existsSync(done)).toBe(true);
  });

  testHost('tells a parameter that is not there yet from a failure', () => {
    expect(release('fetch', 'current')).toMatchObject({ code: 3, stdout: '' });
  });

  testHost('refuses an archive that is not the one that was deployed, and leaves nothing of it', () => {
    const one = smallRelease('1.0.0');
    offer({ ...one, sha256: '0'.repeat(64) });
    expect(release('fetch', 'available')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is not the release that was deployed'),
    });
    expect(filesBelow(join(root, 'opt/tradewind/releases'))).toEqual([]);
  });

  testHost('refuses a pointer that could leave its folder', () => {
    put(cloud, 'available', JSON.stringify({ version: '$(reboot)', bucket: 'b', key: 'k', sha256: 's' }));
    expect(release('fetch', 'available')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no usable version'),
    });
    expect(release('activate', '../../etc')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is no version'),
    });
  });

  testHost(
    'activates a release with its configuration, units and this program, and goes back with all of them',
    () => {
      bring('1.0.0');
      bring('2.0.0');
      expect(release('activate', '1.0.0')).toMatchObject({ code: 0 });
      expect(link('etc/tradewind/engine.yaml')).toBe('/opt/tradewind/current/engine.yaml');
      expect(existsSync(join(root, 'usr/local/sbin/tradewind-release'))).toBe(true);
      const forward = release('activate', '2.0.0');
      expect(forward.stderr).toContain(
        `bootstrap of 2.0.0: --role standby --release ${join(root, 'opt/tradewind/releases/2.0.0')}`,
      );
      expect(JSON.parse(release('status').stdout)).toEqual({
        current: '2.0.0',
        previous: '1.0.0',
        shadow: '',
      });
      expect(release('rollback').stderr).toContain('bootstrap of 1.0.0');
      expect(link('opt/tradewind/current')).toBe('releases/1.0.0');
    },
  );

  testHost('puts a shadow beside the live release, and takes it away', () => {
    bring('1.0.0');
    bring('2.0.0');
    release('activate', '1.0.0');
    put(root, 'var/lib/tradewind/shadow/.keep', '');
    expect(release('shadow', '2.0.0').code).toBe(0);
    expect(JSON.parse(release('status').stdout)).toMatchObject({ current: '1.0.0', shadow: '2.0.0' });
    expect(readFileSync(join(root, 'etc/tradewind/shadow.yaml'), 'utf8')).toContain(
      '--record /var/lib/tradewind/shadow/events.log',
    );
    expect(release('shadow', 'off').code).toBe(0);
    expect(existsSync(join(root, 'etc/tradewind/shadow.yaml'))).toBe(false);
  });

  testHost('removes what nothing refers to any more', () => {
    for (const version of ['1.0.0', '2.0.0', '3.0.0']) bring(version);
    release('activate', '2.0.0');
    release('activate', '3.0.0');
    expect(release('prune').code).toBe(0);
    expect(existsSync(join(root, 'opt/tradewind/releases/1.0.0'))).toBe(false);
    expect(existsSync(join(root, 'opt/tradewind/releases/2.0.0/RELEASE.json'))).toBe(true);
  });

  test.each([['fetch'], ['fetch newest'], ['activate'], ['shout']])('`%s` is no command', (words) => {
    expect(release(...words.split(' '))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('usage:'),
    });
  });

  const firstBoot =
    isRoot && isBuilt ? testWith('bash', 'blkid', 'mkfs.ext4', 'systemd-sysusers') : test.skip;
  firstBoot(
    'the first boot makes a machine a trading host (root, a built engine, blkid, mkfs.ext4, systemd-sysusers)',
    () => {
      const real = buildRelease({
        out: temporaryFolder(),
        engineConfig: 'venue: { environment: simulator }\n',
      });
      offer(real);
      const device = `dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${VOLUME.replace('-', '')}`;
      put(root, device, '');
      truncateSync(join(root, device), 64 * 1024 * 1024);
      put(root, 'etc/fstab', '');
      put(root, 'var/lib/cloud/data/instance-id', 'i-0123456789abcdef0\n');
      put(root, 'etc/tradewind/agent.json', '{ "instanceId": "@instanceId@" }\n');
      put(
        root,
        'etc/tradewind/host.env',
        `${readFileSync(join(root, 'etc/tradewind/host.env'), 'utf8')}TRADEWIND_JOURNAL_VOLUME=${VOLUME}\n`,
      );
      put(
        root,
        'usr/local/sbin/tradewind-release',
        readFileSync(infraPath('delivery', 'host', 'tradewind-release.sh'), 'utf8'),
        0o755,
      );
      put(
        cloud,
        'bin/systemctl',
        `#!/bin/sh\nif [ "$*" = reboot ]; then echo reboot >>"${cloud}/rebooted"; exit 0; fi\nPATH=\${PATH#*:} exec systemctl "$@"\n`,
        0o755,
      );
      const answer = call(infraPath('delivery', 'host', 'first-boot.sh'));
      expect(answer).toMatchObject({ code: 0 });
      expect(link('opt/tradewind/current')).toBe(`releases/${real.version}`);
      expect(JSON.parse(readFileSync(join(root, 'etc/tradewind/agent.json'), 'utf8'))).toEqual({
        instanceId: 'i-0123456789abcdef0',
      });
      expect(readFileSync(join(root, 'etc/fstab'), 'utf8')).toMatch(/ \/var\/lib\/tradewind ext4 /);
      expect(filesBelow(join(root, 'etc/systemd/system'))).toContain(
        'multi-user.target.wants/tradewind-agent.service',
      );
      expect(readFileSync(join(cloud, 'rebooted'), 'utf8')).toBe('reboot\n');
      expect(existsSync(join(root, 'etc/tradewind/first-boot-done'))).toBe(true);
      // Cut off before its end, in a host that has booted with its units since: nothing that trades is rebooted.
      put(
        cloud,
        'bin/systemctl',
        `#!/bin/sh\n[ "$*" != reboot ] || echo reboot >>"${cloud}/rebooted"\n[ "$*" != '--quiet is-active tradewind-tune.service' ] || exit 0\n`,
        0o755,
      );
      expect(call(infraPath('delivery', 'host', 'first-boot.sh'))).toMatchObject({ code: 0 });
      expect(readFileSync(join(cloud, 'rebooted'), 'utf8')).toBe('reboot\n');
    },
    120_000,
  );
});
