import { describe, expect, test } from '@jest/globals';
import { automationDocument } from '../../../model/documents/index.js';
import type { DocumentAction } from '../../../model/index.js';
import { runAutomation } from '../../support/automation-run.js';
import { TARGETS } from '../../support/document-targets.js';
import { shippedPlan } from '../../support/test-app.js';
import { TwoHosts } from '../../support/two-hosts.js';

const plan = shippedPlan('prod-tokyo');
const REASON = { Reason: 'the primary hangs' };

function start(
  action: DocumentAction,
  world: TwoHosts,
  parameters: Record<string, string | string[]> = {},
  failAt?: string,
) {
  return runAutomation(automationDocument(action, plan, TARGETS), world, {
    parameters: { ...REASON, ...parameters },
    ...(failAt ? { failAt } : {}),
  });
}

describe('failover', () => {
  test('fences the old leader before the other one leads, and tells', () => {
    const world = new TwoHosts(plan);
    const { status, steps } = start('failover', world, { To: 'standby' });
    expect(status).toBe('Success');
    expect(steps.map(({ name }) => name)).toEqual([
      'ReadLease',
      'WhoShallLead',
      'StandbyLeadsAlready',
      'StandbyReady',
      'StandbyOnlyADryRun',
      'FencePrimary',
      'StandbyClaims',
      'StandbyFirstHealth',
      'TellDone',
    ]);
    expect(world.hosts.primary).toMatchObject({ fenced: true, reachable: false, engine: undefined });
    expect(world.leader()).toBe('standby');
    expect(world.epoch).toBe(8);
    expect(world.bothRan).toEqual([]);
  });

  test('works when the old leader is gone', () => {
    const world = new TwoHosts(plan);
    world.hosts.primary!.reachable = false;
    world.hosts.primary!.engine = undefined;
    expect(start('failover', world, { To: 'standby' }).status).toBe('Success');
    expect(world.leader()).toBe('standby');
  });

  test('does nothing when the host leads already, nor in a dry run', () => {
    const leads = new TwoHosts(plan);
    expect(start('failover', leads, { To: 'primary' }).status).toBe('Success');
    const dry = new TwoHosts(plan);
    expect(start('failover', dry, { To: 'standby', DryRun: 'true' }).status).toBe('Success');
    for (const world of [leads, dry]) {
      expect(world.leader()).toBe('primary');
      expect(world.hosts.standby!.fenced || world.hosts.primary!.fenced).toBe(false);
    }
  });

  test('fences nobody for a host that would not take the lease', () => {
    const world = new TwoHosts(plan);
    world.hosts.standby!.onHold = true;
    expect(start('failover', world, { To: 'standby' }).status).toBe('Failed');
    expect(world.hosts.primary!.fenced).toBe(false);
    expect(world.leader()).toBe('primary');
  });

  test.each(['ReadLease', 'StandbyReady', 'FencePrimary', 'StandbyClaims', 'StandbyFirstHealth'])(
    'leaves no host fenced for nothing when %s fails',
    (failAt) => {
      const world = new TwoHosts(plan);
      expect(start('failover', world, { To: 'standby' }, failAt).status).toBe('Failed');
      expect(world.hosts.primary).toMatchObject({ fenced: false, reachable: true });
      expect(world.hosts.standby!.fenced).toBe(false);
      world.pass();
      expect(world.leader()).toBeDefined();
      expect(world.bothRan).toEqual([]);
    },
  );

  test('takes the fence away again when the new leader never gets healthy', () => {
    const world = new TwoHosts(plan);
    world.ready = (_, host) => host === 'primary';
    const { status } = start('failover', world, { To: 'standby' });
    expect(status).toBe('Failed');
    expect(world.hosts.primary).toMatchObject({ fenced: false, reachable: true });
    expect(world.told).toEqual(['tradewind-prod-tokyo: failover failed']);
  });

  test('says so when not even the fence could be taken away', () => {
    const world = new TwoHosts(plan);
    world.breakFencing();
    const { status, steps } = start('failover', world, { To: 'standby' });
    expect(status).toBe('Failed');
    expect(steps.at(-1)).toEqual({ name: 'UnfencePrimary', error: 'unfence failed' });
    expect(world.leader()).toBe('primary');
  });
});

describe('handover', () => {
  test.each(['primary', 'standby'] as const)(
    'moves the lease away from %s with at most one engine',
    (from) => {
      const world = new TwoHosts(plan);
      if (from === 'standby') world.command(TARGETS.instances.primary!, ['agent.mjs handover']);
      expect(start('handover', world).status).toBe('Success');
      expect(world.leader()).toBe(from === 'primary' ? 'standby' : 'primary');
      expect([world.bothRan, world.noneRan]).toEqual([[], []]);
    },
  );

  test.each(['SomebodyLeads', 'ReadLease', 'StandbyReady', 'PrimaryHandsOver', 'StandbyFirstHealth'])(
    'leaves the lease with the old leader when %s fails',
    (failAt) => {
      const world = new TwoHosts(plan);
      expect(start('handover', world, {}, failAt).status).toBe('Failed');
      expect(world.leader()).toBe('primary');
      expect([world.bothRan, world.noneRan]).toEqual([[], []]);
    },
  );

  test('gives the lease back when the other engine does not get ready', () => {
    const world = new TwoHosts(plan);
    world.ready = (_, host) => host === 'primary';
    expect(start('handover', world).status).toBe('Failed');
    expect(world.leader()).toBe('primary');
    expect(world.told).toEqual(['tradewind-prod-tokyo: handover failed']);
  });
});

describe('fence and unfence', () => {
  test('an agent fences the old holder with the three parameters it gives', () => {
    const world = new TwoHosts(plan);
    world.command(TARGETS.instances.primary!, ['agent.mjs handover']);
    const parameters = {
      Host: 'primary',
      RequestedBy: 'agent on standby',
      Reason: 'its lease ran out and standby took over with epoch 8',
    };
    expect(start('fence', world, parameters).status).toBe('Success');
    expect(world.hosts.primary!.fenced).toBe(true);
  });

  test('never both hosts', () => {
    const world = new TwoHosts(plan);
    expect(start('fence', world, { Host: 'standby' }).status).toBe('Success');
    expect(start('fence', world, { Host: 'primary', Takeover: 'true' }).status).toBe('Failed');
    expect(world.leader()).toBe('primary');
  });

  test('unfence brings the host back as the one that waits', () => {
    const world = new TwoHosts(plan);
    start('failover', world, { To: 'standby' });
    expect(start('unfence', world, { Host: 'primary' }).status).toBe('Success');
    expect(world.hosts.primary).toMatchObject({ fenced: false, reachable: true, engine: undefined });
    expect(world.leader()).toBe('standby');
  });
});

describe('kill switch', () => {
  test('halts both hosts and looks whether an order is left', () => {
    const world = new TwoHosts(plan);
    expect(start('kill-switch', world).status).toBe('Success');
    expect(world.hosts.primary!.halted && world.hosts.standby!.halted).toBe(true);
    expect(world.told).toEqual(['tradewind-prod-tokyo: trading halted']);
  });

  test.each([
    [
      'an order stays open',
      (world: TwoHosts) => {
        world.hosts.primary!.openOrders = 1;
      },
    ],
    [
      'a host is not reached',
      (world: TwoHosts) => {
        world.hosts.standby!.reachable = false;
      },
    ],
    [
      'the leading engine is dead',
      (world: TwoHosts) => {
        world.hosts.primary!.engine = undefined;
      },
    ],
  ])('pages when %s, and halts what it can', (_, spoil) => {
    const world = new TwoHosts(plan);
    spoil(world);
    expect(start('kill-switch', world).status).toBe('Failed');
    expect(world.hosts.primary!.halted).toBe(true);
    expect(world.told).toEqual(['tradewind-prod-tokyo: HALTED, BUT ORDERS MAY BE OPEN']);
  });

  test('is lifted by a second person alone', () => {
    const world = new TwoHosts(plan);
    start('kill-switch', world);
    world.approved = false;
    const approvers = { Approvers: ['arn:aws:iam::111122223333:role/risk'] };
    expect(start('resume', world, approvers).status).toBe('Failed');
    expect(world.hosts.primary!.halted).toBe(true);
    world.approved = true;
    expect(start('resume', world, approvers).status).toBe('Success');
    expect(world.hosts.primary!.halted || world.hosts.standby!.halted).toBe(false);
  });
});
