import { describe, expect, test } from '@jest/globals';
import { takeoverBoundMs, timingProblems } from '@tradewind/engine/ha/lease';
import fc from 'fast-check';
import { parseDuration, planLease } from '../../model/index.js';
import {
  arithmetic,
  engineStart,
  type RecoveryScenario,
  recoveryScenarios,
  shortDuration,
} from '../../model/recovery.js';
import { waysToRecoverWithin } from '../../model/recovery-advice.js';
import { configOf, problemsOf } from './patch.js';

const hostOf = (config: Parameters<typeof recoveryScenarios>[0]) =>
  recoveryScenarios(config)[0] as RecoveryScenario;

describe('the arithmetic of recovery', () => {
  test('of a hot standby is the bound of the lease and the start of the engine', () => {
    const config = configOf('prod-tokyo');
    const { totalMs, stages } = hostOf(config);
    const start = engineStart().maxMs;
    expect(totalMs).toBeGreaterThanOrEqual(takeoverBoundMs(planLease(config).timing) + start);
    expect(stages.some(({ name }) => name.includes('address'))).toBe(false);
    expect(totalMs).toBeLessThanOrEqual(config.recovery.rto);
  });

  test('of a warm one counts the address that moves, unless each host keeps its own', () => {
    const moving = hostOf(configOf('paper-tokyo'));
    const keeping = hostOf(configOf('paper-tokyo', { 'ha.address': 'own-addresses' }));
    expect(moving.totalMs - keeping.totalMs).toBe(13_000);
  });

  test('of a lone host is what EC2 needs, and longer for metal and where a person must come', () => {
    const small = hostOf(configOf('dev-single'));
    expect(small.stages.map(({ ms }) => ms).slice(0, 2)).toEqual([120_000, 180_000]);
    const metal = hostOf(
      configOf('dev-single', { 'hosts.instanceType': 'c7i.metal-24xl', 'hosts.threadsPerCore': undefined }),
    );
    expect(metal.totalMs - small.totalMs).toBe(9 * 60_000);
    const manual = hostOf(configOf('dev-single', { 'hosts.autoRecovery': 'disabled', 'recovery.rto': '1h' }));
    expect(manual.stages[0]?.name).toContain('a person');
  });

  test('of a host that is launched counts both of its boots and what it installs between them', () => {
    const lone = hostOf(configOf('dev-single', { 'hosts.autoRecovery': 'disabled', 'recovery.rto': '1h' }));
    const [, zone, region] = recoveryScenarios(configOf('prod-tokyo')) as RecoveryScenario[];
    for (const { stages } of [lone, zone, region] as RecoveryScenario[]) {
      expect(stages.filter(({ name }) => /boots/.test(name))).toHaveLength(2);
      expect(stages.filter(({ name }) => /installs/.test(name))).toHaveLength(1);
    }
    expect(hostOf(configOf('dev-single')).stages.filter(({ name }) => /boots/.test(name))).toHaveLength(1);
  });

  test('of a zone without a standby elsewhere is a new environment: subnets and volumes do not move', () => {
    for (const name of ['dev-single', 'prod-tokyo'] as const) {
      const [, zone] = recoveryScenarios(configOf(name)) as RecoveryScenario[];
      expect(zone?.stages.map(({ name }) => name)).toContain('the environment is deployed anew');
    }
  });

  test('of a zone and a Region says what is lost', () => {
    const [, zone, region] = recoveryScenarios(configOf('prod-tokyo')) as RecoveryScenario[];
    expect(zone?.lossMs).toBe(2 * 3_600_000);
    expect(region?.lossMs).toBe(27 * 3_600_000);
    expect(recoveryScenarios(configOf('paper-tokyo'))[2]).toMatchObject({
      covered: false,
      lossMs: Number.POSITIVE_INFINITY,
    });
  });

  test('of a standby in another zone is the same for host and zone', () => {
    const config = configOf('prod-tokyo', { 'placement.standby': 'other-zone' });
    const [host, zone] = recoveryScenarios(config) as RecoveryScenario[];
    expect(zone?.totalMs).toBe(host?.totalMs);
  });

  test('adds up, and each figure has a source', () => {
    for (const name of ['dev-single', 'paper-tokyo', 'prod-tokyo', 'prod-virginia'] as const) {
      for (const { stages, totalMs } of recoveryScenarios(configOf(name))) {
        expect(totalMs).toBe(Math.ceil(stages.reduce((sum, { ms }) => sum + ms, 0)));
        expect(stages.every(({ source }) => /estimate|measured|computed|Amazon|vendors/.test(source))).toBe(
          true,
        );
      }
    }
  });

  test('is written out', () => {
    expect(arithmetic(hostOf(configOf('dev-single')))).toMatch(
      /^2m two failed system status checks \+ 3m a virtual host boots \+ .* = 5m \d+s$/,
    );
    expect([1, 999, 1_000, 59_900, 60_000, 90_500, 3_600_000, 5_430_000].map(shortDuration)).toEqual([
      '1ms',
      '999ms',
      '1s',
      '59.9s',
      '1m',
      '1m 31s',
      '1h',
      '1h 30m',
    ]);
  });

  test('rests on at least ten measured starts', () => {
    const { runsMs, maxMs, medianMs } = engineStart();
    expect(runsMs.length).toBeGreaterThanOrEqual(10);
    expect(maxMs).toBe(Math.max(...runsMs));
    expect(medianMs).toBeLessThanOrEqual(maxMs);
  });
});

describe('ways to recover in time', () => {
  test('every one of them does', () => {
    const patches = [
      ['dev-single', {}],
      ['paper-tokyo', {}],
      [
        'prod-tokyo',
        { 'ha.lease': { renewEvery: '2s', selfFence: '6s', expire: '10s' }, 'recovery.rto': '1m' },
      ],
    ] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...patches),
        fc.integer({ min: 5_000, max: 60_000 }),
        ([name, patch], rto) => {
          const config = configOf(name, patch);
          for (const way of waysToRecoverWithin(config, rto)) {
            const mode = /ha\.mode: (\w+)/.exec(way)?.[1] ?? config.ha.mode;
            const lease = /renewEvery: (\w+), selfFence: (\w+), expire: (\w+)/
              .exec(way)
              ?.slice(1)
              .map((text) => parseDuration(text));
            const { address: _, ...ha } = config.ha;
            const changed = {
              ...config,
              ha: {
                ...(mode === config.ha.mode ? config.ha : ha),
                mode: mode as typeof config.ha.mode,
                ...(lease
                  ? {
                      lease: {
                        renewEvery: lease[0] as number,
                        selfFence: lease[1] as number,
                        expire: lease[2] as number,
                      },
                    }
                  : {}),
              },
            };
            expect(hostOf(changed).totalMs).toBeLessThanOrEqual(rto);
            expect(timingProblems(planLease(changed).timing)).toEqual([]);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test('none is named where none helps', () => {
    expect(waysToRecoverWithin(configOf('prod-tokyo'), 1_000)).toEqual([]);
    const [problem] = problemsOf('prod-tokyo', { 'recovery.rto': '1s' });
    expect(problem?.fix).toMatch(/^set recovery\.rto: \d+s or more$/);
  });
});

describe('the timing of the lease', () => {
  test('that is accepted here is accepted by the agent', () => {
    const ms = fc.integer({ min: 100, max: 10_000 });
    fc.assert(
      fc.property(ms, ms, ms, (renewEvery, selfFence, expire) => {
        const lease = { renewEvery, selfFence: Math.max(selfFence, 200), expire: Math.max(expire, 300) };
        const text = Object.fromEntries(Object.entries(lease).map(([name, value]) => [name, `${value}ms`]));
        const refused = problemsOf('prod-tokyo', { 'ha.lease': text, 'recovery.rto': '5m' }).length > 0;
        const { timing } = planLease({ ha: { ...configOf('prod-tokyo').ha, lease } });
        if (!refused) expect(timingProblems(timing)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('has a fix that is accepted', () => {
    const [problem] = problemsOf('prod-tokyo', {
      'ha.lease': { renewEvery: '1s', selfFence: '2s', expire: '2s' },
    });
    const least = /at least (\w+)/.exec(problem?.fix ?? '')?.[1];
    expect(
      problemsOf('prod-tokyo', { 'ha.lease': { renewEvery: '1s', selfFence: '2s', expire: least } }),
    ).toEqual([]);
  });
});
