import { Coverage } from './coverage.js';
import type { Durability, Prng } from './engine.js';
import { endFaults, planFaults, type Stage } from './faults.js';
import { takeGlobals } from './global-timers.js';
import { Judge } from './judge.js';
import { SimulatedLeaseStore } from './lease-store.js';
import type { Mutation } from './mutation.js';
import { Network } from './network.js';
import { PairNode } from './node/pair-node.js';
import { JUDGED_LIMITS, type PairSettings, TIMING } from './node/settings.js';
import type { Surroundings } from './node/surroundings.js';
import type { RunResult } from './run-result.js';
import { settle } from './settle.js';
import { SimulatedVenue } from './venue/simulated-venue.js';
import { Killed, type Tracer, World } from './world.js';

/** Plain data: it crosses threads. */
export interface Broken {
  readonly mutation?: Mutation;
  /** Goes looking for the lack of this rule, which is in its place unless it is the mutation too. Default: the mutation. */
  readonly aim?: Mutation;
}

export interface RunOptions extends Broken {
  readonly trace?: Tracer;
  /** One node, without another to take over: what it forgets nobody else knows. Default: by the seed. */
  readonly alone?: boolean;
}

/** The pair trades in peace before anything goes wrong. */
const PEACE_US = 600_000;
const STORM_US = 2_200_000;

/** Share of runs with one node alone. */
const ALONE = 0.15;

const COMMITS_US = [1_000, 10_000, 40_000];

const DURABILITIES: readonly Durability[] = ['async', 'fsync-before-send', 'replicated-before-send'];

/** One run from its seed to its verdict. The same seed comes to the same end, step for step. */
export async function runSeed(seed: number, options: RunOptions = {}): Promise<RunResult> {
  const world = new World(seed, options.trace);
  const coverage = new Coverage();
  const settings = draw(world, options);
  const judge = new Judge(JUDGED_LIMITS);
  const restore = takeGlobals(world);
  const onLost = (error: unknown) => {
    if (error instanceof Killed) return;
    judge.breach('unexpected error', error instanceof Error ? (error.stack ?? error.message) : String(error));
  };
  process.on('unhandledRejection', onLost);
  process.on('uncaughtException', onLost);
  try {
    const network = new Network(world);
    network.onFault = (name) => coverage.hit(name);
    const venue = new SimulatedVenue(world, network, judge);
    judge.venue = venue;
    const lease = new SimulatedLeaseStore(network, (row, atUs) => judge.leads(row.epoch, atUs));
    const at: Surroundings = { world, network, venue, lease, judge, coverage, settings };
    const nodes = [new PairNode('a', at), new PairNode('b', at)] as const;
    nodes[0].peer = nodes[1];
    nodes[1].peer = nodes[0];
    const stage: Stage = { world, network, venue, nodes, coverage };
    world.note(`${settings.alone ? 'one node' : 'a pair'}, ${settings.durability}`);
    const running = settings.alone ? nodes.slice(0, 1) : nodes;
    for (const node of running) world.after(world.random.below(50_000), undefined, 'boot', () => node.boot());
    planFaults(stage, PEACE_US, PEACE_US + STORM_US, options.aim ?? options.mutation);
    judge.onBreach = () => world.end();
    await world.run(PEACE_US + STORM_US);
    if (judge.violation === undefined) {
      endFaults(stage);
      await settle(stage, judge, settings);
    }
    venue.count(coverage);
    const { violation } = judge;
    return {
      seed,
      violation: violation && { invariant: violation.invariant, detail: violation.message },
      coverage: [...coverage.counts],
      figures: {
        simulatedMs: Math.round(world.nowUs / 1000),
        steps: world.steps,
        events: Math.max(...nodes.map(({ kernel }) => kernel?.view.counters.events ?? 0)),
        orders: judge.arrivals,
        fills: judge.fills.length,
        deaths: nodes[0].deaths + nodes[1].deaths,
        takeovers: nodes[0].takeovers + nodes[1].takeovers,
      },
    };
  } finally {
    restore();
    process.off('unhandledRejection', onLost);
    process.off('uncaughtException', onLost);
  }
}

/** How much of its history a node keeps: often so little that a standby that was away needs what is gone. */
function drawFolder(
  random: Prng,
): Pick<PairSettings, 'segmentBytes' | 'snapshotEvery' | 'retainBytes' | 'compress'> {
  const compress = random.chance(0.4);
  if (random.chance(0.5)) {
    const [segmentBytes, snapshotEvery] = [(16 + random.below(112)) * 1024, 200 + random.below(1_500)];
    return { segmentBytes, snapshotEvery, retainBytes: Number.POSITIVE_INFINITY, compress };
  }
  const segmentBytes = (16 + random.below(16)) * 1024;
  return { segmentBytes, snapshotEvery: 100 + random.below(150), retainBytes: segmentBytes * 2, compress };
}

function draw({ random }: World, options: RunOptions): PairSettings {
  const alone = options.alone ?? random.chance(ALONE);
  return {
    alone,
    // Nobody to replicate to: such a node would never send anything.
    durability: DURABILITIES[random.below(alone ? 2 : DURABILITIES.length)]!,
    strategySeed: random.bits(),
    eagerness: 30 + random.below(120),
    ...drawFolder(random),
    commitIntervalUs: COMMITS_US[random.below(COMMITS_US.length)]!,
    timing: TIMING,
    mutation: options.mutation,
  };
}
