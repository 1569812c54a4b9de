import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { recoverJournal } from '../../../src/journal/index.js';
import { DIVERGED_PREFIX } from '../../../src/journal/set-aside.js';
import { contents, PairWorld } from './pair-world.js';

const some = fc.integer({ min: 1, max: 12 });
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('write' as const), n: some }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('sync' as const), n: some }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('turn' as const),
      n: fc.oneof(some, fc.integer({ min: 1, max: 4_000 })),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('connect', 'disconnect') as fc.Arbitrary<'connect' | 'disconnect'>,
      n: some,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('crashLeader', 'crashStandby', 'failOver', 'retain', 'slow') as fc.Arbitrary<
        'crashLeader' | 'crashStandby' | 'failOver' | 'retain' | 'slow'
      >,
      n: some,
    }),
  },
);

describe('replication', () => {
  it('ends with two equal journals, and never acknowledges what a crash can take away', () => {
    let snapshots = 0;
    let divergences = 0;
    fc.assert(
      fc.property(
        fc.array(action, { minLength: 20, maxLength: 120, size: 'max' }),
        fc.infiniteStream(fc.double({ min: 0, max: 0.999_999, noNaN: true })),
        (actions, stream) => {
          const random = () => stream.next().value as number;
          const world = new PairWorld();
          for (const { do: what, n } of actions) {
            const { acked } = world;
            const held = contents(world.leading.disk).slice(0, acked);
            switch (what) {
              case 'write':
                world.write(n, random);
                break;
              case 'sync':
                world.writer.sync();
                break;
              case 'turn':
                world.turn(n, Math.ceil(random() * 200));
                break;
              case 'slow':
                world.room = n * 100;
                break;
              case 'crashStandby': {
                world.crash(1 - world.leader, random);
                const kept = contents(world.following.disk);
                for (let i = 0; i < acked; i++) {
                  if (held[i] !== undefined && kept[i] !== undefined) expect(kept[i]).toBe(held[i]);
                }
                expect(world.store.position.sequence).toBeGreaterThanOrEqual(acked);
                world.acked = 0;
                break;
              }
              case 'crashLeader':
                world.crash(world.leader, random);
                world.acked = 0;
                break;
              default:
                world[what]();
                if (what !== 'retain') world.acked = 0;
            }
          }
          // Retention may take records away under a standby that reads slowly.
          expect(world.errors.filter((code) => code !== 'TW_REPLICATION_JOURNAL')).toEqual([]);
          world.errors.length = 0;
          world.settle();
          expect(world.errors).toEqual([]);
          expect(world.source!.isLive).toBe(true);
          world.write(3, random);
          for (let i = 0; i < 5; i++) world.turn(1 << 20, 1 << 20);
          const { written } = world.writer;
          expect(world.source!.acked).toBe(written);
          expect(world.store.position).toEqual(world.writer.position);
          const [ours, theirs] = [contents(world.leading.disk), contents(world.following.disk)];
          for (let i = 0; i < written; i++) {
            if (ours[i] !== undefined && theirs[i] !== undefined) expect(theirs[i]).toBe(ours[i]);
          }
          // What the leader keeps the standby has, in its journal or in the snapshot it was sent.
          const replica = world.following.replica;
          expect(replica.length).toBe(written);
          for (let i = 0; i < written; i++) if (replica[i] !== undefined) expect(replica[i]).toBe(theirs[i]);
          for (const { disk } of world.nodes) disk.kill();
          expect(recoverJournal(world.following.disk).position.sequence).toBe(written);
          const names = world.following.disk.list();
          if (names.some((name) => name.startsWith('snapshot-'))) snapshots++;
          if (names.some((name) => name.startsWith(DIVERGED_PREFIX))) divergences++;
        },
      ),
      { numRuns: 200 },
    );
    // The runs went where they were meant to go.
    expect(snapshots).toBeGreaterThan(5);
    expect(divergences).toBeGreaterThan(5);
  });
});
