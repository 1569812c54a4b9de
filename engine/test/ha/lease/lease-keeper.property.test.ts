import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  DEFAULT_LEASE_TIMING,
  type LeaseTiming,
  safetyMarginMs,
  takeoverBoundMs,
} from '../../../src/ha/lease/index.js';
import { type Fault, LeaseWorld } from './lease-world.js';

const FOR_MS = 40_000;
/** Histories of random faults; set for a long search. */
const RUNS = Number(process.env.TRADEWIND_MODEL_RUNS ?? 120);

const faults = fc.array(
  fc.record<Fault>({
    kind: fc.constantFrom('pause', 'partition', 'lossy', 'slow', 'kill', 'handover', 'fence', 'unhealthy'),
    host: fc.nat(2),
    atMs: fc.nat(FOR_MS - 8_000),
    forMs: fc.integer({ min: 1, max: 12_000 }),
  }),
  { maxLength: 12 },
);

function play(timing: LeaseTiming, hosts: number, seed: number, given: readonly Fault[]): LeaseWorld {
  const world = new LeaseWorld({ hosts, timing, seed, faults: given, forMs: FOR_MS });
  world.play();
  return world;
}

describe('two or three keepers over one lease table', () => {
  test('never let two engines run at one instant, and epochs only grow', () => {
    let started = 0;
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 3 }), fc.integer(), faults, (hosts, seed, given) => {
        const world = play(DEFAULT_LEASE_TIMING, hosts, seed, given);
        started += world.runs.length;
        expect(world.overlaps).toEqual([]);
        expect(world.epochs).toEqual([...new Set(world.epochs)].sort((a, b) => a - b));
        // One epoch never has two engines.
        const epochs = world.runs.map(({ epoch }) => epoch);
        expect(new Set(epochs).size).toBe(epochs.length);
      }),
      { numRuns: RUNS },
    );
    // The property is about engines that ran: most runs must have changed leaders.
    expect(started).toBeGreaterThan(2 * RUNS);
  }, 600_000);

  test('a row that is deleted or replaced by an old one never lets two engines run', () => {
    // A second mistake before the hosts have settled after the first can not be told from it.
    const mistakes = [10_000, 20_000, 30_000];
    fc.assert(
      fc.property(
        fc.integer(),
        fc.array(fc.record({ host: fc.nat(1), laterMs: fc.nat(4_000) }), { minLength: 1, maxLength: 3 }),
        (seed, given) => {
          const world = play(DEFAULT_LEASE_TIMING, 2, seed, [
            // Leaves a row without a holder behind, for the one that puts it back.
            { kind: 'handover', host: 0, atMs: 5_000, forMs: 1 },
            { kind: 'handover', host: 1, atMs: 5_000, forMs: 1 },
            ...given.map(({ host, laterMs }, index) => ({
              kind: 'erase' as const,
              host,
              atMs: mistakes[index]! + laterMs,
              forMs: 1,
            })),
          ]);
          expect(world.overlaps).toEqual([]);
          expect(world.runs.length).toBeGreaterThan(2);
        },
      ),
      { numRuns: RUNS },
    );
  }, 120_000);

  test('without the safety margin the same model finds two engines at once', () => {
    const unsafe = { ...DEFAULT_LEASE_TIMING, selfFenceMs: 2_480, expireAfterMs: 2_500 };
    expect(safetyMarginMs(unsafe)).toBeLessThan(0);
    let overlaps = 0;
    for (let seed = 0; seed < 200 && overlaps === 0; seed += 1) {
      const given: Fault[] = [{ kind: 'pause', host: seed % 2, atMs: 3_000 + seed, forMs: 9_000 }];
      overlaps += play(unsafe, 2, seed, [...given, { ...given[0]!, host: (seed + 1) % 2, atMs: 18_000 }])
        .overlaps.length;
    }
    expect(overlaps).toBeGreaterThan(0);
  });

  test('a dead, cut off or paused holder is replaced within the stated bound', () => {
    const bound = takeoverBoundMs(DEFAULT_LEASE_TIMING);
    let longest = 0;
    fc.assert(
      fc.property(
        fc.integer(),
        fc.constantFrom<Fault['kind']>('kill', 'pause', 'partition'),
        fc.integer({ min: 5_000, max: 9_000 }),
        (seed, kind, atMs) => {
          const before = play(DEFAULT_LEASE_TIMING, 2, seed, []);
          const holder = before.runs[0]!.host;
          const world = play(DEFAULT_LEASE_TIMING, 2, seed, [{ kind, host: holder, atMs, forMs: FOR_MS }]);
          expect(world.overlaps).toEqual([]);
          expect(world.runs).toHaveLength(2);
          expect(world.runs[1]!.host).not.toBe(holder);
          const tookMs = world.runs[1]!.fromMs - atMs;
          longest = Math.max(longest, tookMs);
          // What the model adds to the claim: two messages inside the host.
          expect(tookMs).toBeLessThanOrEqual(bound + 10);
        },
      ),
      { numRuns: 60 },
    );
    // A bound ten times too long would say nothing.
    expect(longest).toBeGreaterThan(bound / 2);
  }, 60_000);

  test('lost replies alone never cost the leader its lease while others get through', () => {
    let served = 0;
    let possible = 0;
    for (let seed = 0; seed < 20; seed += 1) {
      const world = play(DEFAULT_LEASE_TIMING, 2, seed, [
        { kind: 'lossy', host: 0, atMs: 0, forMs: FOR_MS },
        { kind: 'lossy', host: 1, atMs: 0, forMs: FOR_MS },
      ]);
      expect(world.overlaps).toEqual([]);
      served += world.runs.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
      possible += FOR_MS - world.runs[0]!.fromMs;
    }
    // Two of five messages of every kind are lost.
    expect(served / possible).toBeGreaterThan(0.6);
  });

  test('a planned handover is answered and leaves no engine of the old side', () => {
    const calm = play(DEFAULT_LEASE_TIMING, 2, 3, []);
    const holder = calm.runs[0]!.host;
    const world = play(DEFAULT_LEASE_TIMING, 2, 3, [
      { kind: 'handover', host: holder, atMs: 5_000, forMs: 1 },
    ]);
    expect(world.runs.map(({ host }) => host)).toEqual([holder, 1 - holder]);
    const gap = world.runs[1]!.fromMs - world.runs[0]!.toMs;
    expect(gap).toBeGreaterThan(0);
    expect(gap).toBeLessThan(DEFAULT_LEASE_TIMING.observeEveryMs + 100);
  });
});
