import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { KNOB_KINDS, knobPage, loadKnobs, profileDifferences } from '@tradewind/engine/host';
import { filesBelow, HOST, REPOSITORY, run, temporaryFolder, testWith } from './support/tools.js';

const knobs = loadKnobs(HOST);
const installed = (path: string) => readFileSync(join(HOST, path), 'utf8');
const everything = filesBelow(HOST).map((path) => [path, installed(path)] as const);

describe('the knob table', () => {
  test('covers every kind there is', () => {
    expect([...new Set(knobs.map(({ kind }) => kind))].sort()).toEqual([...KNOB_KINDS].sort());
    expect(knobs.length).toBeGreaterThan(60);
  });

  test('says of each knob in full sentences what it does and costs, and where that is known from', () => {
    for (const { id, does, cost, source } of knobs) {
      expect([id, does.length > 30, /[.]$/.test(does), /[.]$/.test(cost), source.length > 5]).toEqual([
        id,
        true,
        true,
        true,
        true,
      ]);
    }
  });

  test('names every file that is installed, and no file that is not there', () => {
    const named = new Set(
      knobs.flatMap(({ kind, wanted }) =>
        kind === 'file' || kind === 'chrony' ? Object.values(wanted) : [],
      ),
    );
    expect([...named].filter((path) => !existsSync(join(HOST, path)))).toEqual([]);
    const scripts =
      installed('bootstrap.sh') +
      installed('bin/find-prometheus.sh').replaceAll('$files/', '$host_files/files/');
    const orphans = filesBelow(join(HOST, 'files'))
      .map((name) => `files/${name}`)
      .filter((path) => !named.has(path) && !scripts.includes(`$host_files/${path}`));
    expect(orphans).toEqual([]);
  });

  test('uses no sysctl key that current kernels do not have', () => {
    const gone = [
      'vm.mlockall',
      'kernel.sched_min_granularity_ns',
      'kernel.sched_wakeup_granularity_ns',
      'kernel.sched_migration_cost_ns',
      'kernel.sched_latency_ns',
      'net.ipv4.tcp_low_latency',
      'net.ipv4.tcp_tw_recycle',
    ];
    expect(knobs.map(({ target }) => target).filter((target) => gone.includes(target))).toEqual([]);
  });

  (process.platform === 'linux' ? test : test.skip)(
    'has every unconditional sysctl key in the Linux kernel of this machine',
    () => {
      const keys = knobs.filter(({ kind, when }) => kind === 'sysctl' && !when.includes('key-exists'));
      expect(keys.length).toBeGreaterThan(15);
      const missing = keys.filter(({ target }) => !existsSync(`/proc/sys/${target.replaceAll('.', '/')}`));
      expect(missing.map(({ target }) => target)).toEqual([]);
    },
  );

  test('assumes no name of an interface and no count of CPUs', () => {
    for (const [path, text] of everything) {
      expect([path, /\b(eth|ens|enp)\d+\b/.test(text)]).toEqual([path, false]);
    }
    for (const { kind, target, wanted } of knobs) {
      const value = wanted.audited;
      if (['isolcpus', 'nohz_full', 'rcu_nocbs', 'irqaffinity'].includes(target) || kind === 'irq-affinity') {
        expect([target, value]).toEqual([target, expect.stringMatching(/\$\w+Cpus$/)]);
      }
    }
  });

  test('keeps audit daemon, firewall and session agent on in both profiles', () => {
    const relaxed = new Set(profileDifferences(knobs).map(({ knob }) => knob));
    for (const id of ['auditd', 'firewall-service', 'ssm-agent']) {
      expect(knobs.find((knob) => knob.id === id)?.wanted).toEqual({
        audited: 'enabled',
        'max-speed': 'enabled',
      });
    }
    expect([...relaxed].sort()).toEqual([
      'apt-upgrades',
      'audit-rules',
      'firewall',
      'idle-poll',
      'mitigations',
    ]);
  });
});

describe('docs/host-tuning.md', () => {
  test('is generated from the knob table (UPDATE_DOCS=1 writes it again)', () => {
    const page = join(REPOSITORY, 'docs/host-tuning.md');
    if (process.env.UPDATE_DOCS === '1') writeFileSync(page, knobPage(knobs));
    expect(readFileSync(page, 'utf8')).toBe(knobPage(knobs));
  });
});

describe('installed files', () => {
  const clocks = ['files/chrony-ntp.conf', 'files/chrony-phc.conf.in'];

  testWith('chronyd').each(clocks)('%s is what chronyd -p accepts', (path) => {
    const file = join(temporaryFolder(), 'chrony.conf');
    writeFileSync(file, installed(path).replace('@ptpDevice@', '/dev/ptp_ena'));
    const { code, stdout } = run('chronyd', ['-p', '-f', file]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      path.includes('phc') ? /refclock PHC \/dev\/ptp_ena/ : /server 169\.254\.169\.123/,
    );
  });

  test('never mix a clock that smears leap seconds with one that does not', () => {
    const sources = (path: string) =>
      installed(path).match(/^(server|pool|peer|refclock|include|confdir|sourcedir|initstepslew)\b.*$/gm);
    expect(sources(clocks[0]!)).toEqual(['server 169.254.169.123 prefer iburst minpoll 4 maxpoll 4']);
    expect(sources(clocks[1]!)).toEqual(['refclock PHC @ptpDevice@ poll 0 delay 0.000010 prefer']);
  });

  // nft needs the kernel's netlink even to check.
  const nft =
    run('true', []).code === 0 && run('sh', ['-c', 'nft -c list ruleset']).code === 0 ? test : test.skip;
  nft.each(['audited', 'max-speed'])('nft -c accepts the firewall of profile %s', (profile) => {
    const { code, stderr } = run('nft', ['-c', '-f', join(HOST, `files/nftables-${profile}.conf`)]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test.each(['audited', 'max-speed'])(
    'the firewall of profile %s drops what nobody asked for and leaves egress alone',
    (profile) => {
      const rules = installed(`files/nftables-${profile}.conf`);
      expect(rules).toMatch(/hook input priority filter; policy drop;/);
      expect(rules).toMatch(/hook forward priority filter; policy drop;/);
      expect(rules).not.toMatch(/hook output priority filter/);
      expect(rules).not.toMatch(/dport (22|\{[^}]*\b22\b)/);
    },
  );

  testWith('logrotate')('logrotate -d accepts the rotation of logs', () => {
    const file = join(temporaryFolder(), 'rotate');
    writeFileSync(
      file,
      installed('files/logrotate.conf')
        .replace('su root tradewind', 'su root root')
        .replace('create 0640 tradewind tradewind', 'create 0640 root root'),
    );
    const { code, stderr } = run('logrotate', ['--debug', '--state', '/dev/null', file]);
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/error:/);
  });

  test('logs go to the groups that exist, in a configuration the agent can read', () => {
    const config = JSON.parse(installed('files/cloudwatch-agent.json.in'));
    const shipped = config.logs.logs_collected.files.collect_list as {
      file_path: string;
      log_group_name: string;
    }[];
    expect(shipped.map(({ file_path, log_group_name }) => [file_path, log_group_name])).toEqual([
      ['/var/log/tradewind/engine.json', '/tradewind/@environment@/engine'],
      ['/var/log/tradewind/host.json', '/tradewind/@environment@/host'],
      ['/var/log/audit/audit.log', '/tradewind/@environment@/audit'],
    ]);
  });

  test('packages are listed once each, in order', () => {
    for (const list of ['packages-debian.txt', 'packages-amazon-linux.txt', 'test-packages.txt']) {
      const names = installed(list).trimEnd().split('\n');
      expect([list, names]).toEqual([list, [...new Set(names)].sort()]);
    }
  });
});
