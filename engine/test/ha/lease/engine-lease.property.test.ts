import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  ENGINE_LEASE_TIMING,
  type LeaseTiming,
  safetyMarginMs,
  takeoverBoundMs,
  timingProblems,
} from '../../../src/ha/lease/index.js';
import { type Fault, LeaseWorld, type Mutation } from './lease-world.js';

const FOR_MS = 8_000;
const STALL_MS = 150;
/** Histories of random faults; set for a long search. */
const RUNS = Number(process.env.TRADEWIND_MODEL_RUNS ?? 400);
/** As little distance as `timingProblems` lets pass: what eats from it shows. */
const TIGHT: LeaseTiming = { ...ENGINE_LEASE_TIMING, expireAfterMs: 308 };

const faults = fc.array(
  fc.record<Fault>({
    kind: fc.constantFrom('pause', 'partition', 'lossy', 'slow', 'kill', 'handover', 'fence', 'stall'),
    host: fc.nat(2),
    atMs: fc.nat(FOR_MS - 1_500),
    forMs: fc.integer({ min: 1, max: 2_000 }),
  }),
  { maxLength: 12 },
);

interface Play {
  readonly timing?: LeaseTiming;
  readonly hosts?: number;
  readonly seed: number;
  readonly given: readonly Fault[];
  readonly mutation?: Mutation;
  readonly extremeClocks?: boolean;
}

function play({
  timing = ENGINE_LEASE_TIMING,
  hosts = 2,
  seed,
  given,
  mutation,
  extremeClocks = false,
}: Play): LeaseWorld {
  const inProcess = { stallMs: STALL_MS, ...(mutation !== undefined && { mutation }) };
  const world = new LeaseWorld({
    hosts,
    timing,
    seed,
    faults: given,
    forMs: FOR_MS,
    extremeClocks,
    inProcess,
  });
  world.play();
  return world;
}

/** Messages get lost and the side with the slow clock is paused while it leads: whatever is left open shows. */
function hostile(seed: number): Fault[] {
  return [
    { kind: 'lossy', host: 0, atMs: 0, forMs: FOR_MS },
    // The other side lets it lead first.
    ...[0, 2_500, 5_000].flatMap((atMs): Fault[] => [
      { kind: 'pause', host: 1, atMs, forMs: 1_000 },
      { kind: 'pause', host: 0, atMs: atMs + 1_300 + (seed % 101), forMs: 1_000 },
    ]),
  ];
}

describe('two or three engines over one lease', () => {
  test('never have two open gates at one instant, and one epoch has one run of one side', () => {
    let runs = 0;
    for (const timing of [ENGINE_LEASE_TIMING, TIGHT]) {
      expect(timingProblems(timing)).toEqual([]);
      fc.assert(
        fc.property(fc.integer({ min: 2, max: 3 }), fc.integer(), faults, (hosts, seed, given) => {
          const world = play({ timing, hosts, seed, given });
          runs += world.runs.length;
          expect(world.overlaps).toEqual([]);
          expect(world.epochs).toEqual([...new Set(world.epochs)].sort((a, b) => a - b));
          const epochs = world.runs.map(({ epoch }) => epoch);
          expect(new Set(epochs).size).toBe(epochs.length);
        }),
        { numRuns: RUNS },
      );
    }
    // The property is about gates that were open: most histories must have changed leaders.
    expect(runs).toBeGreaterThan(2 * 2 * RUNS);
  }, 600_000);

  test.each<Mutation>(['no-self-fence', 'counted-from-the-reply'])(
    'the same histories find two open gates once the deadline is %s',
    (mutation) => {
      let sound = 0;
      let broken = 0;
      for (let seed = 0; seed < 60; seed += 1) {
        sound += play({ timing: TIGHT, seed, given: hostile(seed), extremeClocks: true }).overlaps.length;
        broken += play({
          timing: TIGHT,
          seed,
          given: hostile(seed),
          extremeClocks: true,
          mutation,
        }).overlaps.length;
      }
      expect(sound).toBe(0);
      expect(broken).toBeGreaterThan(0);
    },
    60_000,
  );

  test('without the safety margin the same model finds two open gates', () => {
    const unsafe = { ...ENGINE_LEASE_TIMING, expireAfterMs: 255 };
    expect(safetyMarginMs(unsafe)).toBeLessThan(0);
    let overlaps = 0;
    for (let seed = 0; seed < 60; seed += 1) {
      overlaps += play({ timing: unsafe, seed, given: hostile(seed), extremeClocks: true }).overlaps.length;
    }
    expect(overlaps).toBeGreaterThan(0);
  }, 60_000);

  test('a dead, cut off, paused or stalled leader is replaced within the stated bound', () => {
    const bound = takeoverBoundMs(ENGINE_LEASE_TIMING);
    let longest = 0;
    fc.assert(
      fc.property(
        fc.integer(),
        fc.constantFrom<Fault['kind']>('kill', 'pause', 'partition', 'stall'),
        fc.integer({ min: 2_000, max: 4_000 }),
        (seed, kind, atMs) => {
          const holder = play({ seed, given: [] }).runs[0]!.host;
          const world = play({ seed, given: [{ kind, host: holder, atMs, forMs: FOR_MS }] });
          expect(world.overlaps).toEqual([]);
          expect(world.runs).toHaveLength(2);
          expect(world.runs[1]!.host).not.toBe(holder);
          const tookMs = world.runs[1]!.fromMs - atMs;
          longest = Math.max(longest, tookMs);
          // A stall is noticed after `stallMs`; and the model adds messages inside the host.
          expect(tookMs).toBeLessThanOrEqual(bound + 10 + (kind === 'stall' ? STALL_MS * 1.1 : 0));
        },
      ),
      { numRuns: 60 },
    );
    expect(longest).toBeGreaterThan(bound / 2);
  }, 60_000);

  test('a stalled standby does not take over, and a stall shorter than the permission costs nothing', () => {
    for (let seed = 0; seed < 12; seed += 1) {
      const holder = play({ seed, given: [] }).runs[0]!.host;
      const short = play({ seed, given: [{ kind: 'stall', host: holder, atMs: 3_000, forMs: 140 }] });
      expect(short.runs).toHaveLength(1);
      const both = play({
        seed,
        given: [
          { kind: 'stall', host: 1 - holder, atMs: 2_000, forMs: FOR_MS },
          { kind: 'kill', host: holder, atMs: 3_000, forMs: FOR_MS },
        ],
      });
      expect(both.runs).toHaveLength(1);
    }
  }, 60_000);

  test('a handover leaves the lease to the other side, and takes it back when that one dies at once', () => {
    for (let seed = 0; seed < 12; seed += 1) {
      const holder = play({ seed, given: [] }).runs[0]!.host;
      const handover: Fault = { kind: 'handover', host: holder, atMs: 3_000, forMs: 1 };
      const world = play({ seed, given: [handover] });
      expect(world.runs.map(({ host }) => host)).toEqual([holder, 1 - holder]);
      const gap = world.runs[1]!.fromMs - world.runs[0]!.toMs;
      expect(gap).toBeGreaterThan(0);
      expect(gap).toBeLessThan(ENGINE_LEASE_TIMING.observeEveryMs * 1.1 + 100);
      const taken = Math.ceil(world.runs[1]!.fromMs) + 10;
      const again = play({
        seed,
        given: [handover, { kind: 'kill', host: 1 - holder, atMs: taken, forMs: FOR_MS }],
      });
      expect(again.runs.map(({ host }) => host)).toEqual([holder, 1 - holder, holder]);
      expect(again.runs[2]!.fromMs - taken).toBeLessThan(takeoverBoundMs(ENGINE_LEASE_TIMING) + 10);
    }
  }, 60_000);
});
