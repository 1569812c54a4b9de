import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  compressSegment,
  JOURNAL_START,
  JournalError,
  listSegments,
  nextToCompress,
  recoverJournal,
  SegmentWriter,
  segmentName,
} from '../../src/journal/index.js';
import { MemoryDisk } from '../support/memory-disk.js';
import { concat, hex, makeFiller, mulberry, readAll, scan } from './support/records.js';

const SEGMENT = { segmentBytes: 4096 };

function copyOf(disk: MemoryDisk): MemoryDisk {
  const copy = new MemoryDisk();
  for (const name of disk.list()) copy.put(name, disk.bytes(name));
  return copy;
}

function change(
  disk: MemoryDisk,
  name: string,
  edit: (bytes: Uint8Array) => Uint8Array | undefined,
): MemoryDisk {
  const copy = copyOf(disk);
  const bytes = copy.bytes(name).slice();
  copy.put(name, edit(bytes) ?? bytes);
  return copy;
}

const flip = (disk: MemoryDisk, name: string, at: number, bit = at % 8): MemoryDisk =>
  change(disk, name, (bytes) => {
    bytes[at]! ^= 1 << bit;
    return bytes;
  });

/** One run of a process: recovers, appends, syncs, prepares, rotates, compresses, at random. */
class Run {
  readonly #disk: MemoryDisk;
  readonly #random: () => number;
  readonly #epoch: number;

  constructor(disk: MemoryDisk, random: () => number, epoch: number) {
    this.#disk = disk;
    this.#random = random;
    this.#epoch = epoch;
  }

  /** Appends to `history` what is written; `onSynced` is told what is durable by the journal's word. */
  go(steps: number, history: string[], onSynced: (sequence: number) => void): void {
    const { position } = recoverJournal(this.#disk);
    history.length = position.sequence;
    onSynced(position.sequence);
    const writer = SegmentWriter.open(this.#disk, SEGMENT, position);
    for (let i = 0; i < steps; i++) {
      const dice = this.#random();
      if (dice < 0.55) this.#append(writer, history);
      else if (dice < 0.8) writer.sync();
      else if (dice < 0.9) writer.prepareSpare();
      else if (dice < 0.93) writer.rotate();
      else if (dice < 0.95) this.#compress();
      onSynced(writer.synced);
    }
    if (this.#random() < 0.3) writer.close({ stateHash: 'x', tsInit: 1 });
    if (writer.written > history.length) history.push('seal');
    onSynced(writer.synced);
  }

  #append(writer: SegmentWriter, history: string[]): void {
    const records: Uint8Array[] = [];
    for (let n = 1 + this.#random() * 6; n > 0; n--) {
      const sequence = writer.written + records.length + 1;
      records.push(makeFiller(sequence, this.#epoch, this.#random() ** 3 * 1500, this.#random() * 256));
    }
    // Part of it may be on the disk when this is interrupted.
    history.length = writer.written;
    for (const record of records) history.push(hex(record));
    writer.append(concat(records));
  }

  #compress(): void {
    const next = nextToCompress(this.#disk);
    if (next !== undefined) for (const _ of compressSegment(this.#disk, next));
  }
}

class Killed extends Error {}

describe('a crash at any instant', () => {
  it('loses nothing that was synced and invents nothing, over many runs on the same disk', () => {
    let cuts = 0;
    let lost = 0;
    fc.assert(
      fc.property(fc.integer(), fc.boolean(), (seed, power) => {
        const random = mulberry(seed);
        const disk = new MemoryDisk();
        const history: string[] = [];
        let synced = 0;
        for (let epoch = 1; epoch <= 4; epoch++) {
          let left = 20 + random() * 150;
          disk.onOperation = () => {
            if (left-- < 1) throw new Killed();
          };
          try {
            new Run(disk, random, epoch).go(60, history, (sequence) => {
              synced = sequence;
            });
          } catch (error) {
            if (!(error instanceof Killed)) throw error;
          }
          disk.onOperation = undefined;
          if (power) disk.crash(random);
          else disk.kill();
          const cutsBefore = disk.list().filter((name) => name.endsWith('.cut')).length;
          const { position, cut } = recoverJournal(disk);
          if (cut !== undefined) cuts++;
          expect(disk.list().filter((name) => name.endsWith('.cut')).length - cutsBefore).toBe(cut ? 1 : 0);
          expect(position.sequence).toBeGreaterThanOrEqual(synced);
          const { records, error } = readAll(disk);
          expect(error).toBeUndefined();
          expect(records).toHaveLength(position.sequence);
          for (const [i, record] of records.entries()) {
            if (history[i] !== record && history[i] !== 'seal') throw new Error(`record ${i + 1} is wrong`);
          }
          lost += history.length - records.length;
          // Recovering again finds nothing to do.
          const again = recoverJournal(disk);
          expect(again).toMatchObject({ position });
          expect(again.cut).toBeUndefined();
          history.splice(0, records.length, ...records);
        }
      }),
      // Always the same ones: how often a fault comes about is counted below.
      { numRuns: 120, seed: 7 },
    );
    // The faults did happen.
    expect(cuts).toBeGreaterThan(20);
    expect(lost).toBeGreaterThan(100);
  });

  it('while recovering leaves a journal that recovers to the same', () => {
    const torn = new MemoryDisk();
    const writer = SegmentWriter.open(torn, SEGMENT, JOURNAL_START);
    while (!writer.prepareSpare());
    writer.append(concat([1, 2, 3].map((sequence) => makeFiller(sequence, 1, 300))));
    writer.sync();
    writer.append(concat([4, 5, 6].map((sequence) => makeFiller(sequence, 1, 300))));
    const broken = flip(torn, segmentName(1), scan(torn, segmentName(1)).offsets[4]! + 50);
    const whole = recoverJournal(copyOf(broken)).position;
    expect(whole.sequence).toBe(4);
    for (let stop = 0; ; stop++) {
      const disk = copyOf(broken);
      let left = stop;
      let isDone = true;
      disk.onOperation = () => {
        if (left-- < 1) throw new Killed();
      };
      try {
        recoverJournal(disk);
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        isDone = false;
      }
      disk.onOperation = undefined;
      disk.crash(mulberry(stop));
      expect(recoverJournal(disk).position).toEqual(whole);
      expect(readAll(disk).records).toEqual(readAll(broken).records);
      expect(disk.list().some((name) => name.endsWith('.cut'))).toBe(true);
      if (isDone) break;
    }
  });
});

/** Two closed segments and an open one, of three batches, whose last was not synced. */
function sample(): { disk: MemoryDisk; open: string; durable: number; records: string[] } {
  const disk = new MemoryDisk();
  const writer = SegmentWriter.open(disk, SEGMENT, JOURNAL_START);
  const next = (count: number) => {
    const records = Array.from({ length: count }, (_, i) =>
      makeFiller(writer.written + i + 1, 1, 20 + ((writer.written + i) % 5) * 11),
    );
    writer.append(concat(records));
  };
  while (listSegments(disk).length < 3) {
    while (!writer.prepareSpare());
    next(3);
    writer.sync();
  }
  next(4);
  writer.sync();
  const durable = writer.written;
  next(4);
  disk.kill();
  return { disk, open: listSegments(disk)[2]!.name, durable, records: readAll(disk).records };
}

describe('a changed bit', () => {
  it('in the open segment is refused at its record where that was durable, else the tail is cut there', () => {
    const { disk, open, durable, records } = sample();
    const { offsets, reader } = scan(disk, open);
    const first = reader.header.firstSequence;
    const end = reader.end!.at;
    let refused = 0;
    let cut = 0;
    for (let at = 0; at < end; at++) {
      const bad = flip(disk, open, at);
      const index = offsets.findLastIndex((offset) => offset <= at);
      const inRecord = index >= 0 && first + index <= durable;
      try {
        const recovery = recoverJournal(bad);
        cut++;
        expect(recovery.cut!.offset).toBeLessThanOrEqual(at);
        expect(recovery.position.sequence).toBeGreaterThanOrEqual(durable);
        expect(readAll(bad).records.join()).toBe(records.slice(0, recovery.position.sequence).join());
        expect(Buffer.from(bad.bytes(recovery.cut!.savedAs)).length).toBe(recovery.cut!.bytes);
      } catch (error) {
        refused++;
        if (!(error instanceof JournalError)) throw error;
        expect(error).toMatchObject({ code: expect.stringMatching(/DAMAGED|VERSION/), file: open });
        expect(at < reader.position.sequence * 1e9 && error.offset).toBeLessThanOrEqual(at);
        if (inRecord && at < offsets[index + 1]! - 32) expect(error.offset).toBe(offsets[index]!);
        expect(bad.list()).toEqual(disk.list());
      }
      if (inRecord && first + index < durable) expect(refused + cut).toBe(at + 1);
    }
    const unsynced = end - (offsets[durable + 1 - first]! - 32);
    expect(cut).toBe(unsynced);
    expect(refused).toBe(end - unsynced);
  });

  it('in a closed segment is found by reading, exactly where it is', () => {
    const { disk, records } = sample();
    const { name } = listSegments(disk)[0]!;
    const { offsets, reader } = scan(disk, name);
    for (let at = 0; at < reader.end!.at + 64; at++) {
      const bad = flip(disk, name, at);
      const { records: read, error } = readAll(bad);
      if (!(error instanceof JournalError)) throw new Error(`a changed bit at ${at} was not found`);
      expect(error).toMatchObject({ code: expect.stringMatching(/DAMAGED|VERSION/) });
      expect(read.join()).toBe(records.slice(0, read.length).join());
      const index = offsets.findLastIndex((offset) => offset <= at);
      if (index >= 0 && at < offsets[index]! + 52) expect(error.offset).toBe(offsets[index]!);
    }
  });

  it('behind the end is cut off and kept', () => {
    const { disk, open } = sample();
    const end = scan(disk, open).reader.end!.at;
    const bad = flip(disk, open, end + 700, 3);
    const { cut, position } = recoverJournal(bad);
    expect(cut).toEqual({
      segment: open,
      offset: end,
      bytes: 701,
      why: 'impossible record length 0',
      savedAs: `${open.replace('.twj', '')}-${end}.cut`,
    });
    expect(bad.bytes(cut!.savedAs).at(-1)).toBe(8);
    expect(position.sequence).toBe(readAll(disk).records.length);
  });
});

describe('a file cut off at any byte', () => {
  it('gives a prefix, or is refused', () => {
    const { disk, records } = sample();
    for (const { name } of listSegments(disk)) {
      const { length } = disk.bytes(name);
      let before = -1;
      for (let size = 0; size < length; size += 3) {
        const bad = change(disk, name, (bytes) => bytes.subarray(0, size));
        const { records: read } = readAll(bad);
        expect(read.join()).toBe(records.slice(0, read.length).join());
        try {
          const { position } = recoverJournal(bad);
          expect(name).toBe(listSegments(disk)[2]!.name);
          expect(position.sequence).toBe(read.length);
          expect(position.sequence).toBeGreaterThanOrEqual(before);
          before = position.sequence;
        } catch (error) {
          expect(error).toMatchObject({ code: 'TW_JOURNAL_DAMAGED', file: name });
        }
      }
      if (name === listSegments(disk)[2]!.name) expect(before).toBe(records.length);
    }
  });

  it('is refused where someone else knows that more was durable', () => {
    const { disk, open, durable } = sample();
    const { offsets, reader } = scan(disk, open);
    const at = offsets[durable - reader.header.firstSequence]!;
    const bad = change(disk, open, (bytes) => bytes.subarray(0, at + 10));
    expect(() => recoverJournal(copyOf(bad), { durable })).toThrow(
      expect.objectContaining({
        code: 'TW_JOURNAL_DAMAGED',
        file: open,
        message: expect.stringContaining(
          `the journal ends with record ${durable - 1}, but record ${durable} was durable`,
        ),
      }),
    );
    expect(recoverJournal(bad, { durable: durable - 1 }).position.sequence).toBe(durable - 1);
    expect(() => recoverJournal(new MemoryDisk(), { durable: 3 })).toThrow(
      /ends with record 0, but record 3/,
    );
  });
});

describe('segments that do not belong together', () => {
  const two = () => {
    const { disk } = sample();
    return { disk, names: listSegments(disk).map(({ name }) => name) as [string, string, string] };
  };

  it('one missing in the middle is refused with what is missing', () => {
    const { disk, names } = two();
    const from = Number(names[1].slice(0, 16));
    const to = Number(names[2].slice(0, 16)) - 1;
    disk.remove(names[1]);
    const error = { code: 'TW_JOURNAL_DAMAGED', file: names[2] };
    expect(() => recoverJournal(disk)).toThrow(expect.objectContaining(error));
    expect(() => recoverJournal(disk)).toThrow(`records ${from} to ${to} are missing before it`);
    expect(readAll(disk).error).toMatchObject(error);
  });

  it('one of another history is refused', () => {
    const { disk, names } = two();
    const other = new MemoryDisk();
    const first = Number(names[1].slice(0, 16));
    const writer = SegmentWriter.open(other, SEGMENT, { sequence: first - 1, epoch: 1, chain: 5 });
    for (let i = first; i < Number(names[2].slice(0, 16)); i++) writer.append(makeFiller(i, 1, 1));
    writer.close();
    disk.put(names[1], other.bytes(names[1]));
    for (const error of [readAll(disk).error, attempt(() => recoverJournal(disk))]) {
      expect(error).toMatchObject({ code: 'TW_JOURNAL_DAMAGED', file: names[1], offset: 28 });
    }
  });

  it('one under another name is refused', () => {
    const { disk, names } = two();
    disk.put(segmentName(1), disk.bytes(names[1]));
    expect(attempt(() => recoverJournal(disk))).toMatchObject({ code: 'TW_JOURNAL_DAMAGED', file: names[0] });
  });

  it('the file to be written exists: nothing is written over it', () => {
    const { disk } = two();
    expect(attempt(() => SegmentWriter.open(disk, SEGMENT, JOURNAL_START))).toMatchObject({
      code: 'TW_JOURNAL_DAMAGED',
    });
  });
});

function attempt(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("bytes of any kind under a segment's name", () => {
  it('are refused with a JournalError, or read as what they are', () => {
    const { disk } = sample();
    const names = listSegments(disk).map(({ name }) => name);
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.tuple(fc.nat(5), fc.uint8Array({ maxLength: 200 }), fc.nat(4000)).map(([which, noise, at]) => {
        const real = disk.bytes(names[which % names.length]!).slice();
        real.set(
          noise.subarray(0, Math.max(0, real.length - at)),
          at % real.length > real.length - noise.length ? 0 : at % real.length,
        );
        return real;
      }),
    );
    fc.assert(
      fc.property(bytes, fc.constantFrom('', '.gz'), (content, suffix) => {
        const bad = new MemoryDisk();
        bad.put(`${segmentName(1)}${suffix}`, content);
        for (const error of [readAll(bad).error, attempt(() => recoverJournal(bad))]) {
          if (error !== undefined) expect(error).toBeInstanceOf(JournalError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
