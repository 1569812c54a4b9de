import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { EngineProcess, eventually, itBuilt, run, temporaryFolder } from '../e2e/support/engine-process.js';
import { FakeMachine } from './support/fake-machine.js';

const TEST_MS = 120_000;
const host = (...args: string[]) => run(['host', ...args], { cwd: temporaryFolder() });
const TRACKING =
  'A9FEA97B,169.254.169.123,4,1763733590.5,0.0000125,0.000003,0.000004,1.5,-0.002,0.02,0.00024,0.00015,16.2,Normal';

describe('tradewind host', () => {
  itBuilt(
    'plans, tunes and verifies a machine, and exits with 1 while anything is not as it should be',
    async () => {
      const machine = new FakeMachine({ product: 'm7i.metal-24xl', cores: 48, threads: 2, ena: { ens1: 4 } });
      const on = ['--root', machine.root];
      const plan = await host('plan', ...on);
      expect([plan.code, plan.stderr]).toEqual([0, '']);
      expect(plan.stdout).toMatch(/^state +knob +place +now +wanted +why\n/);
      expect(plan.stdout).toMatch(
        /^change +swappiness +vm\.swappiness +7 +1 +Swap as the last resort: another value is in force$/m,
      );
      expect(plan.stdout).toMatch(/^profile audited; 96 CPUs: 8-47 isolated, 0-7 housekeeping; settings: /m);

      const tune = await host('tune', ...on);
      expect([tune.code, tune.stderr]).toEqual([0, '']);
      expect(tune.stdout).toMatch(/^changed {2}vm\.swappiness: 7 -> 1$/m);
      expect(tune.stdout).toMatch(
        /^reboot {3}isolcpus: absent now, managed_irq,domain,8-47 after a reboot$/m,
      );
      expect(tune.stdout).toMatch(/^tune: \d+ changes, 0 failed, \d+ need a reboot\n$/m);

      const folder = temporaryFolder();
      const metrics = join(folder, 'host.prom');
      const waiting = await host('verify', ...on, '--json', '--metrics-file', metrics);
      expect(waiting.code).toBe(1);
      const { drift } = JSON.parse(waiting.stdout) as { drift: { knob: string; state: string }[] };
      expect(drift.length).toBeGreaterThan(3);
      expect(new Set(drift.map(({ state }) => state))).toEqual(new Set(['reboot']));

      machine.boot();
      const good = await host('verify', ...on, '--metrics-file', metrics);
      expect([good.code, good.stderr]).toEqual([0, '']);
      // Written whole, with nothing left beside it.
      expect(readdirSync(folder)).toEqual(['host.prom']);
    },
    TEST_MS,
  );

  itBuilt(
    'prints what each relaxation of max-speed costs',
    async () => {
      const { code, stdout } = await host('profile', 'diff');
      expect(code).toBe(0);
      expect(stdout).toMatch(
        /^Audit rules\n {2}audited +files\/audit-audited\.rules\.in\n {2}max-speed +files\/audit-max-speed\.rules\n {2}cost +No system call/m,
      );
      const json = JSON.parse((await host('profile', 'diff', '--json')).stdout) as { relaxes: string }[];
      expect(json.length).toBe(stdout.match(/^ {2}cost /gm)?.length);
      expect(json.every(({ relaxes }) => relaxes.length > 20)).toBe(true);
    },
    TEST_MS,
  );

  itBuilt(
    'reads the clock once, or again and again until a signal',
    async () => {
      const machine = new FakeMachine();
      machine.standIn('chronyc', `echo '${TRACKING}'`);
      const once = await host('clock', '--root', machine.root);
      expect([once.code, once.stdout]).toEqual([
        0,
        'source         169.254.169.123, stratum 4\noffset         -12.500 µs (behind)\nerror bound    282.500 µs\n',
      ]);
      const folder = temporaryFolder();
      const args = [
        'host',
        'clock',
        '--root',
        machine.root,
        '--every',
        '50ms',
        '--metrics-file',
        'clock.prom',
      ];
      const loop = new EngineProcess(args, { cwd: folder });
      await eventually('a file of metrics', () => readdirSync(folder).includes('clock.prom'));
      machine.standIn('chronyc', 'echo "506 Cannot talk to daemon"; exit 1');
      await eventually('a complaint', () => loop.stderr.includes('506 Cannot talk to daemon'));
      loop.kill('SIGTERM');
      expect(await loop.end()).toEqual({ code: 0, signal: null });
    },
    TEST_MS,
  );

  itBuilt(
    'says in one line what it cannot do',
    async () => {
      const machine = new FakeMachine();
      const on = ['--root', machine.root];
      const [profile, files, clock, root] = await Promise.all([
        host('plan', ...on, '--profile', 'fast'),
        host('plan', ...on, '--host-files', '/nowhere'),
        host('clock', ...on),
        host('verify', '--root', '/nowhere'),
      ]);
      for (const [{ code, stdout, stderr }, message] of [
        [profile, /^tradewind: host: --profile: "fast" is no profile: use audited or max-speed\n$/],
        [files, /^tradewind: host: \/nowhere\/knobs\.yaml: cannot be read: name the folder that holds it\n$/],
        [clock, /^tradewind: host: chronyc -c -n tracking: failed with 127: chronyc is not installed\n$/],
        [
          root,
          /^tradewind: host: \/nowhere\/sys\/devices\/system\/cpu\/online: cannot be read: is \/sys mounted\?\n$/,
        ],
      ] as const) {
        expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(message)]);
      }
    },
    TEST_MS,
  );
});
