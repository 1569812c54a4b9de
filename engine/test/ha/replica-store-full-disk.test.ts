import { describe, expect, it } from '@jest/globals';
import { FolderReplicaStore } from '../../src/ha/replication/replica-store.js';
import {
  JOURNAL_START,
  type JournalPosition,
  recoverJournal,
  snapshotName,
} from '../../src/journal/index.js';
import { makeFiller, readAll } from '../journal/support/records.js';
import { MemoryDisk } from '../support/memory-disk.js';

const MIB = 1024 * 1024;
const SEGMENT_BYTES = MIB;
const KEPT = 40 * MIB;

const open = (disk: MemoryDisk, keepFreeBytes = KEPT, at: JournalPosition = JOURNAL_START) =>
  new FolderReplicaStore(disk, { segmentBytes: SEGMENT_BYTES, keepFreeBytes }, at);

/** Appends records of a quarter of a MiB until it is told to stop; returns how many went in. */
function fill(store: FolderReplicaStore, from = 1): { readonly written: number; readonly error: unknown } {
  for (let i = from; ; i++) {
    try {
      store.append(makeFiller(i, 1, 256 * 1024));
      store.sync();
    } catch (error) {
      return { written: i - 1, error };
    }
  }
}

describe('the standby’s journal on a full disk', () => {
  it('leaves room for others, says so, and goes on where it was when there is some again', () => {
    const disk = new MemoryDisk({ capacity: 64 * MIB });
    const other = disk.create('somebody.else');
    other.write(new Uint8Array(8 * MIB), 0);
    const store = open(disk);
    expect(store.full).toBeUndefined();
    const { written, error } = fill(store);
    expect(error).toMatchObject({
      code: 'TW_REPLICATION_FULL',
      message: `replication: the standby's disk is full: fewer than ${KEPT} bytes are free`,
    });
    // Free space is asked for every 8 MiB.
    expect(disk.freeBytes()).toBeGreaterThan(KEPT - 9 * MIB);
    expect(written).toBeGreaterThan(40);
    expect(store.position.sequence).toBe(written);
    expect(store.full).toBe(`fewer than ${KEPT} bytes are free`);
    // A little room would be full again at once.
    other.truncate(8 * MIB - (KEPT - disk.freeBytes()) - 1024);
    expect(disk.freeBytes()).toBeGreaterThanOrEqual(KEPT);
    store.lookForRoom();
    expect(store.full).toBeDefined();
    disk.remove('somebody.else');
    disk.remove('0000000000000001.twj');
    store.lookForRoom();
    expect(store.full).toBeUndefined();
    store.append(makeFiller(written + 1, 1, 100));
    store.close();
    expect(recoverJournal(disk).position.sequence).toBe(written + 1);
  });

  it('prepares no file with what is left', () => {
    const disk = new MemoryDisk({ capacity: KEPT + SEGMENT_BYTES / 2 });
    const store = open(disk);
    for (let i = 0; i < 100; i++) expect(store.prepare()).toBe(false);
    expect(disk.freeBytes()).toBe(disk.capacity);
    store.append(makeFiller(1, 1, 100));
    store.close();
  });

  it('takes what was written when others have taken the rest, and loses nothing of it', () => {
    const disk = new MemoryDisk();
    const store = open(disk);
    store.append(makeFiller(1, 1, 1000));
    store.sync();
    disk.failWritesAfter(500);
    expect(() => store.append(makeFiller(2, 1, 1000))).toThrow(
      expect.objectContaining({ code: 'TW_REPLICATION_FULL' }),
    );
    // The folder says that there is room, as where there is a quota.
    store.lookForRoom();
    expect(store.full).toMatch(/ENOSPC/);
    expect(store.position.sequence).toBe(1);
    disk.failWritesAfter(undefined);
    store.lookForRoom();
    expect(store.full).toBeUndefined();
    expect(disk.list()).toEqual(['0000000000000001.twj']);
    store.append(makeFiller(2, 1, 1000));
    store.close();
    expect(recoverJournal(disk).position.sequence).toBe(2);
    expect(readAll(disk).records).toHaveLength(2);
  });

  it('does not touch its journal for a snapshot that has no room', () => {
    const disk = new MemoryDisk({ capacity: KEPT + 3 * MIB });
    const store = open(disk);
    store.append(makeFiller(1, 1, 1000));
    const before = disk.list();
    const at = { sequence: 50, epoch: 2, chain: 7 };
    const install = (bytes: number) => store.install(snapshotName(50), new Uint8Array(bytes), at);
    expect(() => install(4 * MIB)).toThrow(expect.objectContaining({ code: 'TW_REPLICATION_FULL' }));
    expect(disk.list()).toEqual(before);
    expect(store.position.sequence).toBe(1);
    install(MIB);
    expect(store.position).toEqual(at);
  });
});
