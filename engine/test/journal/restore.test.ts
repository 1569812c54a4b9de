import { describe, expect, it } from '@jest/globals';
import {
  describeSegments,
  JOURNAL_START,
  JournalError,
  listSegments,
  type RestoreReport,
  recoverJournal,
  restoreJournal,
  SegmentWriter,
  verifyJournal,
  writeSnapshot,
} from '../../src/journal/index.js';
import { ANEW_MARK } from '../../src/journal/set-aside.js';
import { MemoryDisk } from '../support/memory-disk.js';
import { makeFiller, mulberry, readAll } from './support/records.js';

function drain<R>(steps: Generator<unknown, R>): R {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

const snapshot = (sequence: number) => ({
  sequence,
  epoch: 1,
  checksum: 1,
  stateHash: 'aa',
  options: new Uint8Array(0),
  state: Uint8Array.of(1, 2, 3),
});

function journal(records: number): MemoryDisk {
  const disk = new MemoryDisk();
  const writer = SegmentWriter.open(disk, { segmentBytes: 4096 }, JOURNAL_START);
  for (let i = 1; i <= records; i++) writer.append(makeFiller(i, 1, 100));
  writer.close();
  writeSnapshot(disk, snapshot(records - 5));
  return disk;
}

/** The same with its second segment missing. */
function damagedCopy(disk: MemoryDisk): MemoryDisk {
  const copy = new MemoryDisk();
  for (const name of disk.list()) if (name !== listSegments(disk)[1]!.name) copy.put(name, disk.bytes(name));
  return copy;
}

describe('a restore', () => {
  it('killed at any instant leaves a folder that is refused, or restored', () => {
    const source = journal(100);
    const whole = readAll(source);
    let refused = 0;
    for (let stop = 0; ; stop++) {
      const target = damagedCopy(source);
      let left = stop;
      target.onOperation = () => {
        if (left-- < 1) throw new Error('killed');
      };
      let report: RestoreReport | undefined;
      try {
        report = drain(restoreJournal(source, target));
      } catch (error) {
        expect((error as Error).message).toBe('killed');
      }
      target.onOperation = undefined;
      target.crash(mulberry(stop));
      try {
        recoverJournal(target);
        expect(readAll(target)).toEqual(whole);
      } catch (error) {
        expect(error).toMatchObject({ code: 'TW_JOURNAL_DAMAGED' });
        expect(drain(verifyJournal(target)).damage.length).toBeGreaterThan(0);
        refused++;
        // Nothing of the old is lost, and running it again ends well.
        drain(restoreJournal(source, target));
        expect(readAll(target)).toEqual(whole);
        expect(drain(verifyJournal(target)).damage).toEqual([]);
      }
      for (const name of damagedCopy(source).list()) {
        const kept = target.list().filter((other) => other.startsWith(`${name}.aside-`));
        const isKept = kept.some((other) => Buffer.compare(target.bytes(other), source.bytes(name)) === 0);
        expect([name, isKept]).toEqual([name, true]);
      }
      if (report !== undefined) {
        expect(report).toMatchObject({ firstSequence: 1, lastSequence: 100 });
        break;
      }
    }
    expect(refused).toBeGreaterThan(10);
  });

  it('into the folder of a standby that was interrupted in making room for a snapshot is not undone by the next start', () => {
    const source = journal(100);
    const target = damagedCopy(source);
    target.put(ANEW_MARK, new Uint8Array(0));
    drain(restoreJournal(source, target));
    recoverJournal(target);
    expect(readAll(target)).toEqual(readAll(source));
  });

  it('that finds the disk full can be run again', () => {
    const source = journal(100);
    const target = damagedCopy(source);
    target.failWritesAfter(5000);
    expect(() => drain(restoreJournal(source, target))).toThrow(/ENOSPC/);
    expect(() => recoverJournal(target)).toThrow(/a restore into this folder was interrupted/);
    target.failWritesAfter(undefined);
    drain(restoreJournal(source, target));
    expect(readAll(target)).toEqual(readAll(source));
  });
});

describe('verify', () => {
  it('finds damaged snapshots, and those of records that are gone', () => {
    const disk = journal(100);
    expect(drain(verifyJournal(disk))).toMatchObject({ records: 100, snapshots: 1, damage: [] });
    writeSnapshot(disk, snapshot(120));
    const bad = disk.bytes('0000000000000095.snapshot').slice();
    bad[40]! ^= 1;
    disk.put('0000000000000095.snapshot', bad);
    const { damage } = drain(verifyJournal(disk));
    expect(damage).toHaveLength(2);
    expect(damage[0]).toBeInstanceOf(JournalError);
    expect(damage[0]).toMatchObject({ code: 'TW_JOURNAL_CHECKSUM', file: '0000000000000095.snapshot' });
    expect(damage[1]!.message).toContain('it is of record 120, but the journal ends with 100');
  });

  it('tells the same of each segment as a look at heads and footers, where nothing is damaged', () => {
    const disk = journal(100);
    expect(drain(verifyJournal(disk)).segments).toEqual(describeSegments(disk));
    expect(describeSegments(disk).map(({ state }) => state)).toEqual([
      'closed',
      'closed',
      'closed',
      'closed',
    ]);
  });

  it('tells how far it is', () => {
    const disk = journal(100);
    const steps = [...verifyJournal(disk)];
    expect(steps.at(-1)!.done).toBe(steps.at(-1)!.total);
    for (const [i, { done }] of steps.entries()) expect(done).toBeGreaterThanOrEqual(steps[i - 1]?.done ?? 0);
  });
});
