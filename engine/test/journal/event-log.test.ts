import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CommandKind, type CommandList, EventKind, type KernelEvent } from '../../src/domain/index.js';
import {
  BinaryReader,
  crc32c,
  decodeCommands,
  EventLogWriter,
  encodeOptions,
  encodeSegmentHeader,
  FOOTER_BYTES,
  FolderDisk,
  isEventLogPath,
  JOURNAL_START,
  JournalError,
  makeRecord,
  RecordType,
  readEventLog,
  SegmentReader,
  SegmentWriter,
} from '../../src/journal/index.js';
import { order } from '../risk/support.js';
import { anyEvent } from './arbitraries.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tradewind-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const sample = (count: number): KernelEvent[] => fc.sample(anyEvent, { numRuns: count, seed: 7 });
const NONE: CommandList = {
  length: 0,
  at: () => {
    throw new RangeError('there is none');
  },
};
const oneCancel: CommandList = { length: 1, at: () => ({ kind: CommandKind.Cancel, order: order() }) };

async function write(path: string, events: readonly KernelEvent[], withCommands = false): Promise<void> {
  const writer = new EventLogWriter(path);
  for (const [i, event] of events.entries()) {
    writer.append(event, withCommands && i % 3 === 0 ? oneCancel : NONE);
  }
  await writer.close();
}

/** Reads until the end or the error, and returns both. */
function readAll(path: string): { events: KernelEvent[]; error: unknown } {
  const events: KernelEvent[] = [];
  try {
    for (const { event } of readEventLog(path)) events.push(event);
    return { events, error: undefined };
  } catch (error) {
    return { events, error };
  }
}

describe('a recording', () => {
  it('gives back every event, numbered, with its commands', async () => {
    const path = join(folder, 'log');
    const events = sample(300);
    await write(path, events, true);
    const logged = [...readEventLog(path)];
    expect(logged.map(({ event }) => event)).toEqual(events);
    for (const [i, { sequence, commands }] of logged.entries()) {
      expect(sequence).toBe(i + 1);
      const kinds = commands && decodeCommands(new BinaryReader(commands)).map(({ kind }) => kind);
      expect(kinds).toEqual(i % 3 === 0 ? [CommandKind.Cancel] : undefined);
    }
  });

  it('copies what it is given, and keeps order across overlapping flushes', async () => {
    const path = join(folder, 'log');
    const writer = new EventLogWriter(path, { flushBytes: 100 });
    const timer = { kind: EventKind.Timer, tsEvent: 0, tsInit: 0 } satisfies KernelEvent;
    const flushes: Promise<void>[] = [];
    for (let i = 0; i < 500; i++) {
      timer.tsInit = i;
      writer.append(timer, NONE);
      if (i % 50 === 0) flushes.push(writer.flush());
      if (i % 120 === 0) await new Promise(setImmediate);
    }
    await Promise.all(flushes);
    await writer.close();
    expect(writer.events).toBe(500);
    expect(writer.bytesPending).toBe(0);
    expect(writer.bytesWritten).toBe(readFileSync(path).length);
    expect(readAll(path).events.map(({ tsInit }) => tsInit)).toEqual(
      Array.from({ length: 500 }, (_, i) => i),
    );
  });

  it('reads records larger than its window, and an empty log', async () => {
    const levels = new Float64Array(100_000).fill(3);
    const large: KernelEvent = {
      kind: EventKind.BookSnapshot,
      tsEvent: 0,
      tsInit: 0,
      instrument: 0,
      firstId: 1,
      lastId: 1,
      bidCount: levels.length,
      askCount: levels.length,
      bidPrices: levels,
      bidSizes: levels,
      askPrices: levels,
      askSizes: levels,
    };
    await write(join(folder, 'large'), [large, ...sample(3)]);
    expect(readAll(join(folder, 'large'))).toMatchObject({ error: undefined });
    expect(readAll(join(folder, 'large')).events).toHaveLength(4);
    await write(join(folder, 'empty'), []);
    expect(readAll(join(folder, 'empty'))).toEqual({ events: [], error: undefined });
  });

  it('never writes over a file, and says so', async () => {
    const path = join(folder, 'log');
    writeFileSync(path, 'precious');
    const errors: Error[] = [];
    const writer = new EventLogWriter(path, { onError: (error) => errors.push(error) });
    writer.append(sample(1)[0]!, NONE);
    await expect(writer.flush()).rejects.toThrow(/EEXIST/);
    writer.append(sample(1)[0]!, NONE);
    expect(writer.bytesPending).toBe(0);
    await expect(writer.close()).rejects.toThrow(/EEXIST/);
    expect(errors).toHaveLength(1);
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  it('stops before it takes the space that is kept for others, and keeps what it wrote readable', async () => {
    const path = join(folder, 'log');
    const errors: Error[] = [];
    const options = { keepFreeBytes: Number.MAX_SAFE_INTEGER, onError: (error: Error) => errors.push(error) };
    const writer = new EventLogWriter(path, options);
    writer.append(sample(1)[0]!, NONE);
    await expect(writer.flush()).rejects.toThrow(
      /^\d+ bytes are free, and 9007199254740991 are kept for others$/,
    );
    writer.append(sample(1)[0]!, NONE);
    await expect(writer.close()).rejects.toThrow(/are kept for others/);
    expect(errors).toHaveLength(1);
    expect(readAll(path)).toEqual({ events: [], error: undefined });
    const roomy = new EventLogWriter(join(folder, 'roomy'), { keepFreeBytes: 1 });
    roomy.append(sample(1)[0]!, NONE);
    await roomy.close();
    expect(readAll(join(folder, 'roomy')).events).toHaveLength(1);
  });

  it('yields the good part of a file cut anywhere, then a typed error', async () => {
    const path = join(folder, 'log');
    const events = sample(12);
    await write(path, events);
    const whole = readFileSync(path);
    const starts = [...readEventLog(path)].map(({ offset }) => offset);
    // Where the footer begins, a record ends as well.
    starts.push(whole.length - FOOTER_BYTES);
    for (let cut = whole.length - 1; cut >= 0; cut -= 7) {
      truncateSync(path, cut);
      const { events: read, error } = readAll(path);
      const ended = starts.filter((at) => at <= cut).length;
      // A cut in the zeros that begin a record is one at its beginning.
      const at = [...starts].reverse().find((start) => start <= cut) ?? 0;
      const isClean = cut >= starts[0]! && whole.subarray(at, cut).every((byte) => byte === 0);
      if (isClean) expect(error).toBeUndefined();
      else expect(error).toMatchObject({ code: 'TW_JOURNAL_TRUNCATED' });
      expect(read.length).toBe(Math.max(0, ended - 1));
      expect(read).toEqual(events.slice(0, read.length));
    }
  });

  it('finds any changed byte', async () => {
    const path = join(folder, 'log');
    const events = sample(6);
    await write(path, events, true);
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length; at += 5) {
      const changed = Buffer.from(whole);
      changed[at]! ^= 0x41;
      writeFileSync(path, changed);
      const { events: read, error } = readAll(path);
      expect(error).toBeInstanceOf(JournalError);
      expect((error as JournalError).offset).toBeLessThanOrEqual(at);
      expect(read).toEqual(events.slice(0, read.length));
    }
  });

  it('is told from other files, and other versions of it are refused', async () => {
    const path = join(folder, 'log');
    for (const [content, error] of [
      ['', { code: 'TW_JOURNAL_TRUNCATED', offset: 0 }],
      ['PAR1 something else'.padEnd(80), { code: 'TW_JOURNAL_MALFORMED', offset: 0 }],
    ] as const) {
      writeFileSync(path, content);
      expect(isEventLogPath(path)).toBe(false);
      expect(readAll(path).error).toMatchObject(error);
    }
    const header = Buffer.from(encodeSegmentHeader({ firstSequence: 1, epoch: 0, chain: 0 }));
    header.writeUInt32LE(9, 8);
    header.writeUInt32LE(crc32c(header, 0, 60), 60);
    writeFileSync(path, header);
    expect(isEventLogPath(path)).toBe(true);
    expect(readAll(path).error).toMatchObject({ code: 'TW_JOURNAL_VERSION' });
    expect(isEventLogPath(folder)).toBe(false);
    expect(() => isEventLogPath(join(folder, 'none'))).toThrow(/ENOENT/);
  });

  it('and a journal folder are read the same', async () => {
    const path = join(folder, 'log');
    await write(path, sample(20), true);
    const writer = SegmentWriter.open(new FolderDisk(folder), { segmentBytes: 2048 }, JOURNAL_START);
    const options = makeRecord(RecordType.Options, 1, 1, 0, (out) =>
      out.raw(encodeOptions({ version: '1', config: {} })),
    );
    writer.append(options);
    const file = new FolderDisk(folder).open('log');
    const reader = new SegmentReader(file);
    for (let record = reader.next(); record !== undefined; record = reader.next()) {
      const { sequence, tsInit, payload } = record;
      writer.append(makeRecord(RecordType.Event, sequence + 1, 1, tsInit, (out) => out.raw(payload)));
    }
    file.close();
    writer.close({ stateHash: 'aa', tsInit: 0 });
    expect(isEventLogPath(folder)).toBe(true);
    const read = [...readEventLog(folder)];
    const recorded = [...readEventLog(path)];
    expect(read.map(({ event, commands }) => ({ event, commands }))).toEqual(
      recorded.map(({ event, commands }) => ({ event, commands })),
    );
    expect(read.map(({ sequence }) => sequence)).toEqual(recorded.map(({ sequence }) => sequence + 1));
  });
});
