import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  AMOUNT_SCALE,
  amountToNumber,
  DECIMAL_INEXACT,
  DECIMAL_MALFORMED,
  DecimalError,
  formatAmount,
  formatFixed,
  formatUnits,
  parseAmount,
  parseFixed,
  parseUnits,
  readUnits,
  writeUnits,
} from '../../src/domain/index.js';

const MAX = Number.MAX_SAFE_INTEGER;
const PRECISIONS = Array.from({ length: 16 }, (_, precision) => precision);

const encode = (text: string) => new TextEncoder().encode(text);
/** Reads from the middle of a buffer, with digits on both sides that must not count. */
function readText(text: string, precision: number): number {
  const bytes = encode(`9${text}9`);
  return readUnits(bytes, 1, bytes.length - 1, precision);
}
function writeText(units: number, precision: number): string {
  const bytes = new Uint8Array(precision + 20);
  return new TextDecoder().decode(bytes.subarray(1, writeUnits(bytes, 1, units, precision)));
}

/** Whole numbers of every length, the ends of the range among them. */
const units = fc.oneof(
  fc.integer({ min: 0, max: 1_000 }),
  fc.maxSafeNat(),
  fc.nat(15).map((n) => 10 ** n),
  fc.nat(15).map((n) => 10 ** n - 1),
  fc.nat(20).map((n) => MAX - n),
);
const precision = fc.constantFrom(...PRECISIONS);

describe.each(PRECISIONS)('decimal text at precision %i', (scale) => {
  it('comes back from units to text to units, through strings and bytes alike', () => {
    fc.assert(
      fc.property(units, (value) => {
        const text = formatUnits(value, scale);
        expect(text.includes('.') ? text.length - text.indexOf('.') - 1 : 0).toBe(scale);
        expect(parseUnits(text, scale)).toBe(value);
        expect(readText(text, scale)).toBe(value);
        expect(writeText(value, scale)).toBe(text);
        expect(writeText(-value, scale)).toBe(formatUnits(-value, scale));
        expect(parseUnits(`-${text}`, scale)).toBe(value === 0 ? 0 : -value);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps its value with zeros added at either end', () => {
    fc.assert(
      fc.property(units, fc.nat(12), fc.nat(12), (value, before, after) => {
        const plain = formatUnits(value, scale);
        const text = `${'0'.repeat(before)}${plain}${plain.includes('.') || after === 0 ? '' : '.'}${'0'.repeat(after)}`;
        expect(parseUnits(text, scale)).toBe(value);
        expect(readText(text, scale)).toBe(value);
      }),
      { numRuns: 30 },
    );
  });

  it('is exact to the last safe integer and refuses the next', () => {
    for (const [value, fits] of [
      [2n ** 53n - 1n, true],
      [2n ** 53n, false],
      [2n ** 53n + 1n, false],
      [10n * 2n ** 53n, false],
      [10n ** 40n, false],
    ] as const) {
      const text = formatFixed(value, scale);
      if (fits) {
        expect([parseUnits(text, scale), readText(text, scale)]).toEqual([MAX, MAX]);
      } else {
        expect(() => parseUnits(text, scale)).toThrow(DecimalError);
        expect(readText(text, scale)).toBe(DECIMAL_MALFORMED);
      }
    }
  });

  it('refuses what the precision cannot hold', () => {
    const text = `1.${'0'.repeat(scale)}1`;
    expect(() => parseUnits(text, scale)).toThrow(DecimalError);
    expect(readText(text, scale)).toBe(DECIMAL_INEXACT);
    // At 15 the text has 16 decimals, and no precision holds those.
    if (scale < 15) expect(parseUnits(text, scale + 1)).toBe(10 ** (scale + 1) + 1);
  });
});

it('throws nothing but DecimalError, and the two codecs judge any text alike', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.string({ unit: fc.constantFrom(...'0123456789..-+eE ,_\n٣'), maxLength: 24 }),
  );
  fc.assert(
    fc.property(text, precision, (candidate, scale) => {
      let parsed: number | string;
      try {
        parsed = parseUnits(candidate, scale);
      } catch (error) {
        expect(error).toBeInstanceOf(DecimalError);
        parsed = 'refused';
      }
      const bytes = encode(candidate);
      const read = readUnits(bytes, 0, bytes.length, scale);
      // Bytes carry venue prices and quantities, which have no sign.
      if (candidate.startsWith('-')) expect(read).toBe(DECIMAL_MALFORMED);
      else if (parsed === 'refused') expect([DECIMAL_MALFORMED, DECIMAL_INEXACT]).toContain(read);
      else expect(read).toBe(parsed);
    }),
    { numRuns: 1_000 },
  );
});

describe('malformed text', () => {
  it.each([
    '',
    '.',
    '-',
    '-.',
    '.5',
    '5.',
    '-5.',
    '--1',
    '+1',
    '1e5',
    '1E-5',
    '0x10',
    '1_000',
    '1,000',
    ' 1',
    '1 ',
    '1\n',
    '1.2.3',
    '1..2',
    'NaN',
    'Infinity',
    'null',
    '１',
    '٣',
    '1-',
    '1.-5',
    '\u00001',
  ])('%j is refused', (text) => {
    expect(() => parseFixed(text, 8)).toThrow(DecimalError);
    expect(() => parseAmount(text)).toThrow(DecimalError);
    expect(readText(text, 8)).toBe(DECIMAL_MALFORMED);
  });

  it('is refused at once when absurdly long, and quoted in short', () => {
    const text = '1'.repeat(5_000_000);
    expect(() => parseAmount(text)).toThrow(DecimalError);
    try {
      parseAmount(text);
    } catch (error) {
      expect((error as Error).message.length).toBeLessThan(100);
    }
    expect(readText(text, 0)).toBe(DECIMAL_MALFORMED);
  });

  it('has a stable code', () => {
    try {
      parseUnits('x', 2);
    } catch (error) {
      expect(error).toMatchObject({ code: 'TW_DECIMAL', name: 'DecimalError' });
    }
    expect.assertions(1);
  });

  it('never reads outside its range', () => {
    const bytes = encode('12.5');
    expect(readUnits(bytes, 0, 0, 2)).toBe(DECIMAL_MALFORMED);
    expect(readUnits(bytes, 3, 2, 2)).toBe(DECIMAL_MALFORMED);
    expect(readUnits(bytes, 0, 99, 2)).toBe(DECIMAL_MALFORMED);
    expect(readUnits(bytes, 0, 2, 2)).toBe(1200);
  });

  it('tells broken from too fine even when both apply', () => {
    expect(readText('1.239', 2)).toBe(DECIMAL_INEXACT);
    expect(readText('1.239x', 2)).toBe(DECIMAL_MALFORMED);
    expect(readText('1.2300', 2)).toBe(123);
  });
});

describe('amounts', () => {
  const amount = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n });

  it('come back from text, short or full', () => {
    fc.assert(
      fc.property(amount, (value) => {
        expect(parseAmount(formatAmount(value))).toBe(value);
        expect(parseAmount(formatFixed(value, AMOUNT_SCALE))).toBe(value);
        expect(formatAmount(value)).not.toMatch(/\.\d*0$|\.$/);
        expect(parseAmount(formatAmount(value, 18))).toBe(value);
      }),
    );
  });

  it('round half away from zero, never by more than half a unit', () => {
    fc.assert(
      fc.property(amount, fc.nat(18), (value, decimals) => {
        const unit = 10n ** BigInt(18 - decimals);
        const rounded = parseAmount(formatAmount(value, decimals));
        expect(rounded % unit).toBe(0n);
        const error = rounded > value ? rounded - value : value - rounded;
        expect(error * 2n <= unit).toBe(true);
        if (error * 2n === unit) expect(rounded > value).toBe(value > 0n);
      }),
    );
    expect([formatAmount(5n * 10n ** 15n, 2), formatAmount(-5n * 10n ** 15n, 2)]).toEqual(['0.01', '-0.01']);
  });

  it('show zero without a sign', () => {
    expect([formatAmount(0n), formatAmount(-1n, 2), formatUnits(-0, 2), formatFixed(0n, 0)]).toEqual([
      '0',
      '0.00',
      '0.00',
      '0',
    ]);
    expect(Object.is(parseUnits('-0.00', 2), 0)).toBe(true);
  });

  it('become doubles to within a rounding, for display', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (value) => {
        const text = Number(formatAmount(value));
        expect(Math.abs(amountToNumber(value) - text)).toBeLessThanOrEqual(Math.abs(text) * 1e-15);
      }),
    );
  });
});
