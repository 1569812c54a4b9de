import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { StateHash } from '../../src/domain/index.js';

const ints = (...values: number[]) => {
  const hash = new StateHash();
  for (const value of values) hash.int(value);
  return hash.digest();
};

describe('StateHash', () => {
  it('gives 16 hexadecimal digits, the same for the same input', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeInteger()), (values) => {
        expect(ints(...values)).toMatch(/^[0-9a-f]{16}$/);
        expect(ints(...values)).toBe(ints(...values));
      }),
    );
  });

  it('tells different safe integers apart: negative ones, and those beyond 32 bits', () => {
    const values = [
      0,
      1,
      -1,
      2,
      -2,
      2 ** 31,
      -(2 ** 31),
      2 ** 32,
      2 ** 32 + 1,
      -(2 ** 32),
      2 ** 32 - 1,
      2 ** 52,
    ];
    const ends = [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 2 ** 32];
    const all = [...values, ...ends];
    expect(new Set(all.map((value) => ints(value))).size).toBe(all.length);
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), (a, b) => {
        expect(ints(a) === ints(b)).toBe(a === b);
      }),
      { numRuns: 500 },
    );
    expect(ints(-0)).toBe(ints(0));
  });

  it('depends on order, and on how many came', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), (a, b) => {
        expect(ints(a, b) === ints(b, a)).toBe(a === b);
      }),
    );
    expect(ints()).not.toBe(ints(0));
    expect(ints(0)).not.toBe(ints(0, 0));
  });

  it('has no collision among a hundred thousand near neighbors', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 100_000; i++) seen.add(ints(6_183_700 + (i % 1000), Math.floor(i / 1000)));
    expect(seen.size).toBe(100_000);
  });

  it('keeps texts apart from one another, wherever they are cut', () => {
    const texts = (...parts: string[]) => {
      const hash = new StateHash();
      for (const part of parts) hash.text(part);
      return hash.digest();
    };
    expect(texts('ab', 'c')).not.toBe(texts('a', 'bc'));
    expect(texts('')).not.toBe(texts());
    expect(texts('é')).not.toBe(texts('e'));
    expect(texts('\u0100')).not.toBe(texts('\u0000'));
  });

  it('takes big integers of any size and sign', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), (a, b) => {
        expect(new StateHash().big(a).digest() === new StateHash().big(b).digest()).toBe(a === b);
      }),
    );
  });
});
