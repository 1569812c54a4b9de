import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../src/config/index.js';
import type { KernelEvent } from '../../../src/domain/index.js';
import {
  BinaryWriter,
  encodeEvent,
  encodeOptions,
  FolderDisk,
  type HistoryType,
  isEventLogPath,
  JOURNAL_START,
  JournalError,
  makeRecord,
  RecordType,
  readEventLog,
  SegmentWriter,
  segmentName,
} from '../../../src/journal/index.js';
import { replayEventLog } from '../../../src/wiring/index.js';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

let folder: string;
let path: string;
let whole: Buffer;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tradewind-legacy-'));
  path = join(folder, 'v1.twev');
  whole = gunzipSync(readFileSync(fixture('event-log-v1.twev.gz')));
  writeFileSync(path, whole);
});
afterAll(() => rmSync(folder, { recursive: true }));

function readAll(bytes: Uint8Array): { events: KernelEvent[]; error: unknown } {
  const changed = join(folder, 'changed.twev');
  writeFileSync(changed, bytes);
  const events: KernelEvent[] = [];
  try {
    for (const { event } of readEventLog(changed)) events.push(event);
    return { events, error: undefined };
  } catch (error) {
    return { events, error };
  }
}

describe('a session recorded by version 0.1.0', () => {
  it('is read whole, and its events are encoded today as they were then', () => {
    expect(isEventLogPath(path)).toBe(true);
    const logged = [...readEventLog(path)];
    expect(logged).toHaveLength(2400);
    expect(logged.filter(({ commands }) => commands !== undefined)).toHaveLength(27);
    const writer = new BinaryWriter();
    for (const { event, offset, sequence } of logged) {
      writer.reset();
      encodeEvent(event, writer);
      // Length, checksum, type and sequence stand before it.
      const recorded = whole.subarray(offset + 17, offset + 17 + writer.length);
      expect([sequence, Buffer.compare(recorded, writer.bytes)]).toEqual([sequence, 0]);
    }
  });

  it('is replayed to the same commands and the state it ended in', () => {
    const { config, digest } = loadConfig(fixture('event-log-v1.yaml'), {});
    expect(replayEventLog(path, config, digest, '0.1.0')).toMatchObject({
      events: 2400,
      commandLists: 27,
      firstDifference: undefined,
      stateHash: '260aaafea9c6294b',
    });
  });

  it('comes out the same from a journal, replayed under the settings in it', () => {
    const { config, digest } = loadConfig(fixture('event-log-v1.yaml'), {});
    const journal = join(folder, 'journal');
    mkdirSync(journal);
    const writer = SegmentWriter.open(new FolderDisk(journal), { segmentBytes: 64 * 1024 }, JOURNAL_START);
    const put = (type: HistoryType, payload: Uint8Array) =>
      writer.append(makeRecord(type, writer.written + 1, 1, 0, (out) => out.raw(payload)));
    put(RecordType.Options, encodeOptions({ version: '0.1.0', config: JSON.parse(JSON.stringify(config)) }));
    const out = new BinaryWriter();
    for (const { event, commands } of readEventLog(path)) {
      out.reset();
      encodeEvent(event, out);
      if (commands !== undefined) out.raw(commands);
      put(RecordType.Event, out.bytes);
    }
    writer.close({ stateHash: '260aaafea9c6294b', tsInit: 0 });
    const other = loadConfig(undefined, {}).config;
    expect(replayEventLog(journal, other, digest, '0.1.0')).toEqual({
      events: 2400,
      commandLists: 27,
      firstDifference: undefined,
      warnings: [],
      stateHash: '260aaafea9c6294b',
    });
    new FolderDisk(journal).remove(segmentName(1));
    expect(() => replayEventLog(journal, other, digest, '0.1.0')).toThrow(
      /begins with record \d+, and no snapshot tells what was before it/,
    );
  });

  it('is read up to where it was cut off', () => {
    const { events } = readAll(whole);
    for (const cut of [0, 10, 16, 20, 5_000, 100_001, whole.length - 1]) {
      const { events: read, error } = readAll(whole.subarray(0, cut));
      if (error !== undefined)
        expect(error).toMatchObject({ code: expect.stringMatching(/TRUNCATED|MALFORMED/) });
      expect(read).toEqual(events.slice(0, read.length));
      expect(read.length).toBeLessThan(events.length);
    }
  });

  it('shows any changed byte', () => {
    const { events } = readAll(whole);
    for (let at = 8; at < whole.length; at += 6_007) {
      const changed = Buffer.from(whole);
      changed[at]! ^= 0x41;
      const { events: read, error } = readAll(changed);
      expect(error).toBeInstanceOf(JournalError);
      expect((error as JournalError).offset).toBeLessThanOrEqual(at);
      expect(read.length).toBeLessThan(events.length);
      expect(read.at(-1)).toEqual(events[read.length - 1]);
    }
  });
});
