import { describe, expect, test } from '@jest/globals';
import { containsCidr, overlapCidr } from 'cidr-tools';
import fc from 'fast-check';
import { type EnvironmentPlan, functionsOf, planEnvironment, planLease } from '../../../model/index.js';
import { logDays, planRetention } from '../../../model/plan/retention.js';
import { ENVIRONMENTS, type EnvironmentName, shippedPlan } from '../../support/test-app.js';
import { configOf } from '../patch.js';

const plan = (base: EnvironmentName, patch: Readonly<Record<string, unknown>> = {}): EnvironmentPlan =>
  planEnvironment(configOf(base, patch));

const OTHER_ZONE = { 'placement.standby': 'other-zone' } as const;
const OVERLAY = { 'ha.address': 'overlay-route', 'ha.overlayAddress': '172.31.255.1' } as const;

describe('subnets', () => {
  test.each(ENVIRONMENTS)('of %s lie in the VPC beside one another', (name) => {
    const { network } = shippedPlan(name);
    for (const [index, { cidr }] of network.subnets.entries()) {
      expect(containsCidr(network.cidr, cidr)).toBe(true);
      for (const other of network.subnets.slice(index + 1)) expect(overlapCidr(cidr, other.cidr)).toBe(false);
    }
  });

  test('each host has its own, so that an ACL can cut it off', () => {
    const { network } = plan('prod-tokyo');
    expect(network.subnets.filter(({ kind }) => kind === 'host')).toEqual([
      { id: 'host-primary', kind: 'host', zoneId: 'apne1-az4', cidr: '10.40.0.0/20', hosts: ['primary'] },
      { id: 'host-standby', kind: 'host', zoneId: 'apne1-az4', cidr: '10.40.16.0/20', hosts: ['standby'] },
    ]);
  });

  test('hosts that share an address share one, with the addresses inside it down to a /22', () => {
    for (const cidr of ['10.20.0.0/16', '10.20.0.0/22']) {
      const { network, hosts } = plan('paper-tokyo', { 'network.cidr': cidr });
      const [shared] = network.subnets;
      expect(shared).toMatchObject({ id: 'host-shared', hosts: ['primary', 'standby'] });
      const addresses = [...hosts.hosts.map(({ privateIp }) => privateIp), hosts.floatingIp];
      expect(new Set(addresses).size).toBe(3);
      for (const address of addresses)
        expect(containsCidr(shared?.cidr as string, address as string)).toBe(true);
    }
  });

  test('there is a private one for each zone', () => {
    const { network } = plan('prod-virginia');
    const own = network.subnets.filter(({ kind }) => kind === 'private');
    expect(own.map(({ zoneId }) => zoneId)).toEqual(['use1-az4', 'use1-az6', 'use1-az2']);
  });
});

describe('hosts', () => {
  test.each<[string, EnvironmentName, Record<string, unknown>, object]>([
    [
      'one host',
      'dev-single',
      {},
      { address: 'own-addresses', fencing: 'acl-and-stop', groups: [], autoRecovery: 'default' },
    ],
    [
      'hot',
      'prod-tokyo',
      {},
      { address: 'own-addresses', fencing: 'acl-and-stop', autoRecovery: 'disabled', metal: true },
    ],
    ['hot, fenced hosts stay on', 'prod-tokyo', { 'ha.stopFencedHost': false }, { fencing: 'acl' }],
    ['warm with a moving address', 'paper-tokyo', {}, { address: 'secondary-ip', fencing: 'stop' }],
    [
      'warm with an overlay address',
      'paper-tokyo',
      OVERLAY,
      { address: 'overlay-route', fencing: 'acl-and-stop' },
    ],
    [
      'warm with own addresses',
      'paper-tokyo',
      { 'ha.address': 'own-addresses' },
      { address: 'own-addresses' },
    ],
  ])('%s', (_, base, patch, expected) => {
    expect(plan(base, patch).hosts).toMatchObject(expected);
  });

  test('stand in one group, in two, or in two zones', () => {
    const groups = (base: EnvironmentName, patch = {}) =>
      plan(base, patch).hosts.groups.map(({ id, hosts, parent }) => [id, hosts.length, parent]);
    expect(groups('prod-tokyo')).toEqual([['cluster', 2, undefined]]);
    expect(groups('prod-virginia')).toEqual([
      ['precision-time', 0, undefined],
      ['cluster', 1, 'precision-time'],
      ['cluster-standby', 1, 'precision-time'],
    ]);
    expect(groups('prod-tokyo', OTHER_ZONE)).toEqual([
      ['cluster', 1, undefined],
      ['cluster-standby', 1, undefined],
    ]);
    expect(plan('prod-tokyo', OTHER_ZONE).hosts.hosts.map(({ zoneId }) => zoneId)).toEqual([
      'apne1-az4',
      'apne1-az1',
    ]);
  });

  test('a cluster group never spans zones and holds every host once', () => {
    const standby = fc.constantFrom('same-group', 'other-group-same-zone', 'other-zone');
    fc.assert(
      fc.property(fc.constantFrom('prod-tokyo', 'prod-virginia'), standby, (base, where) => {
        const { hosts } = plan(base as EnvironmentName, { 'placement.standby': where });
        const members = hosts.groups.flatMap((group) => group.hosts);
        expect([...members].sort()).toEqual(['primary', 'standby']);
        for (const group of hosts.groups) {
          const zones = hosts.hosts.filter((host) => host.group === group.id).map(({ zoneId }) => zoneId);
          expect(new Set(zones).size).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 12 },
    );
  });

  test('CPU options are given where the type takes them', () => {
    expect(plan('paper-tokyo').hosts.cpu).toEqual({ coreCount: 8, threadsPerCore: 1 });
    expect(plan('prod-tokyo').hosts.cpu).toBeUndefined();
  });
});

describe('the lease', () => {
  test('is timed as the file says, and by how often it is renewed', () => {
    const { timing, awaitAddress } = plan('prod-tokyo').lease;
    expect(timing).toMatchObject({
      renewEveryMs: 500,
      selfFenceMs: 1_500,
      expireAfterMs: 2_500,
      requestTimeoutMs: 250,
    });
    expect(awaitAddress).toBe(false);
    const fast = configOf('prod-tokyo', {
      'ha.lease': { renewEvery: '200ms', selfFence: '600ms', expire: '2s' },
    });
    expect(planLease(fast).timing).toMatchObject({ requestTimeoutMs: 100, observeEveryMs: 100 });
    expect(plan('paper-tokyo').lease.awaitAddress).toBe(true);
  });

  test('functions follow the address: none moves where each host keeps its own', () => {
    expect(functionsOf(configOf('paper-tokyo'))).toContain('move-address');
    expect(functionsOf(configOf('paper-tokyo', { 'ha.address': 'own-addresses' }))).not.toContain(
      'move-address',
    );
    expect(functionsOf(configOf('dev-single'))).not.toContain('fence');
  });
});

describe('retention', () => {
  test('is rounded up to what CloudWatch accepts and never down', () => {
    expect([1, 2, 31, 90, 366, 2_557, 3_653].map(logDays)).toEqual([1, 3, 60, 90, 400, 2_557, 3_653]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_653 }), (days) =>
        expect(logDays(days)).toBeGreaterThanOrEqual(days),
      ),
    );
  });

  test('follows the policy, and an override where there is one', () => {
    expect(planRetention(configOf('prod-tokyo'))).toMatchObject({
      archiveDays: 2_557,
      backupDays: 2_557,
      auditLogDays: 2_557,
      operationalLogDays: 400,
      metricsDays: 400,
      kafkaHours: 168,
    });
    const longer = configOf('prod-virginia', { 'retention.overrides': { archive: '8y', kafka: '90m' } });
    expect(planRetention(longer)).toMatchObject({ archiveDays: 2_922, kafkaHours: 2 });
  });

  test('the vault lock admits every rule', () => {
    for (const name of ENVIRONMENTS) {
      const { lock, rules } = shippedPlan(name).backup;
      if (!lock) continue;
      for (const { keepDays } of rules) {
        expect(keepDays).toBeGreaterThanOrEqual(lock.minDays);
        expect(keepDays).toBeLessThanOrEqual(lock.maxDays);
      }
    }
  });
});

describe('alarms', () => {
  const ids = (base: EnvironmentName, patch = {}) => plan(base, patch).alarms.map(({ id }) => id);

  test('of two hosts include two leaders; of one do not', () => {
    expect(ids('prod-tokyo')).toContain('two-leaders');
    expect(ids('dev-single')).not.toContain('two-leaders');
  });

  test('exist for what exists', () => {
    expect(ids('prod-tokyo')).toEqual(expect.arrayContaining(['archive-findings', 'restore-test-failed']));
    expect(ids('dev-single')).not.toEqual(expect.arrayContaining(['archive-findings']));
    expect(ids('dev-single')).not.toEqual(expect.arrayContaining(['restore-test-failed']));
  });

  test('the lease alarm fires when the lease has run out', () => {
    const patch = { 'ha.lease': { renewEvery: '500ms', selfFence: '2s', expire: '3s' } };
    const alarm = plan('prod-tokyo', patch).alarms.find(({ id }) => id === 'lease-age');
    expect(alarm?.threshold).toBe(3_000);
  });
});

describe('the second Region', () => {
  test('is derived from the first, with one host of its own', () => {
    const { dr } = plan('prod-virginia');
    expect(dr).toMatchObject({
      scope: 'full',
      config: { region: 'us-east-2', ha: { mode: 'none' }, data: {} },
    });
    expect(dr?.network.cidr).toBe('10.61.0.0/16');
    expect(dr?.hosts.hosts.map(({ zoneId }) => zoneId)).toEqual(['use2-az1']);
    expect(dr?.hosts.interfaces.map(({ id }) => id)).toEqual(['venue']);
    expect(dr?.hosts.running).toBe(false);
    expect(dr?.network.subnets.every(({ cidr }) => containsCidr('10.61.0.0/16', cidr))).toBe(true);
  });

  test('keeps copies only in mode backup, and runs a host in mode warm', () => {
    expect(plan('prod-tokyo').dr?.scope).toBe('copies');
    expect(plan('prod-virginia', { 'dr.mode': 'warm' }).dr?.hosts.running).toBe(true);
  });

  test('has hosts that come up on hold, as the first never has', () => {
    const home = plan('prod-virginia', { 'dr.mode': 'warm' });
    expect([home.hosts.startHeld, home.dr?.hosts.startHeld]).toEqual([false, true]);
    const computed = (of: typeof home | undefined) =>
      of?.alarmInstances.flatMap(({ key, expression, metrics }) =>
        expression === undefined
          ? []
          : [[key, expression, metrics.map(({ id, metric }) => `${id} ${metric}`)]],
      );
    // Nobody leads there, which must not ring until somebody was told to.
    expect(computed(home.dr)).toEqual([
      ['lease-age-primary', 'IF(held > 0, 0, m1)', ['m1 LeaseAge', 'held AwaitsRelease']],
      ['no-leader', 'm1 + held', ['m1 IsLeader', 'held AwaitsRelease']],
    ]);
    expect(JSON.stringify(computed(home))).not.toContain('held');
  });

  test('takes in what the first copies', () => {
    const { backup, archive, dr } = plan('prod-tokyo');
    expect(backup.copyVault).toEqual({ region: 'ap-northeast-3', vault: dr?.backup.receivingVault });
    expect(archive.replica?.bucket).toBe(dr?.archive.bucket);
    expect(archive.lockDays).toBe(dr?.archive.lockDays);
    expect(plan('paper-tokyo').dr).toBeUndefined();
  });

  test('has a type of its own where the first is not offered', () => {
    const patch = { 'dr.mode': 'pilot-light', 'dr.instanceType': 'c7i.metal-24xl' };
    expect(plan('prod-tokyo', patch).dr?.hosts.instanceType).toBe('c7i.metal-24xl');
  });
});
