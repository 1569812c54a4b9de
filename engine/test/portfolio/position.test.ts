import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { baseAmount, defineInstrument, notional, parseAmount, Side } from '../../src/domain/index.js';
import { Position } from '../../src/portfolio/index.js';
import { instrument, spec } from '../kernel/support/fixtures.js';

/** A rational number, for an oracle that never rounds. */
type Rational = readonly [numerator: bigint, denominator: bigint];

/** Average cost accounting by the textbook: cost per unit is an exact fraction. */
class NaivePosition {
  quantity = 0n;
  cash = 0n;
  average: Rational = [0n, 1n];
  realized: Rational = [0n, 1n];

  fill(signed: bigint, price: bigint): void {
    this.cash -= signed * price;
    const closing = this.quantity * signed < 0n;
    if (closing) {
      let size = abs(signed);
      if (size > abs(this.quantity)) size = abs(this.quantity);
      const sign = this.quantity > 0n ? 1n : -1n;
      const [n, d] = this.average;
      this.realized = add(this.realized, [sign * size * (price * d - n), d]);
      const rest = signed + sign * size;
      this.quantity -= sign * size;
      if (rest !== 0n) {
        this.quantity = rest;
        this.average = [price, 1n];
      }
      return;
    }
    const [n, d] = this.average;
    const total = this.quantity + signed;
    this.average = [n * this.quantity + price * signed * d, d * total];
    this.quantity = total;
  }
}

const abs = (value: bigint) => (value < 0n ? -value : value);
const add = ([a, b]: Rational, [c, d]: Rational): Rational => [a * d + c * b, b * d];

const fills = fc.array(
  fc.record({
    side: fc.constantFrom(Side.Buy, Side.Sell),
    price: fc.integer({ min: 1, max: 1e9 }),
    quantity: fc.integer({ min: 1, max: 1e8 }),
  }),
  { maxLength: 40 },
);

describe('Position', () => {
  it('keeps realized + unrealized(mark) = cash flow + quantity × mark to the last unit', () => {
    const precisions = fc.record({
      pricePrecision: fc.integer({ min: 0, max: 10 }),
      sizePrecision: fc.integer({ min: 0, max: 8 }),
    });
    fc.assert(
      fc.property(precisions, fills, fc.integer({ min: 1, max: 1e9 }), (precision, list, mark) => {
        const traded = defineInstrument(0, 0, { ...spec, ...precision });
        const position = new Position(traded);
        for (const { side, price, quantity } of list) {
          position.fill(side, price, quantity);
          const worth = notional(traded, mark, position.quantity);
          expect(position.realized + position.unrealized(mark)).toBe(position.cashFlow + worth);
          if (position.quantity === 0) expect(position.costBasis).toBe(0n);
          else expect(position.costBasis > 0n).toBe(position.quantity > 0);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('agrees with average cost in exact fractions, but for less than one unit per partial close', () => {
    fc.assert(
      fc.property(fills, (list) => {
        const traded = instrument();
        const position = new Position(traded);
        const naive = new NaivePosition();
        for (const { side, price, quantity } of list) {
          position.fill(side, price, quantity);
          naive.fill(side === Side.Buy ? BigInt(quantity) : -BigInt(quantity), BigInt(price));
        }
        const unit = 10n ** 11n; // 10^(18 - price precision 2 - size precision 5)
        expect(BigInt(position.quantity)).toBe(naive.quantity);
        expect(position.cashFlow).toBe(naive.cash * unit);
        const [n, d] = naive.realized;
        const error = abs(position.realized * abs(d) - (d < 0n ? -n : n) * unit);
        expect(error <= BigInt(list.length) * abs(d)).toBe(true);
        expect(position.buyQuantity - position.sellQuantity).toBe(position.quantity);
      }),
      { numRuns: 200 },
    );
  });

  it('realizes on the way out and through a flip', () => {
    const position = new Position(instrument());
    position.fill(Side.Buy, 10_000_00, 1_00000);
    position.fill(Side.Buy, 10_200_00, 1_00000);
    expect(position.averagePrice).toBe(10_100);
    position.fill(Side.Sell, 10_300_00, 3_00000);
    expect(position.quantity).toBe(-1_00000);
    expect(position.realized).toBe(parseAmount('400'));
    expect(position.costBasis).toBe(parseAmount('-10300'));
    expect(position.unrealized(10_250_00)).toBe(parseAmount('50'));
    expect(position.averagePrice).toBe(10_300);
  });

  it('prices a fee in the base asset at its fill, rounded against us, and refuses to price a third asset', () => {
    const position = new Position(instrument());
    expect(position.fee('USDT', parseAmount('0.1'), 10_000_00)).toBe(true);
    expect(position.fee('BTC', parseAmount('0.0001'), 10_000_00)).toBe(true);
    expect(position.fee('BTC', 1n, 1)).toBe(true);
    expect(position.fee('BNB', parseAmount('1'), 10_000_00)).toBe(false);
    expect(position.feesInQuote).toBe(parseAmount('1.1') + 1n);
  });

  it('sums what doubles cannot: 0.1 + 0.2 of anything', () => {
    const traded = defineInstrument(0, 0, { ...spec, sizePrecision: 8 });
    const position = new Position(traded);
    position.fill(Side.Buy, 10, 10_000_000);
    position.fill(Side.Buy, 10, 20_000_000);
    expect(position.costBasis).toBe(parseAmount('0.03'));
    expect(baseAmount(traded, position.quantity)).toBe(parseAmount('0.3'));
  });
});
