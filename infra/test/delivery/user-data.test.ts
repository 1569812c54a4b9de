import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { parseAgentConfig } from '../../agent/config.js';
import { renderUserData } from '../../delivery/index.js';
import { type EnvironmentPlan, type HostPlan, infraPath, planEnvironment } from '../../model/index.js';
import { run, temporaryFolder, testWith } from '../host/support/tools.js';
import { ENVIRONMENTS, shippedPlan } from '../support/test-app.js';

const VOLUME = 'vol-0123456789abcdef0';

interface CloudConfig {
  readonly write_files: readonly {
    readonly path: string;
    readonly permissions: string;
    readonly content: string;
  }[];
  readonly runcmd: readonly unknown[];
}

const hosts = ENVIRONMENTS.flatMap((name) => {
  const home = shippedPlan(name);
  const plans = [home, ...(home.dr?.scope === 'full' ? [home.dr] : [])];
  return plans.flatMap((plan) =>
    plan.hosts.hosts.map((host): [string, EnvironmentPlan, HostPlan] => [
      `${name}, ${host.role} in ${plan.config.region}`,
      plan,
      host,
    ]),
  );
});

function render(
  plan: EnvironmentPlan,
  host: HostPlan,
): { readonly text: string; readonly cloud: CloudConfig } {
  const text = renderUserData(plan, host, { journalVolumeId: VOLUME });
  return { text, cloud: parse(text) };
}

function fileOf(cloud: CloudConfig, path: string): string {
  const found = cloud.write_files.find((file) => file.path === path);
  if (!found) throw new Error(`no ${path}`);
  return found.content;
}

/** The agent's configuration as it stands on the host after its first boot. */
function agentOf(plan: EnvironmentPlan, host: HostPlan) {
  const text = fileOf(render(plan, host).cloud, '/etc/tradewind/agent.json');
  return parseAgentConfig(JSON.parse(text.replace('@instanceId@', 'i-0123456789abcdef0')), 'agent.json');
}

describe.each(hosts)('%s', (_, plan, host) => {
  const { text, cloud } = render(plan, host);

  test('fits into what EC2 takes, with room', () => {
    expect(text.startsWith('#cloud-config\n')).toBe(true);
    expect(Buffer.byteLength(text)).toBeLessThan(12 * 1024);
  });

  test('tells the host who it is', () => {
    expect(fileOf(cloud, '/etc/tradewind/host.env').trim().split('\n')).toEqual([
      `TRADEWIND_ENVIRONMENT=${plan.config.name}`,
      `TRADEWIND_HOST=${host.role}`,
      `TRADEWIND_PROFILE=${plan.config.hosts.profile}`,
      `TRADEWIND_JOURNAL_VOLUME=${VOLUME}`,
      `TRADEWIND_ARCHIVE_BUCKET=${plan.archive.bucket}`,
      ...(plan.hosts.floatingIp ? [`TRADEWIND_FLOATING_IP=${plan.hosts.floatingIp}`] : []),
      ...(plan.config.observability.prometheus
        ? [`TRADEWIND_PROMETHEUS_PARAMETER=/tradewind/${plan.config.name}/prometheus/workspace`]
        : []),
      `AWS_REGION=${plan.config.region}`,
    ]);
  });

  test('configures an agent that starts with it', () => {
    const agent = agentOf(plan, host);
    expect(agent).toMatchObject({
      environment: plan.config.name,
      host: host.role,
      region: plan.config.region,
      lease: {
        table: plan.names.leaseTable,
        renewEveryMs: plan.config.ha.lease.renewEvery,
        selfFenceMs: plan.config.ha.lease.selfFence,
        expireAfterMs: plan.config.ha.lease.expire,
      },
      metrics: { namespace: 'Tradewind' },
    });
  });

  test('holds no secret and names no release', () => {
    expect(text).not.toMatch(/BEGIN|AKIA|releases\/\d/);
  });

  test('begins its first boot again until it is done, also after a reboot in the middle', () => {
    const unit = fileOf(cloud, '/etc/systemd/system/tradewind-first-boot.service');
    for (const line of [
      'ConditionPathExists=!/etc/tradewind/first-boot-done',
      'StartLimitIntervalSec=0',
      'ExecStart=/usr/local/sbin/tradewind-first-boot',
      'Restart=on-failure',
      'WantedBy=multi-user.target',
    ]) {
      expect(unit.split('\n')).toContain(line);
    }
    expect(cloud.runcmd).toEqual([
      ['systemctl', 'daemon-reload'],
      ['systemctl', 'enable', '--now', '--no-block', 'tradewind-first-boot.service'],
    ]);
  });

  testWith('cloud-init')('is a document cloud-init accepts (cloud-init)', () => {
    const file = join(temporaryFolder(), 'user-data.yaml');
    writeFileSync(file, text);
    const answer = run('cloud-init', ['schema', '--config-file', file]);
    expect(answer).toMatchObject({ code: 0, stdout: expect.stringMatching(/valid/i) });
  });
});

describe('the steps of a promotion', () => {
  const promotion = (plan: EnvironmentPlan) => agentOf(plan, plan.hosts.hosts[0] as HostPlan).promotion;

  test('alone: none', () => {
    expect(promotion(shippedPlan('dev-single'))).toEqual({ pollEveryMs: 500, timeoutMs: 60_000 });
  });

  test('hot: the other host is cut off while the engine starts', () => {
    expect(promotion(shippedPlan('prod-tokyo'))).toMatchObject({
      fence: { document: 'Tradewind-prod-tokyo-fence', awaited: false },
    });
    expect(promotion(shippedPlan('prod-tokyo')).moveAddress).toBeUndefined();
  });

  test('warm: the engine waits for its address', () => {
    expect(promotion(shippedPlan('paper-tokyo'))).toMatchObject({
      moveAddress: { document: 'Tradewind-paper-tokyo-move-address', awaited: true },
    });
  });
});

describe('on hold from the first start on', () => {
  const { config } = shippedPlan('prod-virginia');
  const warm = planEnvironment({ ...config, dr: { ...config.dr!, mode: 'warm' } });

  test('is the host of a second Region, whose lease table knows nothing of the first', () => {
    const [host] = warm.dr!.hosts.hosts;
    expect(host?.standing).toBe(true);
    expect(agentOf(warm.dr!, host as HostPlan).control).toMatchObject({
      startHeld: true,
      holdFile: '/var/lib/tradewind/agent.hold',
      releaseFile: '/var/lib/tradewind/agent.released',
    });
  });

  test('is no host of the first Region', () => {
    for (const host of warm.hosts.hosts) expect(agentOf(warm, host).control.startHeld).toBe(false);
  });
});

test('the shortest lease still gives an agent that starts: a lost request and its repetition fit', () => {
  const { config } = shippedPlan('prod-tokyo');
  const plan = planEnvironment({
    ...config,
    ha: { ...config.ha, lease: { renewEvery: 100, selfFence: 300, expire: 900 } },
  });
  expect(agentOf(plan, plan.hosts.hosts[0] as HostPlan).lease.requestTimeoutMs).toBe(50);
});

testWith('shellcheck')('scripts of the host are clean (shellcheck)', () => {
  const scripts = ['first-boot.sh', 'tradewind-release.sh'].map((name) =>
    infraPath('delivery', 'host', name),
  );
  expect(run('shellcheck', scripts)).toEqual({ code: 0, stdout: '', stderr: '' });
});
