import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  compressSegment,
  deleteOldSegments,
  JOURNAL_START,
  JournalError,
  listSegments,
  makeSeal,
  nextToCompress,
  readEpochs,
  recoverJournal,
  SegmentWriter,
  segmentName,
} from '../../src/journal/index.js';
import { MemoryDisk } from '../support/memory-disk.js';
import { concat, hex, makeFiller, readAll, scan } from './support/records.js';

const SEGMENT = { segmentBytes: 4096 };

/** Writes `count` records of about 100 bytes, synced in batches of five. */
function fill(disk: MemoryDisk, count: number, epoch = 1): SegmentWriter {
  const { position } = recoverJournal(disk);
  const writer = SegmentWriter.open(disk, SEGMENT, position);
  for (let i = 1; i <= count; i++) {
    writer.append(makeFiller(position.sequence + i, epoch, 60 + (i % 9)));
    if (i % 5 === 0) writer.sync();
  }
  writer.sync();
  return writer;
}

const expected = (from: number, to: number, size: (i: number) => number, epoch = 1) =>
  Array.from({ length: to - from + 1 }, (_, k) => makeFiller(from + k, epoch, size(from + k)));

describe('segments', () => {
  it('give back what was appended, however it was split into batches, across rotations and from any sequence on', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat(600), { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 20 }),
        fc.boolean(),
        fc.nat(),
        (batches, spare, pick) => {
          const disk = new MemoryDisk();
          const writer = SegmentWriter.open(disk, SEGMENT, JOURNAL_START);
          const all: Uint8Array[] = [];
          for (const sizes of batches) {
            if (spare) while (!writer.prepareSpare());
            const records = sizes.map((size, i) => makeFiller(all.length + i + 1, 7, size));
            all.push(...records);
            writer.append(concat(records));
            expect(writer.written).toBe(all.length);
            writer.sync();
            expect(writer.synced).toBe(all.length);
          }
          const from = 1 + (pick % all.length);
          expect(readAll(disk)).toEqual({ records: all.map(hex), error: undefined });
          expect(readAll(disk, from)).toEqual({ records: all.slice(from - 1).map(hex), error: undefined });
          const { position } = writer;
          writer.close();
          expect(readAll(disk)).toEqual({ records: all.map(hex), error: undefined });
          expect(recoverJournal(disk)).toEqual({ position, first: 1 });
          for (const { name } of listSegments(disk)) {
            expect(disk.bytes(name).length).toBeLessThanOrEqual(SEGMENT.segmentBytes);
          }
        },
      ),
    );
  });

  it('are preallocated in small steps, and appending to one changes no size', () => {
    const disk = new MemoryDisk();
    const writer = SegmentWriter.open(disk, { segmentBytes: 1 << 20 }, JOURNAL_START);
    let steps = 1;
    while (!writer.prepareSpare()) steps++;
    expect(steps).toBe(5);
    writer.append(makeFiller(1, 1, 100));
    expect(disk.bytes(segmentName(1)).length).toBe(1 << 20);
    writer.sync();
    writer.append(makeFiller(2, 1, 100));
    expect(disk.bytes(segmentName(1)).length).toBe(1 << 20);
    expect(writer.prepareSpare()).toBe(false);
    writer.close();
    expect(disk.list()).toEqual([segmentName(1)]);
    expect(disk.bytes(segmentName(1)).length).toBeLessThan(1000);
  });

  it('hold one epoch each, and tell from their heads alone who wrote since when', () => {
    const disk = new MemoryDisk();
    fill(disk, 90, 3).close();
    fill(disk, 4, 3).close();
    fill(disk, 30, 9).close();
    expect(readEpochs(disk)).toEqual([
      { epoch: 3, firstSequence: 1 },
      { epoch: 9, firstSequence: 95 },
    ]);
    const writer = SegmentWriter.open(disk, SEGMENT, recoverJournal(disk).position);
    writer.append(concat([makeFiller(125, 9, 10), makeFiller(126, 9, 10), makeFiller(127, 12, 10)]));
    writer.close();
    expect(readEpochs(disk).at(-1)).toEqual({ epoch: 12, firstSequence: 127 });
    expect(readAll(disk).error).toBeUndefined();
  });

  it('take a record that is larger than a segment', () => {
    const disk = new MemoryDisk();
    const writer = SegmentWriter.open(disk, SEGMENT, JOURNAL_START);
    const records = [makeFiller(1, 1, 10), makeFiller(2, 1, 3_000_000), makeFiller(3, 1, 10)];
    writer.append(concat(records));
    writer.close();
    expect(readAll(disk)).toEqual({ records: records.map(hex), error: undefined });
    expect(listSegments(disk)).toHaveLength(3);
  });

  it.each<[string, () => Uint8Array, RegExp]>([
    ['a gap', () => makeFiller(3, 1, 5), /record 1 is to be written next, was given 3/],
    ['half a record', () => makeFiller(1, 1, 5).subarray(0, 20), /no whole record at offset 0/],
    [
      'a record and a half',
      () => concat([makeFiller(1, 1, 5), makeFiller(2, 1, 5).subarray(0, 36)]),
      /no whole record/,
    ],
  ])('refuse %s, and write nothing of it', (_, bytes, words) => {
    const disk = new MemoryDisk();
    const writer = SegmentWriter.open(disk, SEGMENT, JOURNAL_START);
    expect(() => writer.append(bytes())).toThrow(words);
    expect(writer.written).toBe(0);
    writer.append(makeFiller(1, 1, 5));
    expect(writer.written).toBe(1);
  });

  it('refuse a lower epoch', () => {
    const disk = new MemoryDisk();
    const writer = SegmentWriter.open(disk, SEGMENT, JOURNAL_START);
    writer.append(makeFiller(1, 5, 5));
    expect(() => writer.append(makeFiller(2, 4, 5))).toThrow(/record 2 is of epoch 4, the one before of 5/);
  });

  it('say how the session ended', () => {
    const disk = new MemoryDisk();
    const writer = fill(disk, 7);
    writer.close({ stateHash: '260aaafea9c6294b', tsInit: 5 });
    expect(recoverJournal(disk)).toEqual({
      position: { ...writer.position, sequence: 8 },
      first: 1,
      sealed: { stateHash: '260aaafea9c6294b' },
    });
    expect(readAll(disk).records.at(-1)).toBe(hex(makeSeal(8, 1, 5, '260aaafea9c6294b')));
  });
});

describe('an error of the disk', () => {
  it('ENOSPC leaves the writer where it was, at any byte, and it goes on when there is room', () => {
    const records = expected(1, 40, (i) => 60 + (i % 9));
    for (let room = 0; room < 5000; room += 37) {
      const disk = new MemoryDisk();
      const writer = SegmentWriter.open(disk, SEGMENT, JOURNAL_START);
      disk.failWritesAfter(room);
      let failures = 0;
      while (writer.written < records.length) {
        const next = records.slice(writer.written, writer.written + 6);
        try {
          writer.append(concat(next));
          writer.sync();
        } catch (error) {
          expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
          failures++;
          disk.failWritesAfter(undefined);
        }
      }
      expect(failures).toBeLessThanOrEqual(1);
      expect(readAll(disk)).toEqual({ records: records.map(hex), error: undefined });
      disk.failWritesAfter(undefined);
      writer.close();
      expect(recoverJournal(disk).position).toEqual(writer.position);
    }
  });

  it('one of a sync is final', () => {
    const disk = new MemoryDisk();
    const writer = SegmentWriter.open(disk, SEGMENT, JOURNAL_START);
    writer.append(makeFiller(1, 1, 10));
    disk.failSyncsAfter(0);
    expect(() => writer.sync()).toThrow(/EIO/);
    disk.failSyncsAfter(undefined);
    expect(() => writer.sync()).toThrow(/EIO/);
    expect(() => writer.append(makeFiller(2, 1, 10))).toThrow(/EIO/);
    expect(writer.synced).toBe(0);
    writer.close();
  });
});

describe('retention', () => {
  it('deletes the oldest, never what is needed, never the last', () => {
    const disk = new MemoryDisk();
    fill(disk, 200).close();
    const segments = listSegments(disk);
    expect(segments.length).toBeGreaterThan(4);
    const needed = segments[2]!.firstSequence + 1;
    expect(deleteOldSegments(disk, { retainBytes: 1 << 20, needed: 1000 })).toEqual([]);
    expect(deleteOldSegments(disk, { retainBytes: 0, needed })).toEqual([
      segments[0]!.name,
      segments[1]!.name,
    ]);
    expect(listSegments(disk)).toEqual(segments.slice(2));
    expect(readAll(disk).error).toBeUndefined();
    expect(readAll(disk, needed).records).toHaveLength(200 - needed + 1);
    expect(readAll(disk, 1).error).toMatchObject({
      code: 'TW_JOURNAL_DAMAGED',
      message: expect.stringMatching(/the journal begins with record \d+, not 1/),
    });
    deleteOldSegments(disk, { retainBytes: 0, needed: 1000 });
    expect(listSegments(disk)).toEqual(segments.slice(-1));
    expect(recoverJournal(disk).position.sequence).toBe(200);
  });

  it('keeps as much as fits', () => {
    const disk = new MemoryDisk();
    fill(disk, 200).close();
    deleteOldSegments(disk, { retainBytes: 10_000, needed: 1000 });
    const total = listSegments(disk).reduce((sum, { name }) => sum + disk.bytes(name).length, 0);
    expect(total).toBeLessThanOrEqual(10_000);
    expect(total).toBeGreaterThan(10_000 - 2 * SEGMENT.segmentBytes);
  });
});

describe('compression', () => {
  const compressAll = (disk: MemoryDisk): number => {
    let steps = 0;
    for (let next = nextToCompress(disk); next !== undefined; next = nextToCompress(disk)) {
      for (const _ of compressSegment(disk, next)) steps++;
    }
    return steps;
  };

  it('changes nothing that is read, at any place, and what is left is a gzip file', async () => {
    const { gunzipSync } = await import('node:zlib');
    const disk = new MemoryDisk();
    const writer = SegmentWriter.open(disk, { segmentBytes: 300_000 }, JOURNAL_START);
    for (let i = 1; i <= 3000; i++) writer.append(makeFiller(i, 1, i % 700));
    writer.close();
    const before = readAll(disk);
    const original = disk.bytes(segmentName(1)).slice();
    expect(compressAll(disk)).toBeGreaterThan(15);
    expect(listSegments(disk).map(({ compressed }) => compressed)).toEqual([true, true, true, false]);
    expect(readAll(disk)).toEqual(before);
    expect(readAll(disk, 777)).toEqual({ records: before.records.slice(776), error: undefined });
    expect(recoverJournal(disk)).toEqual({ position: writer.position, first: 1 });
    expect(Buffer.compare(gunzipSync(disk.bytes(`${segmentName(1)}.gz`)), original)).toBe(0);
  });

  it('given up, or killed, at any step leaves a journal that reads the same', () => {
    const template = new MemoryDisk();
    fill(template, 100).close();
    const before = readAll(template);
    for (let stop = 0; ; stop++) {
      const disk = new MemoryDisk();
      for (const name of template.list()) disk.put(name, template.bytes(name));
      let operations = 0;
      disk.onOperation = () => {
        if (operations++ === stop) throw new Error('killed');
      };
      let isDone = true;
      try {
        for (const _ of compressSegment(disk, nextToCompress(disk)!));
      } catch {
        isDone = false;
      }
      disk.onOperation = undefined;
      disk.crash(() => (stop % 3) / 3);
      expect(readAll(disk)).toEqual(before);
      expect(recoverJournal(disk).position.sequence).toBe(100);
      compressAll(disk);
      expect(readAll(disk)).toEqual(before);
      if (isDone) break;
    }
  });

  it('does not touch a damaged original', () => {
    const disk = new MemoryDisk();
    fill(disk, 100).close();
    const { name } = listSegments(disk)[0]!;
    const at = scan(disk, name).offsets[3]!;
    const bytes = disk.bytes(name).slice();
    bytes[at + 40]! ^= 4;
    disk.put(name, bytes);
    expect(() => {
      for (const _ of compressSegment(disk, nextToCompress(disk)!));
    }).toThrow(expect.objectContaining({ code: 'TW_JOURNAL_DAMAGED', file: name, offset: at }));
    expect(disk.list()).toContain(name);
    expect(disk.list().filter((other) => other.startsWith(`${name}.gz`))).toEqual([]);
    expect(nextToCompress(disk, new Set([name]))!.name).not.toBe(name);
  });

  it('any changed byte of it is found, or changes nothing', () => {
    const disk = new MemoryDisk();
    fill(disk, 100).close();
    const before = readAll(disk);
    compressAll(disk);
    const name = listSegments(disk)[1]!.name;
    const good = disk.bytes(name).slice();
    let refused = 0;
    for (let at = 0; at < good.length; at++) {
      const bad = good.slice();
      bad[at]! ^= 1 << (at % 8);
      disk.put(name, bad);
      const { records, error } = readAll(disk);
      if (error === undefined) expect(records.join()).toBe(before.records.join());
      else {
        refused++;
        expect(error).toBeInstanceOf(JournalError);
        expect(records.join()).toBe(before.records.slice(0, records.length).join());
      }
    }
    expect(refused).toBeGreaterThan(good.length * 0.8);
  });
});
