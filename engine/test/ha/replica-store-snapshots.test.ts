import { expect, it } from '@jest/globals';
import { FolderReplicaStore } from '../../src/ha/replication/replica-store.js';
import { JOURNAL_START, listSnapshots, recoverJournal, writeSnapshot } from '../../src/journal/index.js';
import { concat, makeFiller } from '../journal/support/records.js';
import { MemoryDisk } from '../support/memory-disk.js';

const SEGMENT = { segmentBytes: 64 * 1024 };

function snapshotOf(disk: MemoryDisk, sequence: number): void {
  const nothing = new Uint8Array(0);
  writeSnapshot(disk, { sequence, epoch: 1, checksum: 0, stateHash: '', options: nothing, state: nothing });
}

it('forgets snapshots of records that it takes back', () => {
  const disk = new MemoryDisk();
  const store = new FolderReplicaStore(disk, SEGMENT, JOURNAL_START);
  store.append(concat([1, 2, 3, 4].map((sequence) => makeFiller(sequence, 1, 50))));
  store.sync();
  snapshotOf(disk, 2);
  snapshotOf(disk, 4);
  store.setAside(3);
  expect(listSnapshots(disk)).toEqual([2]);
  store.close();
  const durable = listSnapshots(disk).at(-1)!;
  expect(recoverJournal(disk, { durable }).position.sequence).toBe(3);
});
