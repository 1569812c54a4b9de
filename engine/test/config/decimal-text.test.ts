import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalDecimal } from '../../src/config/decimal-text.js';
import { load } from './load.js';

const digits = (min: number, max: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: min, maxLength: max }).map((list) => list.join(''));

/** Exact value as a fraction, by long multiplication alone. */
function rational(text: string): { units: bigint; scale: number } {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text)!;
  const units = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n);
  return { units, scale: fraction.length - Number(exponent) };
}

function same(a: string, b: string): boolean {
  const [x, y] = [rational(a), rational(b)];
  const scale = Math.max(x.scale, y.scale);
  return x.units * 10n ** BigInt(scale - x.scale) === y.units * 10n ** BigInt(scale - y.scale);
}

describe('canonicalDecimal', () => {
  it.each([
    ['0.1', '0.1'],
    ['0.10', '0.1'],
    ['1', '1'],
    ['100', '100'],
    ['+5', '5'],
    ['-0.0', '0'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['007', '7'],
    ['1e-3', '0.001'],
    ['1.5E2', '150'],
    ['12.345e1', '123.45'],
    ['0.000000000000000001', '0.000000000000000001'],
    ['9007199254740993', '9007199254740993'],
    ['0.30000000000000004', '0.30000000000000004'],
  ])('reads %s as %s', (text, canonical) => expect(canonicalDecimal(text)).toBe(canonical));

  it.each([
    '',
    '.',
    '-',
    'e5',
    '1e',
    '0x10',
    '0o7',
    '1_000',
    '1,5',
    '.inf',
    'nan',
    'Infinity',
    '1 ',
    '１',
    '1e999',
    '0.0000000000000000001',
    `1${'0'.repeat(31)}`,
    '1e-400',
  ])('refuses %p', (text) => expect(canonicalDecimal(text)).toBeUndefined());

  it('never changes the number, and is its own canonical form', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('', '-', '+'),
        digits(1, 20),
        digits(0, 12),
        fc.option(fc.integer({ min: -6, max: 6 })),
        (sign, whole, fraction, exponent) => {
          const text = `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`;
          const canonical = canonicalDecimal(text)!;
          expect(same(canonical, text)).toBe(true);
          expect(canonicalDecimal(canonical)).toBe(canonical);
          expect(canonical).toMatch(/^(0|-?[1-9]\d*|-?(0|[1-9]\d*)\.\d*[1-9])$/);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('a decimal in a YAML file', () => {
  it('arrives as it was written, quoted or not, never through a float', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('1', '9007199254740993', '123456789012345678'),
        digits(0, 18),
        (whole, fraction) => {
          const text = fraction === '' ? whole : `${whole}.${fraction}`;
          const expected = canonicalDecimal(text);
          expect(load(`capital: ${text}`).trading.capital).toBe(expected);
          expect(load(`trading: {capital: "${text}"}`).trading.capital).toBe(expected);
          expect(load('', { TRADEWIND_TRADING__CAPITAL: text }).trading.capital).toBe(expected);
        },
      ),
      { numRuns: 100 },
    );
  });
});
