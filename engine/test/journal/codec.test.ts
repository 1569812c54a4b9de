import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Command,
  CommandKind,
  DenialReason,
  type KernelEvent,
  type Order,
} from '../../src/domain/index.js';
import {
  BinaryReader,
  BinaryWriter,
  decodeCommand,
  decodeCommands,
  decodeEvent,
  encodeCommand,
  encodeCommands,
  encodeEvent,
  JournalError,
} from '../../src/journal/index.js';
import { order } from '../risk/support.js';
import { anyEvent, EVENT_NAMES, eventOf } from './arbitraries.js';

function bytesOf(event: KernelEvent): Uint8Array {
  const writer = new BinaryWriter(1);
  encodeEvent(event, writer);
  return writer.bytes.slice();
}

/** Decodes, or returns the typed error; anything else thrown fails the test. */
function attempt(bytes: Uint8Array, decode: (reader: BinaryReader) => unknown): unknown {
  try {
    return decode(new BinaryReader(bytes, 1000));
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    expect(error.code).toMatch(/^TW_JOURNAL_(TRUNCATED|MALFORMED)$/);
    expect(error.offset).toBeGreaterThanOrEqual(1000);
    expect(error.offset).toBeLessThanOrEqual(1000 + bytes.length);
    return error;
  }
}

describe('event codec', () => {
  it.each(EVENT_NAMES)('round-trips %s', (name) => {
    fc.assert(
      fc.property(eventOf(name), (event) => {
        const reader = new BinaryReader(bytesOf(event));
        expect(decodeEvent(reader)).toEqual(event);
        reader.end();
      }),
      { numRuns: 50 },
    );
  });

  it('reads what lies back to back', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 10 }), (events) => {
        const writer = new BinaryWriter();
        for (const event of events) encodeEvent(event, writer);
        const reader = new BinaryReader(writer.bytes);
        expect(events.map(() => decodeEvent(reader))).toEqual(events);
        expect(reader.left).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  it.each([0n, 1n, -1n, 2n ** 64n - 1n, 2n ** 64n, -(2n ** 64n), 2n ** 64n + 1n, 2n ** 128n])(
    'keeps a bigint where its words end: %s',
    (value) => {
      const writer = new BinaryWriter(1);
      writer.big(value);
      const words = value === 0n ? 0 : Math.ceil(value.toString(16).replace('-', '').length / 16);
      expect(writer.length).toBe(1 + 8 * words);
      expect(new BinaryReader(writer.bytes).big()).toBe(value);
    },
  );

  it('stores only the levels that count', () => {
    const event = {
      kind: 11,
      tsEvent: 1,
      tsInit: 2,
      instrument: 0,
      firstId: 1,
      lastId: 1,
      bidCount: 1,
      askCount: 0,
      bidPrices: Float64Array.of(5, 9, 9),
      bidSizes: Float64Array.of(6, 9, 9),
      askPrices: Float64Array.of(9),
      askSizes: Float64Array.of(9),
    } as const;
    expect(decodeEvent(new BinaryReader(bytesOf(event)))).toMatchObject({
      bidPrices: Float64Array.of(5),
      bidSizes: Float64Array.of(6),
      askPrices: Float64Array.of(),
    });
  });

  it('answers every cut with a typed error', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const bytes = bytesOf(event);
        for (let cut = 0; cut < bytes.length; cut++) {
          expect(attempt(bytes.subarray(0, cut), decodeEvent)).toBeInstanceOf(JournalError);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('answers garbage and changed bytes with an event or a typed error, never a crash or a huge allocation', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        attempt(bytes, decodeEvent);
        attempt(bytes, decodeCommands);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(anyEvent, fc.nat(), fc.nat(255), (event, at, value) => {
        const bytes = bytesOf(event);
        bytes[at % bytes.length] = value;
        attempt(bytes, decodeEvent);
      }),
      { numRuns: 500 },
    );
    // A book update that claims four billion levels.
    const liar = new BinaryWriter();
    liar.u8(11);
    for (let i = 0; i < 2; i++) liar.number(0);
    liar.u32(0);
    for (let i = 0; i < 2; i++) liar.number(0);
    liar.u32(0xffffffff);
    liar.u32(0xffffffff);
    expect(attempt(liar.bytes.slice(), decodeEvent)).toMatchObject({ code: 'TW_JOURNAL_TRUNCATED' });
  });
});

describe('command codec', () => {
  const commands = (of: Order): Command[] => [
    { kind: CommandKind.Submit, order: of as never },
    { kind: CommandKind.Cancel, order: of },
    { kind: CommandKind.Query, order: of },
    { kind: CommandKind.Deny, intent: of, reason: DenialReason.PRICE_COLLAR },
  ];

  it('round-trips what the venue would be told', () => {
    const number = fc.oneof(fc.maxSafeInteger(), fc.double());
    fc.assert(
      fc.property(number, number, fc.string(), fc.boolean(), (price, quantity, venueOrderId, postOnly) => {
        const asked = order({ price, quantity, venueOrderId, postOnly });
        const list = commands(asked);
        const writer = new BinaryWriter();
        encodeCommands({ length: list.length, at: (i) => list[i]! }, writer);
        const { epoch, sequence, instrument, strategy, side, type, timeInForce, triggerPrice } = asked;
        const intent = {
          instrument,
          strategy,
          side,
          type,
          timeInForce,
          postOnly,
          quantity,
          price,
          triggerPrice,
        };
        expect(decodeCommands(new BinaryReader(writer.bytes))).toEqual([
          { kind: CommandKind.Submit, epoch, sequence, intent },
          { kind: CommandKind.Cancel, epoch, sequence, instrument, venueOrderId },
          { kind: CommandKind.Query, epoch, sequence, instrument, venueOrderId },
          { kind: CommandKind.Deny, intent, reason: DenialReason.PRICE_COLLAR },
        ]);
      }),
      { numRuns: 100 },
    );
  });

  it('answers every cut with a typed error', () => {
    for (const command of commands(order({ venueOrderId: 'é€' }))) {
      const writer = new BinaryWriter();
      encodeCommand(command, writer);
      const bytes = writer.bytes.slice();
      for (let cut = 0; cut < bytes.length; cut++) {
        expect(attempt(bytes.subarray(0, cut), decodeCommand)).toBeInstanceOf(JournalError);
      }
    }
  });
});
