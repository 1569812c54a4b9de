import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  JOURNAL_START,
  makeRecord,
  RecordType,
  recoverJournal,
  SegmentWriter,
  snapshotName,
} from '../../src/journal/index.js';
import { DIVERGED_PREFIX, setAside } from '../../src/journal/set-aside.js';
import { contents } from '../ha/replication/pair-world.js';
import { MemoryDisk } from '../support/memory-disk.js';

/** A closed journal of `count` records in several segments, with a snapshot after each tenth. */
function makeJournal(count: number): MemoryDisk {
  const disk = new MemoryDisk();
  const writer = SegmentWriter.open(disk, { segmentBytes: 600 }, JOURNAL_START);
  for (let i = 1; i <= count; i++) {
    writer.append(makeRecord(RecordType.Event, i, 1 + Math.floor(i / 17), i, (out) => out.number(i)));
    if (i % 10 === 0) disk.put(snapshotName(i), Uint8Array.of(i));
  }
  writer.close();
  return disk;
}

describe('setAside', () => {
  it('leaves exactly what it was told to, keeps the rest, and may be cut short anywhere', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.nat(60),
        fc.nat(40),
        fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
        (count, wanted, stopAt, random) => {
          const keep = Math.min(wanted, count);
          const disk = makeJournal(count);
          const all = contents(disk);
          let operations = 0;
          disk.onOperation = () => {
            if (operations++ === stopAt) throw new Error('the power is lost');
          };
          let isDone = false;
          try {
            setAside(disk, keep);
            isDone = true;
          } catch (error) {
            expect((error as Error).message).toBe('the power is lost');
          }
          disk.onOperation = undefined;
          if (!isDone) {
            disk.crash(() => random.next().value as number);
            const { position } = recoverJournal(disk);
            expect(position.sequence).toBeGreaterThanOrEqual(keep);
            expect(contents(disk)).toEqual(all.slice(0, position.sequence));
            setAside(disk, keep);
          }
          expect(recoverJournal(disk).position.sequence).toBe(keep);
          expect(contents(disk)).toEqual(all.slice(0, keep));
          // Every byte that was taken out is in a file beside the journal.
          const kept = disk.list().filter((name) => name.startsWith(DIVERGED_PREFIX));
          const bytes = Buffer.concat(kept.map((name) => disk.bytes(name)));
          for (let i = keep + 1; i <= count; i++) {
            const record = makeRecord(RecordType.Event, i, 1 + Math.floor(i / 17), i, (out) => out.number(i));
            expect(bytes.includes(Buffer.from(record))).toBe(true);
          }
          const snapshots = disk
            .list()
            .filter((name) => name.endsWith('.snapshot') && !name.startsWith(DIVERGED_PREFIX));
          expect(snapshots.length).toBe(Math.floor(keep / 10));
        },
      ),
      { numRuns: 300 },
    );
  });
});
