import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  AMOUNT_SCALE,
  baseAmount,
  defineInstrument,
  formatAmount,
  formatUnits,
  type Instrument,
  notional,
  parseAmount,
  parseUnits,
} from '../../src/domain/index.js';
import { specOf } from './instrument-spec.js';

function instrumentAt(pricePrecision: number, sizePrecision: number): Instrument {
  return defineInstrument(0, 0, specOf({ pricePrecision, sizePrecision }));
}
/** Every pair of precisions an instrument may have. */
const instrument = fc
  .tuple(fc.nat(15), fc.nat(15))
  .filter(([price, size]) => price + size <= AMOUNT_SCALE)
  .map(([price, size]) => instrumentAt(price, size));
const anyUnits = fc.oneof(fc.maxSafeNat(), fc.integer({ min: 0, max: 100_000 }));

/** Decimal multiplication as taught at school, on digits: independent of every scale. */
function schoolProduct(a: string, b: string): string {
  const decimals = (text: string) => (text.includes('.') ? text.length - text.indexOf('.') - 1 : 0);
  const digits = (BigInt(a.replace('.', '')) * BigInt(b.replace('.', ''))).toString();
  const scale = decimals(a) + decimals(b);
  const padded = digits.padStart(scale + 1, '0');
  const text = scale === 0 ? padded : `${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
  return text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text;
}

describe('notional', () => {
  it('is exact for every precision and any safe price and quantity', () => {
    fc.assert(
      fc.property(instrument, anyUnits, anyUnits, (i, price, quantity) => {
        const product = schoolProduct(
          formatUnits(price, i.pricePrecision),
          formatUnits(quantity, i.sizePrecision),
        );
        expect(formatAmount(notional(i, price, quantity))).toBe(product);
      }),
      { numRuns: 300 },
    );
  });

  it('adds up over any split of the quantity', () => {
    fc.assert(
      fc.property(instrument, fc.nat(1e12), fc.array(fc.nat(1e9), { maxLength: 20 }), (i, price, parts) => {
        const total = parts.reduce((sum, part) => sum + part, 0);
        const sum = parts.reduce((amount, part) => amount + notional(i, price, part), 0n);
        expect(sum).toBe(notional(i, price, total));
      }),
    );
  });

  it('is no price times quantity in doubles', () => {
    const i = instrumentAt(2, 8);
    const price = parseUnits('1.10', 2);
    const quantity = parseUnits('1.1', 8);
    expect(formatAmount(notional(i, price, quantity))).toBe('1.21');
    expect(1.1 * 1.1).not.toBe(1.21);
  });
});

describe('0.1 + 0.2', () => {
  it('is 0.3 in prices and quantities at every precision that can hold it', () => {
    for (let precision = 1; precision <= 15; precision++) {
      const sum = parseUnits('0.1', precision) + parseUnits('0.2', precision);
      expect(sum).toBe(parseUnits('0.3', precision));
      expect(formatUnits(sum, precision)).toBe(`0.3${'0'.repeat(precision - 1)}`);
    }
  });

  it('is 0.3 in fees, however many are summed', () => {
    expect(parseAmount('0.1') + parseAmount('0.2')).toBe(parseAmount('0.3'));
    let fees = 0n;
    for (let i = 0; i < 10_000; i++) fees += parseAmount('0.00000001');
    expect(formatAmount(fees)).toBe('0.0001');
    expect(formatAmount(parseAmount('1.005') * 100n)).toBe('100.5');
  });

  it('holds for any decimals: sums of parsed texts are the parse of the sum', () => {
    const amount = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
    fc.assert(
      fc.property(fc.array(amount, { maxLength: 20 }), (amounts) => {
        const sum = amounts.map((a) => parseAmount(formatAmount(a))).reduce((a, b) => a + b, 0n);
        expect(sum).toBe(amounts.reduce((a, b) => a + b, 0n));
        const backwards = [...amounts].reverse().reduce((a, b) => a + b, 0n);
        expect(sum).toBe(backwards);
      }),
    );
  });

  it('holds for quantities added and taken away in any order', () => {
    fc.assert(
      fc.property(fc.nat(15), fc.array(fc.nat(1e9), { maxLength: 50 }), (precision, parts) => {
        const texts = parts.map((part) => formatUnits(part, precision));
        let position = 0;
        for (const text of texts) position += parseUnits(text, precision);
        for (const text of texts.toReversed()) position -= parseUnits(text, precision);
        expect(position).toBe(0);
      }),
    );
  });

  it('cannot arise: a number off the grid is an error, never a rounding', () => {
    expect(() => BigInt(0.1 + 0.2)).toThrow(RangeError);
    expect(() => notional(instrumentAt(2, 8), 0.1, 1)).toThrow(RangeError);
    expect(() => formatUnits(0.30000000000000004, 2)).toThrow(RangeError);
    expect(() => parseUnits('0.30000000000000004', 2)).toThrow(/decimals/);
  });
});

describe('baseAmount', () => {
  it('is the quantity itself', () => {
    fc.assert(
      fc.property(instrument, anyUnits, (i, quantity) => {
        expect(baseAmount(i, quantity)).toBe(parseAmount(formatUnits(quantity, i.sizePrecision)));
      }),
    );
  });
});
