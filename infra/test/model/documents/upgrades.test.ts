import { describe, expect, test } from '@jest/globals';
import { automationDocument } from '../../../model/documents/index.js';
import type { DocumentAction, EnvironmentPlan } from '../../../model/index.js';
import { runAutomation } from '../../support/automation-run.js';
import { TARGETS } from '../../support/document-targets.js';
import { shippedPlan } from '../../support/test-app.js';
import { TwoHosts } from '../../support/two-hosts.js';

const pair = shippedPlan('prod-tokyo');
const single = shippedPlan('dev-single');
const PARAMETERS = { Reason: 'a new release' };

function start(
  action: DocumentAction,
  plan: EnvironmentPlan,
  world: TwoHosts,
  { parameters = {}, failAt }: { parameters?: Record<string, string>; failAt?: string } = {},
) {
  return runAutomation(automationDocument(action, plan, TARGETS), world, {
    parameters: { ...PARAMETERS, ...parameters },
    ...(failAt ? { failAt } : {}),
  });
}

const releases = (world: TwoHosts) => Object.values(world.hosts).map(({ release }) => release);
const current = (world: TwoHosts) => world.parameters.get('release/current')?.at(-1);

/** Names of the steps of a run in which nothing fails. */
function happyPath(action: DocumentAction, plan: EnvironmentPlan, holder: 'primary' | 'standby' = 'primary') {
  const world = new TwoHosts(plan);
  if (holder === 'standby') world.command(TARGETS.instances.primary!, ['agent.mjs handover']);
  return { world, result: start(action, plan, world) };
}

describe.each(['rolling-upgrade', 'canary'] as const)('%s on two hosts', (action) => {
  test.each(['primary', 'standby'] as const)(
    'brings both to the new release while %s leads at first',
    (holder) => {
      const { world, result } = happyPath(action, pair, holder);
      expect(result.status).toBe('Success');
      expect(releases(world)).toEqual(['new', 'new']);
      expect(current(world)).toBe('{"version":"new"}');
      expect(world.parameters.get('release/current:before')?.at(-1)).toBe('{"version":"old"}');
      expect(world.leader()).toBe(holder === 'primary' ? 'standby' : 'primary');
      expect(world.told).toEqual(['tradewind-prod-tokyo: upgraded']);
      expect(world.bothRan).toEqual([]);
      expect(world.noneRan).toEqual([]);
    },
  );

  const steps = happyPath(action, pair).result.steps.map(({ name }) => name);
  const recorded = steps.indexOf('SameRelease');

  test.each(steps.slice(0, recorded))('goes back to where it was when %s fails', (failAt) => {
    const world = new TwoHosts(pair);
    const { status } = start(action, pair, world, { failAt });
    // Watching alone can not fail an upgrade but through the alarm after it.
    expect(status).toBe('Failed');
    if (!failAt.includes('Watch')) expect(releases(world)).toEqual(['old', 'old']);
    expect(world.leader()).toBeDefined();
    expect(current(world)).toBe('{"version":"old"}');
    expect(world.bothRan).toEqual([]);
    expect(world.noneRan).toEqual([]);
    for (const host of Object.values(world.hosts)) expect(host.onHold).toBe(false);
  });

  test.each(steps.slice(recorded))('leaves both hosts on the proven release when %s fails', (failAt) => {
    const world = new TwoHosts(pair);
    start(action, pair, world, { failAt });
    expect(releases(world)).toEqual(['new', 'new']);
    expect(world.leader()).toBe('standby');
  });

  test('goes back when the new release never gets ready', () => {
    const world = new TwoHosts(pair);
    world.ready = (release) => release === 'old';
    const { status, steps: done } = start(action, pair, world);
    expect(status).toBe('Failed');
    expect(done.find(({ error }) => error)?.name).toBe('StandbyGate');
    expect(releases(world)).toEqual(['old', 'old']);
    expect(world.leader()).toBe('primary');
    expect(world.told).toEqual(['tradewind-prod-tokyo: upgrade taken back']);
  });

  test('goes back when an alarm fires after the gate', () => {
    const world = new TwoHosts(pair);
    world.onStep = (name) => {
      if (name === 'StandbyGate') world.alarm = 'ALARM';
    };
    expect(start(action, pair, world).status).toBe('Failed');
    expect(releases(world)).toEqual(['old', 'old']);
    expect(world.leader()).toBe('primary');
  });

  test('goes back with both hosts when an alarm fires after the second one', () => {
    const world = new TwoHosts(pair);
    world.onStep = (name) => {
      if (name === 'PrimaryWaitsToo') world.alarm = 'ALARM';
    };
    expect(start(action, pair, world).status).toBe('Failed');
    expect(releases(world)).toEqual(['old', 'old']);
    expect(world.leader()).toBe('primary');
  });

  test.each([
    [
      'the calendar is closed',
      (world: TwoHosts) => {
        world.calendar = 'CLOSED';
      },
    ],
    [
      'an alarm is on',
      (world: TwoHosts) => {
        world.alarm = 'ALARM';
      },
    ],
    [
      'the other host is on hold',
      (world: TwoHosts) => {
        world.hosts.standby!.onHold = true;
      },
    ],
    [
      'the other host is fenced',
      (world: TwoHosts) => {
        world.hosts.standby!.fenced = true;
      },
    ],
  ])('does not begin when %s', (_, spoil) => {
    const world = new TwoHosts(pair);
    spoil(world);
    expect(start(action, pair, world).status).toBe('Failed');
    expect(releases(world)).toEqual(['old', 'old']);
    expect(world.leader()).toBe('primary');
  });

  test('changes nothing in a dry run', () => {
    const world = new TwoHosts(pair);
    expect(start(action, pair, world, { parameters: { DryRun: 'true' } }).status).toBe('Success');
    expect(releases(world)).toEqual(['old', 'old']);
    expect(world.holder).toBe('primary');
    expect(world.told).toEqual([]);
  });

  test('records nothing when another release was deployed meanwhile', () => {
    const world = new TwoHosts(pair);
    world.onStep = (name) => {
      if (name === 'PrimaryWaitsToo') world.parameters.get('release/available')!.push('{"version":"newer"}');
    };
    const { steps: done } = start(action, pair, world);
    expect(done.at(-1)).toMatchObject({ name: 'SameRelease', error: expect.stringContaining('newer') });
    expect(current(world)).toBe('{"version":"old"}');
  });
});

test('a canary watches the alarm all the time it leads alone', () => {
  const names = happyPath('canary', pair).result.steps.map(({ name }) => name);
  // 30 minutes in pauses of five.
  expect(names.filter((name) => /^StandbyWatch/.test(name))).toHaveLength(6);
  expect(names.indexOf('PrimaryActivatesToo')).toBeGreaterThan(names.indexOf('StandbyQuiet6'));
});

describe('rolling-upgrade on one host', () => {
  const steps = happyPath('rolling-upgrade', single).result.steps.map(({ name }) => name);

  test('brings it to the new release', () => {
    const { world, result } = happyPath('rolling-upgrade', single);
    expect(result.status).toBe('Success');
    expect(releases(world)).toEqual(['new']);
    expect(world.leader()).toBe('primary');
    // It is down while it changes: there is no other host.
    expect(world.noneRan).toEqual(['PrimaryStepsAside']);
  });

  test.each(steps.slice(0, steps.indexOf('SameRelease')))(
    'trades on the old release again when %s fails',
    (failAt) => {
      const world = new TwoHosts(single);
      expect(start('rolling-upgrade', single, world, { failAt }).status).toBe('Failed');
      expect(releases(world)).toEqual(['old']);
      expect(world.leader()).toBe('primary');
    },
  );
});

describe('rollback', () => {
  test.each([
    ['two hosts', pair],
    ['one host', single],
  ])('takes an upgrade back on %s, outside the calendar too', (_, plan) => {
    const { world } = happyPath('rolling-upgrade', plan);
    world.calendar = 'CLOSED';
    world.alarm = 'ALARM';
    expect(start('rollback', plan, world).status).toBe('Success');
    expect(new Set(releases(world))).toEqual(new Set(['old']));
    expect(current(world)).toBe('{"version":"old"}');
    expect(world.leader()).toBeDefined();
    expect(world.bothRan).toEqual([]);
  });

  const upgraded = happyPath('rolling-upgrade', pair).world;
  const steps = start('rollback', pair, upgraded).steps.map(({ name }) => name);

  test.each(steps)('leaves a leader when %s fails', (failAt) => {
    const { world } = happyPath('rolling-upgrade', pair);
    start('rollback', pair, world, { failAt });
    expect(world.leader()).toBeDefined();
    expect(world.bothRan).toEqual([]);
    expect(world.noneRan).toEqual([]);
  });

  test('touches nothing where there is no release to go back to', () => {
    const world = new TwoHosts(pair);
    expect(start('rollback', pair, world).status).toBe('Failed');
    expect(releases(world)).toEqual(['old', 'old']);
    expect(world.leader()).toBe('primary');
  });
});

describe('paper-shadow', () => {
  test.each([
    ['two hosts', pair, 'standby'],
    ['one host', single, 'primary'],
  ] as const)('runs beside the live engine on %s and changes nothing of it', (_, plan, where) => {
    const world = new TwoHosts(plan);
    world.onStep = (name) => {
      if (name.endsWith('Watch')) expect(world.hosts[where]!.shadow).toBe('new');
    };
    expect(start('paper-shadow', plan, world).status).toBe('Success');
    expect(new Set(releases(world))).toEqual(new Set(['old']));
    expect(world.hosts[where]!.shadow).toBeUndefined();
    expect(world.noneRan).toEqual([]);
  });

  test('fails when the two decide differently, and ends the shadow', () => {
    const world = new TwoHosts(pair);
    world.alike = false;
    expect(start('paper-shadow', pair, world).status).toBe('Failed');
    expect(world.hosts.standby!.shadow).toBeUndefined();
    expect(world.told).toEqual(['tradewind-prod-tokyo: shadow failed or decides differently']);
  });
});
