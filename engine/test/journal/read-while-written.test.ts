import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  compressSegment,
  describeSegments,
  JOURNAL_START,
  type JournalFile,
  listSegments,
  SegmentWriter,
  verifyJournal,
} from '../../src/journal/index.js';
import { MemoryDisk } from '../support/memory-disk.js';
import { makeFiller, readAll } from './support/records.js';

const SEGMENT = { segmentBytes: 8192 };

/** A disk on which somebody goes on writing between any two reads of somebody else. */
class BusyDisk extends MemoryDisk {
  between: () => void = () => {};

  override open(name: string): JournalFile {
    const file = super.open(name);
    const between = () => this.between();
    return {
      name: file.name,
      get size() {
        const { size } = file;
        between();
        return size;
      },
      read: (into, at) => {
        const count = file.read(into, at);
        between();
        return count;
      },
      write: (bytes, at) => file.write(bytes, at),
      sync: () => file.sync(),
      truncate: (size) => file.truncate(size),
      close: () => file.close(),
    };
  }
}

function busyDisk(first: number): { disk: BusyDisk; write: (count: number) => void } {
  const disk = new BusyDisk();
  const writer = SegmentWriter.open(disk, SEGMENT, JOURNAL_START);
  let next = 1;
  let isWriting = false;
  let batches = 0;
  while (!writer.prepareSpare());
  const write = (count: number) => {
    if (isWriting) return;
    isWriting = true;
    for (let i = 0; i < count; i++) writer.append(makeFiller(next, 1, 40 + (next++ % 9)));
    // Most of it is neither durable nor followed by a mark yet.
    if (batches++ % 3 === 0) writer.sync();
    isWriting = false;
  };
  write(first);
  return { disk, write };
}

function verify(disk: MemoryDisk) {
  const steps = verifyJournal(disk);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

describe('a journal that is being written', () => {
  it('is sound to whoever reads, verifies or lists it, at whatever moment', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 150 }),
        fc.array(fc.nat(12), { minLength: 1, maxLength: 40 }),
        (first, counts) => {
          for (const look of [verify, describeSegments, readAll]) {
            const { disk, write } = busyDisk(first);
            const left = [...counts];
            disk.between = () => write(left.shift() ?? 0);
            const found = look(disk);
            const problems = Array.isArray(found)
              ? found.filter(({ damage }) => damage !== undefined)
              : 'damage' in found
                ? found.damage
                : [found.error].filter((error) => error !== undefined);
            expect(problems).toEqual([]);
            // Nor is what came between two looks a tail to be cut off.
            const segments = Array.isArray(found) ? found : 'segments' in found ? found.segments : [];
            expect(segments.map(({ state }) => state)).not.toContain('torn');
          }
        },
      ),
    );
  });

  it('is sound while its old segments are compressed and deleted', () => {
    const { disk } = busyDisk(400);
    const [first, second, third] = listSegments(disk);
    disk.between = () => {
      disk.between = () => {};
      disk.remove(first!.name);
      for (const segment of [second!, third!]) for (const _ of compressSegment(disk, segment));
    };
    const { damage, segments } = verify(disk);
    expect(damage).toEqual([]);
    expect(segments.length).toBe(listSegments(disk).length);
  });

  it('is sound while what has been looked at and what comes next are deleted', () => {
    const { disk } = busyDisk(400);
    const [first, second] = listSegments(disk);
    const steps = verifyJournal(disk);
    expect(steps.next().done).toBe(false);
    for (const { name } of [first!, second!]) disk.remove(name);
    let step = steps.next();
    while (!step.done) step = steps.next();
    expect(step.value.damage).toEqual([]);
    expect(step.value.segments.map(({ name }) => name)).toEqual([
      first!.name,
      ...listSegments(disk).map(({ name }) => name),
    ]);
  });

  it('is damaged all the same when a segment in its middle goes', () => {
    const { disk } = busyDisk(400);
    const [, second] = listSegments(disk);
    disk.remove(second!.name);
    expect(verify(disk).damage).toHaveLength(1);
  });
});
