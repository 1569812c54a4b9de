import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EventKind, JournalError, type KernelEvent } from '../../src/domain/index.js';
import {
  decodeEventRecord,
  encodeEvent,
  JournalRecord,
  makeRecord,
  RecordReader,
  RecordType,
} from '../../src/journal/index.js';
import { anyEvent } from './arbitraries.js';

function recordOf(event: KernelEvent, commands: Uint8Array): Uint8Array {
  return makeRecord(RecordType.Event, 1, 1, 0, (out) => {
    encodeEvent(event, out);
    out.raw(commands);
  }).slice();
}

/** As a reader finds it: in the middle of a window. */
function inWindow(bytes: Uint8Array, length = bytes.length): JournalRecord {
  const window = new Uint8Array(bytes.length + 100).fill(255);
  window.set(bytes, 37);
  return new JournalRecord(window, new DataView(window.buffer), 37, length, 'test', 0);
}

/** Only the levels that count. */
function plain(event: KernelEvent): unknown {
  if (event.kind !== EventKind.BookDelta && event.kind !== EventKind.BookSnapshot) return event;
  const { bidCount, askCount } = event;
  return {
    ...event,
    bidPrices: event.bidPrices.slice(0, bidCount),
    bidSizes: event.bidSizes.slice(0, bidCount),
    askPrices: event.askPrices.slice(0, askCount),
    askSizes: event.askSizes.slice(0, askCount),
  };
}

describe('RecordReader', () => {
  it('reads what the plain decoder reads, commands included, one record after the other', () => {
    const reader = new RecordReader();
    fc.assert(
      fc.property(anyEvent, fc.uint8Array({ maxLength: 40 }), (event, commands) => {
        const record = inWindow(recordOf(event, commands));
        const expected = decodeEventRecord(record);
        const read = reader.read(record);
        expect(plain(read)).toEqual(plain(expected.event));
        expect(reader.commandBytes).toBe(commands.length);
        expect(reader.commands(record)).toEqual(commands);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses what the plain decoder refuses', () => {
    const reader = new RecordReader();
    const outcome = (read: () => unknown) => {
      try {
        read();
        return 'read';
      } catch (error) {
        expect(error).toBeInstanceOf(JournalError);
        return (error as JournalError).code;
      }
    };
    fc.assert(
      fc.property(anyEvent, fc.nat(), fc.nat(255), fc.nat(), (event, at, value, cut) => {
        const bytes = recordOf(event, new Uint8Array());
        const head = 32;
        bytes[head + (at % (bytes.length - head))] = value;
        const record = inWindow(bytes, head + 1 + (cut % (bytes.length - head)));
        expect(outcome(() => reader.read(record))).toBe(outcome(() => decodeEventRecord(record)));
      }),
      { numRuns: 1000 },
    );
  });
});
