import { expect, it } from '@jest/globals';
import { JOURNAL_START, recoverJournal, SegmentWriter } from '../../src/journal/index.js';
import { MemoryDisk } from '../support/memory-disk.js';
import { concat, makeFiller, readAll } from './support/records.js';

const SEGMENT = { segmentBytes: 4096 };

it('makes a footer durable that a killed process left with the operating system alone', () => {
  const disk = new MemoryDisk();
  const writer = SegmentWriter.open(disk, SEGMENT, JOURNAL_START);
  writer.append(concat([makeFiller(1, 1, 100), makeFiller(2, 1, 100)]));
  writer.sync();
  let isArmed = true;
  disk.onOperation = (name) => {
    if (isArmed && name === 'sync') throw new Error('killed');
  };
  expect(() => writer.rotate()).toThrow('killed');
  isArmed = false;
  disk.kill();

  const { position } = recoverJournal(disk);
  expect(position.sequence).toBe(2);
  const next = SegmentWriter.open(disk, SEGMENT, position);
  next.append(makeFiller(3, 2, 100));
  next.sync();
  // Nothing that was not synced reaches the disk.
  disk.crash(() => 0.4);
  expect(recoverJournal(disk).position.sequence).toBe(3);
  expect(readAll(disk).records).toHaveLength(3);
});

it('is of the epoch of its last record, whatever epoch began a segment and came to nothing', () => {
  const disk = new MemoryDisk();
  const writer = SegmentWriter.open(disk, SEGMENT, JOURNAL_START);
  writer.append(makeFiller(1, 1, 100));
  writer.close();
  const leader = SegmentWriter.open(disk, SEGMENT, recoverJournal(disk).position);
  let isBegun = false;
  disk.onOperation = (name) => {
    if (isBegun && name === 'write') throw new Error('killed');
    if (name === 'syncFolder') isBegun = true;
  };
  expect(() => leader.append(makeFiller(2, 3, 100))).toThrow('killed');
  disk.onOperation = undefined;
  disk.kill();

  // Another one has led under epoch 2 meanwhile, and this one follows it.
  const { position } = recoverJournal(disk);
  expect(position).toMatchObject({ sequence: 1, epoch: 1 });
  const standby = SegmentWriter.open(disk, SEGMENT, position);
  standby.append(makeFiller(2, 2, 100));
  standby.close();
  expect(recoverJournal(disk).position).toMatchObject({ sequence: 2, epoch: 2 });
});
