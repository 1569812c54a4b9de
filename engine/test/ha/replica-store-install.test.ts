import { describe, expect, it } from '@jest/globals';
import { FolderReplicaStore } from '../../src/ha/replication/replica-store.js';
import {
  JOURNAL_START,
  type JournalPosition,
  listSnapshots,
  type RecoveredKernel,
  readJournal,
  recoverKernel,
  SnapshotMaker,
  snapshotName,
  verifyJournal,
} from '../../src/journal/index.js';
import { HistoryJournal, kernelOf, optionsOf } from '../journal/support/journaled.js';
import { mulberry } from '../journal/support/records.js';
import { makeHistory } from '../kernel/support/history.js';
import { MemoryDisk } from '../support/memory-disk.js';

const SEGMENT = { segmentBytes: 16 * 1024 };
const LENGTH = 600;
const AT = 400;
const history = makeHistory(5, LENGTH, undefined, true);

/** What the leader sends: a snapshot after the first steps, its position, and the records after it. */
const sent = (() => {
  const disk = new MemoryDisk();
  const journal = new HistoryJournal(disk, JOURNAL_START, SEGMENT.segmentBytes);
  journal.write(history.steps.slice(0, AT));
  const at: JournalPosition = journal.writer.position;
  new SnapshotMaker(disk, { makeKernel: kernelOf, today: optionsOf(0), every: 1 }).step(at.sequence);
  const name = snapshotName(at.sequence);
  journal.write(history.steps.slice(AT));
  journal.writer.close();
  const rest = [...readJournal(disk, { from: at.sequence + 1 })].map(({ bytes }) => bytes.slice());
  return { at, name, snapshot: disk.bytes(name).slice(), rest };
})();

/** A standby that was away for long: a journal of its own, of another history, snapshots and all. */
function outdated(): MemoryDisk {
  const disk = new MemoryDisk();
  const journal = new HistoryJournal(disk, JOURNAL_START, SEGMENT.segmentBytes);
  const maker = new SnapshotMaker(disk, { makeKernel: kernelOf, today: optionsOf(0), every: 1 });
  const steps = makeHistory(6, 300, undefined, true).steps;
  for (const [from, to] of [
    [0, 100],
    [100, 200],
    [200, 300],
  ] as const) {
    journal.write(steps.slice(from, to));
    maker.step(journal.writer.synced);
  }
  journal.writer.close();
  return disk;
}

const recover = (disk: MemoryDisk): RecoveredKernel =>
  recoverKernel(disk, { makeKernel: kernelOf, today: optionsOf(history.steps.at(-1)!.variant) });

function damageOf(disk: MemoryDisk): unknown[] {
  const steps = verifyJournal(disk);
  for (;;) {
    const step = steps.next();
    if (step.done) return [...step.value.damage];
  }
}

describe('a snapshot put in the place of a journal', () => {
  it('is recovered from when no record follows it yet, however often', () => {
    const disk = outdated();
    new FolderReplicaStore(disk, SEGMENT, recover(disk).position).install(sent.name, sent.snapshot, sent.at);
    for (let start = 0; start < 3; start++) {
      disk.crash(() => 0.5);
      const recovered = recover(disk);
      expect(recovered).toMatchObject({ position: sent.at, snapshotSequence: sent.at.sequence, faults: [] });
      const store = new FolderReplicaStore(disk, SEGMENT, recovered.position);
      if (start === 1) store.close();
    }
    expect(damageOf(disk)).toEqual([]);
    const store = new FolderReplicaStore(disk, SEGMENT, recover(disk).position);
    for (const record of sent.rest) store.append(record);
    store.close();
    const recovered = recover(disk);
    expect(recovered.kernel.stateHash()).toBe(history.kernel.stateHash());
    expect(recovered.differences).toBe(0);
    expect(damageOf(disk)).toEqual([]);
  });

  it('is never a dead end, wherever the power is lost: what is there then can be recovered from, or is none', () => {
    const ends = new Set<number>();
    for (let stopAt = 0, done = false; !done; stopAt++) {
      const disk = outdated();
      const before = recover(disk).position;
      const store = new FolderReplicaStore(disk, SEGMENT, before);
      let operations = 0;
      disk.onOperation = () => {
        if (operations++ === stopAt) throw new Error('the power is lost');
      };
      try {
        store.install(sent.name, sent.snapshot, sent.at);
        done = true;
      } catch (error) {
        expect((error as Error).message).toBe('the power is lost');
      }
      disk.onOperation = undefined;
      disk.crash(mulberry(stopAt));
      const { position } = recover(disk);
      ends.add(position.sequence);
      expect([0, before.sequence, sent.at.sequence]).toContain(position.sequence);
      // The next attempt gets there.
      const next = new FolderReplicaStore(disk, SEGMENT, position);
      next.install(sent.name, sent.snapshot, sent.at);
      expect(recover(disk)).toMatchObject({ position: sent.at, snapshotSequence: sent.at.sequence });
      expect(listSnapshots(disk)).toEqual([sent.at.sequence]);
    }
    expect(ends.size).toBe(3);
  });
});

it('a standby told to go back behind its oldest snapshot and record begins anew', () => {
  const disk = outdated();
  const store = new FolderReplicaStore(disk, SEGMENT, recover(disk).position);
  // As retention leaves it: what came before the oldest snapshot is gone.
  for (const name of disk.list().filter((found) => found.endsWith('.twj'))) {
    const first = Number(name.slice(0, 16));
    if (first + 40 < listSnapshots(disk)[0]!) disk.remove(name);
  }
  store.setAside(listSnapshots(disk)[0]! - 1);
  expect(store.position).toEqual(JOURNAL_START);
  expect(recover(disk)).toMatchObject({ position: JOURNAL_START, events: 0 });
});
