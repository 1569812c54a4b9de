import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  ascii,
  JsonError,
  JsonKind,
  JsonReader,
  MAX_DEPTH,
} from '../../../src/venues/binance/json-reader.js';
import { jsonText } from './market-arbitraries.js';

const reader = new JsonReader();

/** Reads any value with the reader's own calls: the same answer as JSON.parse, or undefined and an error. */
function readAny(): unknown {
  switch (reader.peek()) {
    case JsonKind.OBJECT: {
      const entries: [string, unknown][] = [];
      reader.enterObject();
      while (reader.nextKey()) {
        const key = reader.tokenText();
        entries.push([key, readAny()]);
      }
      return Object.fromEntries(entries);
    }
    case JsonKind.ARRAY: {
      const items: unknown[] = [];
      reader.enterArray();
      while (reader.nextElement()) items.push(readAny());
      return items;
    }
    case JsonKind.STRING:
      return reader.readString() ? reader.tokenText() : undefined;
    case JsonKind.NUMBER:
      return reader.readInteger();
    case JsonKind.BOOLEAN:
      return reader.readBoolean();
    case JsonKind.NULL:
      return reader.tryNull() ? null : undefined;
    default:
      reader.fail(JsonError.SYNTAX);
      return undefined;
  }
}

function read(bytes: Uint8Array): { ok: boolean; value: unknown } {
  reader.reset(bytes);
  const value = readAny();
  return { ok: reader.finish(), value };
}

function skips(bytes: Uint8Array): boolean {
  reader.reset(bytes);
  reader.skipValue();
  return reader.finish();
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.maxSafeInteger().map((n) => n + 0),
    fc.boolean(),
    fc.constant(null),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.array(tie('any'), { maxLength: 4 }),
    fc
      .uniqueArray(fc.tuple(fc.string({ maxLength: 3 }), tie('any')), {
        maxLength: 5,
        selector: ([key]) => key,
      })
      .map(Object.fromEntries),
  ),
})).any;

describe('JSON reader', () => {
  it('reads what JSON.parse reads, whatever the whitespace and escapes', () => {
    fc.assert(
      fc.property(
        value.chain((v) => jsonText(v)),
        (text) => {
          expect(read(Buffer.from(text))).toEqual({ ok: true, value: JSON.parse(text) });
          expect(skips(Buffer.from(text))).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('refuses every truncation', () => {
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 3 }).chain((v) => jsonText(v)),
        (text) => {
          const bytes = Buffer.from(text.trim());
          for (let end = 0; end < bytes.length; end++) {
            expect(skips(bytes.subarray(0, end))).toBe(false);
            expect([JsonError.TRUNCATED, JsonError.TEXT]).toContain(reader.error);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('accepts and refuses as JSON.parse does when any byte is replaced', () => {
    fc.assert(
      fc.property(
        value.chain((v) => jsonText(v)).map((text) => text.replace(/[^ -~\s]/g, '?')),
        fc.nat(),
        fc.integer({ min: 0, max: 127 }),
        (text, where, byte) => {
          const bytes = Buffer.from(text);
          bytes[where % bytes.length] = byte;
          expect(skips(bytes)).toBe(parses(bytes.toString()));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        read(bytes);
        skips(bytes);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['-9007199254740991', -Number.MAX_SAFE_INTEGER],
    ['0', 0],
    ['-0', 0],
  ])('reads the integer %s', (text, expected) => {
    reader.reset(Buffer.from(text));
    expect(reader.readInteger()).toBe(expected);
    expect(reader.finish()).toBe(true);
  });

  it.each([
    ['9007199254740992', JsonError.RANGE],
    ['99999999999999999999999999999999', JsonError.RANGE],
    ['1.0', JsonError.TYPE],
    ['1e3', JsonError.TYPE],
    ['01', JsonError.SYNTAX],
    ['-', JsonError.TRUNCATED],
    ['-x', JsonError.SYNTAX],
    ['"1"', JsonError.TYPE],
    ['null', JsonError.TYPE],
    ['', JsonError.TRUNCATED],
    ['1x', JsonError.SYNTAX],
  ])('refuses %s where an integer belongs', (text, error) => {
    reader.reset(Buffer.from(text));
    reader.readInteger();
    expect(reader.finish()).toBe(false);
    expect(reader.error).toBe(error);
  });

  it('reads decimals in units, never rounding', () => {
    const units = (text: string, precision: number) => {
      reader.reset(Buffer.from(text));
      const result = reader.readUnits(precision);
      return reader.finish() ? result : -reader.error;
    };
    expect(units('"61837.63000000"', 2)).toBe(6183763);
    expect(units('"\\u0031.5"', 2)).toBe(150);
    expect(units('"61837.631"', 2)).toBe(-JsonError.INEXACT);
    expect(units('"90071992547409.92"', 2)).toBe(-JsonError.RANGE);
    expect(units('"-1"', 2)).toBe(-JsonError.RANGE);
    expect(units('"1e5"', 2)).toBe(-JsonError.RANGE);
    expect(units('""', 2)).toBe(-JsonError.RANGE);
    expect(units('1.5', 2)).toBe(-JsonError.TYPE);
  });

  it('compares keys and strings after their escapes', () => {
    reader.reset(Buffer.from('{"\\u0062":"st\\u0072eam","long key":1}'));
    expect(reader.enterObject()).toBe(true);
    expect(reader.nextKey()).toBe(true);
    expect(reader.keyByte).toBe(0x62);
    expect(reader.readString()).toBe(true);
    expect(reader.tokenIs(ascii('stream'))).toBe(true);
    expect(reader.nextKey()).toBe(true);
    expect(reader.keyByte).toBe(0);
    expect(reader.tokenIs(ascii('long key'))).toBe(true);
    reader.skipValue();
    expect(reader.nextKey()).toBe(false);
    expect(reader.finish()).toBe(true);
  });

  it('skips as deep as its bound and no deeper, without overflowing the stack', () => {
    const nested = (depth: number) => Buffer.from('['.repeat(depth) + ']'.repeat(depth));
    expect(skips(nested(MAX_DEPTH + 1))).toBe(true);
    expect(skips(nested(MAX_DEPTH + 2))).toBe(false);
    expect(reader.error).toBe(JsonError.DEPTH);
    expect(skips(Buffer.from('['.repeat(1_000_000)))).toBe(false);
    expect(skips(Buffer.from('{"a":'.repeat(1_000_000)))).toBe(false);
  });

  it('keeps the first error and answers empty after it', () => {
    reader.reset(Buffer.from('{"a":x,"b":1}'));
    reader.enterObject();
    reader.nextKey();
    expect(reader.readInteger()).toBe(0);
    expect(reader.error).toBe(JsonError.TYPE);
    expect(reader.errorAt).toBe(5);
    expect(reader.nextKey()).toBe(false);
    expect(reader.readBoolean()).toBe(false);
    expect(reader.enterObject()).toBe(false);
    expect(reader.error).toBe(JsonError.TYPE);
  });
});
