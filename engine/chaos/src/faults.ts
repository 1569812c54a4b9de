import type { Coverage, FaultClass } from './coverage.js';
import { LEASE_STORE } from './lease-store.js';
import type { Mutation } from './mutation.js';
import type { Network } from './network.js';
import type { PairNode } from './node/pair-node.js';
import { type SimulatedVenue, VENUE } from './venue/simulated-venue.js';
import type { World } from './world.js';

/** What the plan may lay hands on. */
export interface Stage {
  readonly world: World;
  readonly network: Network;
  readonly venue: SimulatedVenue;
  readonly nodes: readonly [PairNode, PairNode];
  readonly coverage: Coverage;
}

/** One kind of misfortune. Counts itself, when it really strikes. */
type Fault = (stage: Stage) => void;

const MS = 1000;

/** Restart of a dead process, by whoever watches over it. */
const REBOOT_MS = 60;
const MAX_REBOOT_MS = 900;

function exponential({ world }: Stage, meanMs: number, mostMs: number): number {
  return Math.min(world.random.exponential(meanMs), mostMs) * MS;
}

function any({ world, nodes }: Stage): PairNode {
  return nodes[world.random.below(2)]!;
}

/** The one that leads; by chance where none does. */
function leader(stage: Stage): PairNode {
  return stage.nodes.find(({ role }) => role === 'leader') ?? any(stage);
}

function standby(stage: Stage): PairNode {
  const { nodes } = stage;
  return leader(stage) === nodes[0] ? nodes[1] : nodes[0];
}

/** Ends a node's life now. With its machine's power, what was not synced goes too. */
function end(stage: Stage, node: PairNode, power: boolean, as: FaultClass): void {
  if (!node.isUp) return;
  stage.coverage.hit(as);
  node.die(power, 'by the plan', rebootUs(stage));
}

/** Ends its life in the middle of one of its next steps; power often when there is something it has not synced. */
function endAtStep(stage: Stage, node: PairNode): void {
  const { world, coverage } = stage;
  const power = world.random.chance(0.7);
  const unsynced = power && world.random.chance(0.7);
  const steps = 1 + world.random.below(unsynced ? 30 : 400);
  const count = () => coverage.hit(power ? 'lost power at a step' : 'killed at a step');
  node.armDeath(power, steps, rebootUs(stage), count, unsynced ? 'before sync' : '');
}

/** Away for so long that the leader keeps no more of what it needs, if it keeps little. */
function keepAway(stage: Stage): void {
  const node = standby(stage);
  if (!node.isUp || node.role !== 'standby') return;
  stage.coverage.hit('standby away for long');
  node.die(stage.world.random.chance(0.5), 'for long', (900 + stage.world.random.below(900)) * MS);
  endWhileInstalling(stage, node);
}

/** Sometimes it dies again as it begins anew with the leader's snapshot. */
function endWhileInstalling(stage: Stage, node: PairNode): void {
  const { random } = stage.world;
  if (random.chance(0.5))
    node.armNextDeath(random.chance(0.7), 1 + random.below(25), rebootUs(stage), 'installing');
}

function rebootUs(stage: Stage): number {
  return REBOOT_MS * MS + exponential(stage, 200, MAX_REBOOT_MS);
}

/** Its host is gone for good: another one begins with nothing, beside a leader that has everything. */
function replaceStandby(stage: Stage): void {
  const node = standby(stage);
  if (!node.isUp || node.role !== 'standby' || leader(stage).role !== 'leader') return;
  stage.coverage.hit('standby replaced');
  node.replace((100 + stage.world.random.below(500)) * MS);
  endWhileInstalling(stage, node);
}

/** Ends the leader's life while it tidies up. */
function endAtChore(stage: Stage): void {
  const { random } = stage.world;
  const what = random.chance(0.6) ? 'compressing' : 'deleting';
  leader(stage).armDeath(random.chance(0.7), 1 + random.below(8), rebootUs(stage), () => {}, what);
}

/** Long enough to lose a lease, often; else a hiccup. */
function stallUs(stage: Stage): number {
  const { random } = stage.world;
  return random.chance(0.7) ? (450 + random.below(800)) * MS : exponential(stage, 60, 400);
}

/** Long enough for a lease to change hands, often. */
function outageUs(stage: Stage): number {
  return stage.world.random.chance(0.5)
    ? (200 + stage.world.random.below(1_000)) * MS
    : exponential(stage, 80, 500);
}

function cut(stage: Stage, a: string, b: string, as: FaultClass): void {
  stage.coverage.hit(as);
  stage.network.cut(a, b, stage.world.nowUs + outageUs(stage));
}

function stopProcess(stage: Stage): void {
  const node = leader(stage);
  if (!node.isUp) return;
  stage.coverage.hit('process stopped');
  node.process.stop(stallUs(stage));
}

function stopAtStep(stage: Stage): void {
  const us = stallUs(stage);
  leader(stage).armStall(us, 1 + stage.world.random.below(300), () =>
    stage.coverage.hit('stopped in the middle of a step'),
  );
}

function stallTrading(stage: Stage): void {
  const node = leader(stage);
  if (!node.isUp) return;
  stage.coverage.hit('trading thread stalled');
  node.process.trading.stall(stallUs(stage));
}

function cutLeaderFromLease(stage: Stage): void {
  cut(stage, leader(stage).name, LEASE_STORE, 'partition from the lease');
}

function disconnectVenue(stage: Stage): void {
  const one = stage.world.random.chance(0.5) ? leader(stage).name : undefined;
  if (stage.venue.disconnect(one) > 0) stage.coverage.hit('venue disconnected');
}

/** Each with its weight. */
const PLAN: readonly (readonly [weight: number, fault: Fault])[] = [
  [3, (stage) => end(stage, leader(stage), false, 'leader killed')],
  [4, (stage) => end(stage, leader(stage), true, 'leader lost power')],
  [1, (stage) => end(stage, standby(stage), false, 'standby killed')],
  [1, (stage) => end(stage, standby(stage), true, 'standby lost power')],
  [
    1,
    (stage) => {
      stage.coverage.hit('both killed');
      const power = stage.world.random.chance(0.5);
      for (const node of stage.nodes) end(stage, node, power, power ? 'leader lost power' : 'leader killed');
    },
  ],
  [8, (stage) => endAtStep(stage, leader(stage))],
  [2, (stage) => endAtStep(stage, standby(stage))],
  [4, keepAway],
  [2, replaceStandby],
  [4, endAtChore],
  [5, stopProcess],
  [6, stopAtStep],
  [6, stallTrading],
  [
    1,
    (stage) => {
      stage.coverage.hit('wall clock set');
      any(stage).host.jump((stage.world.random.uniform() - 0.5) * 2 * 300e6);
    },
  ],
  [2, (stage) => cut(stage, stage.nodes[0].name, stage.nodes[1].name, 'partition of the pair')],
  [5, cutLeaderFromLease],
  [1, (stage) => cut(stage, standby(stage).name, LEASE_STORE, 'partition from the lease')],
  [2, (stage) => cut(stage, leader(stage).name, VENUE, 'partition from the venue')],
  [
    1,
    (stage) => {
      stage.coverage.hit('lease store down');
      stage.network.refuse(LEASE_STORE, stage.world.nowUs + outageUs(stage));
    },
  ],
  [
    2,
    (stage) => {
      const { network, world } = stage;
      const rates = ['dropRate', 'duplicateRate', 'spikeRate'] as const;
      const rate = rates[world.random.below(3)]!;
      network[rate] = 0.05 + world.random.uniform() * 0.3;
      world.after(outageUs(stage), undefined, 'network is well', () => {
        network[rate] = 0;
      });
    },
  ],
  [
    1,
    (stage) => {
      if (stage.nodes.some((node) => node.resetReplication()))
        stage.coverage.hit('replication connection reset');
    },
  ],
  [
    2,
    (stage) => {
      stage.coverage.hit('disk full');
      const node = leader(stage);
      node.disk.capacity = node.disk.usedBytes + stage.world.random.below(40_000);
      stage.world.after(outageUs(stage), undefined, 'space on the disk', () => node.folder.free());
    },
  ],
  [
    1,
    (stage) => {
      stage.coverage.hit('slow sync');
      const node = any(stage);
      node.folder.syncUs = exponential(stage, 60, 400);
      stage.world.after(outageUs(stage), undefined, 'disk is fast', () => node.folder.well());
    },
  ],
  [
    1,
    (stage) => {
      const node = any(stage);
      node.disk.failingSyncs = 1;
    },
  ],
  [3, disconnectVenue],
  [
    1,
    (stage) => {
      stage.coverage.hit('venue refuses connections');
      stage.network.refuse(VENUE, stage.world.nowUs + outageUs(stage));
      stage.venue.disconnect();
    },
  ],
  [
    2,
    (stage) => {
      const delayMs = 20 + stage.world.random.below(400);
      stage.venue.arm({ kind: 'slowAck', delayMs, count: 1 + stage.world.random.below(10) });
    },
  ],
  [
    2,
    (stage) =>
      stage.venue.arm({
        kind: 'lostAck',
        count: 1 + stage.world.random.below(5),
        close: stage.world.random.chance(0.3),
      }),
  ],
  [2, (stage) => stage.venue.arm({ kind: 'lostRequest', count: 1 + stage.world.random.below(5) })],
  [
    2,
    (stage) =>
      stage.venue.arm({
        kind: 'serverError',
        status: 503,
        executed: stage.world.random.chance(0.5),
        count: 1 + stage.world.random.below(5),
      }),
  ],
  [
    3,
    (stage) => {
      const delayMs = 20 + stage.world.random.below(500);
      stage.venue.arm({ kind: 'stallUserStream', delayMs, events: ['TRADE'], durationMs: 300 });
    },
  ],
  [
    1,
    (stage) =>
      stage.venue.arm({ kind: 'stallUserStream', drop: true, count: 1 + stage.world.random.below(4) }),
  ],
  [
    1,
    (stage) => {
      if (stage.venue.cancelOne()) stage.coverage.hit('canceled by the venue');
    },
  ],
  [
    1,
    (stage) => {
      if (stage.venue.placeForeign()) stage.coverage.hit('foreign order');
    },
  ],
  [
    1,
    (stage) => {
      if (leader(stage).breakBook()) stage.coverage.hit('book broken');
    },
  ],
  [
    2,
    (stage) => {
      if (leader(stage).handOver()) stage.coverage.hit('handover');
    },
  ],
];

const WEIGHT = PLAN.reduce((sum, [weight]) => sum + weight, 0);

/** Misfortunes of one run, at most. */
const MOST = 14;

/** What each rule is there for. */
const AIMED: Readonly<Record<Mutation, readonly Fault[]>> = {
  'no-fencing': [stopAtStep, stallTrading],
  'no-self-fence': [cutLeaderFromLease],
  'no-deduplication': [disconnectVenue],
  'no-torn-tail-rule': [(stage) => end(stage, leader(stage), true, 'leader lost power')],
  'no-hold': [(stage) => endAtStep(stage, leader(stage)), stopProcess],
};
/** So many more misfortunes of that kind in a run aimed at a rule. */
const AIMED_FAULTS = 8;

/**
 * Lays out the misfortunes of one run: from none to fourteen, at any time before `untilUs`; and where it is aimed at a
 * rule, more of what that rule is there for.
 */
export function planFaults(stage: Stage, fromUs: number, untilUs: number, aim?: Mutation): void {
  const { world } = stage;
  const plan = (fault: Fault) =>
    world.at(fromUs + world.random.below(untilUs - fromUs), undefined, 'fault', () => fault(stage));
  const count = world.random.below(MOST + 1);
  for (let i = 0; i < count; i++) {
    let roll = world.random.below(WEIGHT);
    const fault = PLAN.find(([weight]) => {
      roll -= weight;
      return roll < 0;
    })![1];
    plan(fault);
  }
  if (aim === undefined) return;
  const aimed = AIMED[aim];
  for (let i = 0; i < AIMED_FAULTS; i++) plan(aimed[world.random.below(aimed.length)]!);
}

/** Ends every misfortune that lasts: from here on the pair has to find its way back by itself. */
export function endFaults({ network, venue, nodes }: Stage): void {
  network.heal();
  venue.venue.faults.clear();
  for (const node of nodes) {
    node.folder.free();
    node.folder.well();
    node.disk.failingSyncs = 0;
    node.disarm();
  }
}
