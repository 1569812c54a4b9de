import { beforeEach, describe, expect, it } from '@jest/globals';
import { FolderReplicaStore } from '../../src/ha/replication/replica-store.js';
import {
  JOURNAL_START,
  listSnapshots,
  readSnapshot,
  recoverJournal,
  SharedFolder,
  SnapshotMaker,
  snapshotName,
} from '../../src/journal/index.js';
import { makeHistory } from '../kernel/support/history.js';
import { MemoryDisk } from '../support/memory-disk.js';
import { HistoryJournal, kernelOf, optionsOf } from './support/journaled.js';

const SEGMENT = { segmentBytes: 16 * 1024 };
const LENGTH = 400;
const history = makeHistory(5, LENGTH, undefined, true);

describe('snapshots of a folder in which a standby writes', () => {
  let disk: MemoryDisk;
  let shared: SharedFolder;
  let store: FolderReplicaStore;
  let end: number;
  /** Happens on the other thread while a snapshot is being made. */
  let meanwhile: () => void;
  let maker: SnapshotMaker;

  beforeEach(() => {
    disk = new MemoryDisk();
    const journal = new HistoryJournal(disk, JOURNAL_START, SEGMENT.segmentBytes);
    journal.write(history.steps);
    journal.writer.close();
    const { position } = recoverJournal(disk);
    end = position.sequence;
    shared = new SharedFolder();
    store = new FolderReplicaStore(disk, { ...SEGMENT, shared }, position);
    meanwhile = () => {};
    maker = new SnapshotMaker(disk, {
      makeKernel: (options) => {
        meanwhile();
        return kernelOf(options);
      },
      today: optionsOf(0),
      every: 100,
      shared: new SharedFolder(shared.memory),
    });
  });

  it('are of what its store says is durable', () => {
    expect(maker.step()).toMatchObject({ sequence: end, differences: 0 });
    expect(readSnapshot(disk, end).stateHash).toBe(history.kernel.stateHash());
    expect(maker.step()).toBeUndefined();
  });

  it('do not come to be when their records are taken out meanwhile', () => {
    meanwhile = () => {
      meanwhile = () => {};
      store.setAside(150);
    };
    // The replay may meet what is not there any more, or get to an end.
    try {
      expect(maker.step()).toBeUndefined();
    } catch {
      expect(maker.wasReplaced).toBe(true);
    }
    expect(listSnapshots(disk)).toEqual([]);
    expect(disk.list().filter((name) => name.includes('.snapshot'))).toEqual([]);
    // The next one is of the history that is left.
    expect(maker.step()).toMatchObject({ sequence: 150 });
  });

  it('do not stand beside the one that takes the place of the journal', () => {
    // Of the leader: further on than anything here.
    const at = { ...store.position, sequence: 5_000 };
    expect(maker.step()).toMatchObject({ sequence: end });
    const file = disk.bytes(snapshotName(end)).slice();
    meanwhile = () => {
      meanwhile = () => {};
      store.install(snapshotName(5_000), file, at);
    };
    disk.remove(snapshotName(end));
    const other = new SnapshotMaker(disk, {
      makeKernel: (options) => {
        meanwhile();
        return kernelOf(options);
      },
      ...{ today: optionsOf(0), every: 100, shared: new SharedFolder(shared.memory) },
    });
    try {
      expect(other.step()).toBeUndefined();
    } catch {
      expect(other.wasReplaced).toBe(true);
    }
    expect(listSnapshots(disk)).toEqual([5_000]);
    expect(shared.synced).toBe(5_000);
    // Nothing is new since that one.
    expect(other.step()).toBeUndefined();
  });

  it('wait until it is told anew how far is durable, where an attempt to replace the history failed', () => {
    expect(() =>
      shared.anew(() => {
        throw new Error('the disk is full');
      }),
    ).toThrow('the disk is full');
    expect(maker.step()).toBeUndefined();
    store.setAside(300);
    expect(maker.step()).toMatchObject({ sequence: 300 });
  });
});
