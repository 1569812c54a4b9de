import { existsSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  type Answer,
  fakeDebian,
  filesBelow,
  HOST,
  has,
  isBuilt,
  isRoot,
  linkDependencies,
  put,
  run,
  stageRelease,
  temporaryFolder,
  treeHash,
} from './support/tools.js';

/** Long enough for a machine that is busy with other things. */
const PATIENCE_MS = 180_000;
jest.setTimeout(PATIENCE_MS);

const able = isRoot && isBuilt && ['bash', 'systemctl', 'systemd-sysusers', 'sha256sum'].every(has);
const testBootstrap = able ? test : test.skip;
const bootstrap = (root: string, ...args: string[]): Answer =>
  run(join(HOST, 'bootstrap.sh'), ['--root', root, ...args], { NODE_OPTIONS: '' });
const read = (root: string, path: string) => readFileSync(join(root, path), 'utf8');

describe('bootstrap.sh (root, systemctl and systemd-sysusers, a built engine)', () => {
  let root: string;
  let release: string;
  let first: Answer;

  beforeAll(() => {
    if (!able) return;
    root = fakeDebian();
    linkDependencies(root);
    release = stageRelease(temporaryFolder(), '1.2.3');
    first = bootstrap(root, '--role', 'single', '--release', release, '--environment', 'paper-lab');
  });

  testBootstrap('makes a trading host of a machine', () => {
    expect({ code: first.code, stdout: first.stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^bootstrap: \d+ changes$/m),
    });
    expect(readlinkSync(join(root, 'opt/tradewind/current'))).toBe('releases/1.2.3');
    expect(read(root, 'etc/passwd')).toMatch(
      /^tradewind:x:(\d+):\1:Tradewind:\/var\/lib\/tradewind:\/usr\/sbin\/nologin$/m,
    );
    const owner = Number(/^tradewind:x:(\d+):/m.exec(read(root, 'etc/passwd'))![1]);
    const state = statSync(join(root, 'var/lib/tradewind'));
    expect([state.uid, state.gid, state.mode & 0o777]).toEqual([owner, owner, 0o770]);
    expect(read(root, 'etc/tradewind/host.env')).toBe(
      'TRADEWIND_HOST=primary\nTRADEWIND_ENVIRONMENT=paper-lab\n',
    );
  });

  testBootstrap('installs the units as they are, and enables those of its role', () => {
    for (const unit of filesBelow(join(HOST, 'units')).filter((name) => name.startsWith('tradewind-'))) {
      expect(read(root, `etc/systemd/system/${unit}`)).toBe(readFileSync(join(HOST, 'units', unit), 'utf8'));
    }
    const wanted = (target: string) =>
      filesBelow(join(root, `etc/systemd/system/${target}.wants`)).filter((name) =>
        name.startsWith('tradewind'),
      );
    expect(wanted('multi-user.target')).toEqual([
      'tradewind-clock.service',
      'tradewind-engine.service',
      'tradewind-journal.service',
      'tradewind-tune.service',
    ]);
    expect(wanted('timers.target')).toEqual(['tradewind-verify.timer']);
  });

  testBootstrap('tunes by the release it installed', () => {
    expect(read(root, 'etc/sysctl.d/60-tradewind.conf')).toMatch(/^net\.core\.busy_poll = 50$/m);
    expect(read(root, 'proc/sys/net/core/busy_poll')).toBe('50\n');
    expect(read(root, 'etc/chrony/chrony.conf')).toMatch(/^server 169\.254\.169\.123/m);
    expect(read(root, 'etc/default/grub.d/60-tradewind.cfg')).toMatch(/isolcpus=managed_irq,domain,2-7 /);
    expect(readlinkSync(join(root, 'etc/systemd/system/irqbalance.service'))).toBe('/dev/null');
    expect(first.stdout).toMatch(/^reboot {3}isolcpus: absent now, managed_irq,domain,2-7 after a reboot$/m);
    for (const [path, mode] of [
      ['etc/nftables.conf', 0o640],
      ['etc/audit/rules.d/audit.rules', 0o640],
      ['etc/logrotate.d/tradewind', 0o644],
    ] as const) {
      expect([path, statSync(join(root, path)).mode & 0o777]).toEqual([path, mode]);
    }
  });

  testBootstrap('changes nothing when run again', () => {
    const before = treeHash(root);
    const second = bootstrap(root, '--role', 'single', '--release', release, '--environment', 'paper-lab');
    expect(second.stdout).toMatch(/^tune: 0 changes, 0 failed, \d+ need a reboot$/m);
    expect(second.stdout).toMatch(/^bootstrap: 0 changes$/m);
    expect(second.stdout).not.toMatch(/^changed/m);
    expect(treeHash(root)).toBe(before);
  });

  testBootstrap('puts back what somebody changed, and nothing else', () => {
    const unit = 'etc/systemd/system/tradewind-engine.service';
    writeFileSync(join(root, unit), 'ExecStart=/bin/false\n');
    writeFileSync(join(root, 'etc/nftables.conf'), 'flush ruleset\n');
    const { stdout } = bootstrap(root, '--role', 'single');
    expect(stdout.match(/^changed .*$/gm)).toEqual([
      `changed  /${unit}`,
      'changed  /etc/nftables.conf: other content -> files/nftables-audited.conf',
    ]);
    expect(stdout).toMatch(/^bootstrap: 2 changes$/m);
  });

  testBootstrap('goes from a single host to one of two, and to the faster profile', () => {
    const { code, stdout } = bootstrap(root, '--role', 'standby', '--profile', 'max-speed');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^changed {2}unit tradewind-engine\.service disabled$/m);
    expect(stdout).toMatch(/^changed {2}unit tradewind-agent\.service enabled$/m);
    expect(existsSync(join(root, 'etc/systemd/system/tradewind-engine.service.d/10-single.conf'))).toBe(
      false,
    );
    expect(read(root, 'etc/tradewind/host.env')).toBe(
      'TRADEWIND_ENVIRONMENT=paper-lab\nTRADEWIND_HOST=standby\nTRADEWIND_PROFILE=max-speed\n',
    );
    expect(read(root, 'etc/nftables.conf')).toMatch(/notrack/);
  });

  testBootstrap('only says what it would do with --dry-run', () => {
    const fresh = fakeDebian();
    const before = treeHash(fresh);
    const { code, stdout } = bootstrap(fresh, '--role', 'primary', '--release', release, '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^would {4}\/opt\/tradewind\/releases\/1\.2\.3$/m);
    expect(stdout).toMatch(/^would {4}unit tradewind-agent\.service enabled$/m);
    expect(stdout).toMatch(/^bootstrap: \d+ changes to make$/m);
    expect(treeHash(fresh)).toBe(before);
  });

  testBootstrap('leaves what depends on the machine to the first boot of an image', () => {
    const image = fakeDebian();
    linkDependencies(image);
    run('rm', ['-rf', join(image, 'sys'), join(image, 'proc')]);
    const { code, stdout } = bootstrap(image, '--role', 'single', '--release', release);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^settings: left to the first boot, as this is an image and no running machine$/m);
    expect(existsSync(join(image, 'etc/default/grub.d/60-tradewind.cfg'))).toBe(false);
    expect(filesBelow(join(image, 'etc/systemd/system/multi-user.target.wants'))).toContain(
      'tradewind-tune.service',
    );
  });

  testBootstrap('sends metrics where host.env names a workspace', () => {
    const measured = fakeDebian();
    put(
      measured,
      'etc/tradewind/host.env',
      'TRADEWIND_PROMETHEUS_PARAMETER=/tradewind/lab/prometheus/workspace\n',
    );
    const { stdout } = bootstrap(measured, '--role', 'primary');
    expect(stdout).toMatch(/^changed {2}unit tradewind-metrics\.service enabled$/m);
    expect(stdout).toMatch(/^changed {2}unit tradewind-prometheus\.timer enabled$/m);
  });

  testBootstrap('ships records where host.env names an archive', () => {
    const archived = fakeDebian();
    put(archived, 'etc/tradewind/host.env', 'TRADEWIND_ARCHIVE_BUCKET=records\n');
    expect(bootstrap(archived, '--role', 'primary').stdout).toMatch(
      /^changed {2}unit tradewind-archive\.timer enabled$/m,
    );
    writeFileSync(join(archived, 'etc/tradewind/host.env'), '');
    expect(bootstrap(archived, '--role', 'primary').stdout).toMatch(
      /^changed {2}unit tradewind-archive\.timer disabled$/m,
    );
  });

  testBootstrap('opens SSH only when asked, to the range named', () => {
    const fresh = fakeDebian();
    expect(bootstrap(fresh, '--role', 'single').stdout).toMatch(/^firewall: SSH stays closed/m);
    bootstrap(fresh, '--role', 'single', '--allow-ssh-from', '192.0.2.0/24');
    expect(read(fresh, 'etc/tradewind/nftables.d/10-ssh.nft')).toBe(
      'add rule inet tradewind allowed ip saddr 192.0.2.0/24 tcp dport 22 accept\n',
    );
  });
});

describe('bootstrap.sh refuses', () => {
  const root = fakeDebian();
  const other = fakeDebian();
  put(other, 'etc/os-release', 'ID=alpine\n');
  (has('bash') ? test : test.skip).each<[string, string[], RegExp]>([
    ['no role', ['--root', root], /^bootstrap: --role: say single \(no lease agent\), primary or standby$/m],
    [
      'an unknown role',
      ['--root', root, '--role', 'main'],
      /--role: "main" is none: use single, primary or standby/,
    ],
    [
      'an unknown profile',
      ['--root', root, '--role', 'single', '--profile', 'fast'],
      /--profile: "fast" is none: use audited or max-speed/,
    ],
    ['an unknown option', ['--rot', root], /--rot: no such option/],
    ['an option without its value', ['--role'], /--role: needs a value/],
    [
      'a folder that is no release',
      ['--root', root, '--role', 'single', '--release', root],
      /holds no RELEASE\.json: name the folder of an unpacked release/,
    ],
    [
      'a root that is not there',
      ['--root', '/nowhere', '--role', 'single'],
      /--root: \/nowhere is no folder/,
    ],
    [
      'another distribution',
      ['--root', other, '--role', 'single'],
      /neither Debian nor Amazon Linux: +alpine/,
    ],
    [
      'a range that is none',
      ['--root', root, '--role', 'single', '--allow-ssh-from', 'anywhere; accept'],
      /"anywhere; accept" is no IPv4 address or range/,
    ],
    [
      'a name that is none',
      ['--root', root, '--role', 'single', '--environment', 'a b'],
      /--environment: "a b" is no name/,
    ],
  ])('%s', (_, args, message) => {
    const before = treeHash(root);
    const { code, stderr } = run(join(HOST, 'bootstrap.sh'), args);
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
    expect(treeHash(root)).toBe(before);
  });
});
