import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseAmount, Side, StateHash } from '../../src/domain/index.js';
import { Portfolio } from '../../src/portfolio/index.js';
import { instrument, START } from '../kernel/support/fixtures.js';

const DAY = 86_400_000_000;

function portfolioOf(...instruments: ReturnType<typeof instrument>[]): Portfolio {
  const portfolio = new Portfolio();
  for (const each of instruments) portfolio.define(each);
  return portfolio;
}

describe('Portfolio', () => {
  const btc = instrument(0);
  const eth = instrument(1, { symbol: 'ETHUSDT', base: 'ETH' });
  const ethBtc = instrument(2, { symbol: 'ETHBTC', base: 'ETH', quote: 'BTC', pricePrecision: 6 });

  it('nets profit per quote asset and keeps fees per asset', () => {
    const portfolio = portfolioOf(btc, eth, ethBtc);
    portfolio.onFill(btc, Side.Buy, 10_000_00, 1_00000, 'USDT', parseAmount('10'));
    portfolio.onFill(btc, Side.Sell, 10_100_00, 1_00000, 'BNB', parseAmount('0.02'));
    portfolio.onFill(eth, Side.Buy, 2_000_00, 1_00000, 'ETH', parseAmount('0.001'));
    portfolio.mark(1, 2_010_00, 2_011_00);
    const [usdt, inBtc] = portfolio.pnl;
    expect(usdt).toMatchObject({
      asset: 'USDT',
      realized: parseAmount('100'),
      unrealized: parseAmount('10'),
      fees: parseAmount('12'),
      net: parseAmount('98'),
      peak: parseAmount('98'),
      drawdown: 0n,
    });
    expect(inBtc).toMatchObject({ asset: 'BTC', net: 0n });
    expect([...portfolio.fees]).toEqual([
      ['USDT', parseAmount('10')],
      ['BNB', parseAmount('0.02')],
      ['ETH', parseAmount('0.001')],
    ]);
    expect(portfolio.unpricedFees).toBe(1);
  });

  it('marks at the price a position could be closed at', () => {
    const portfolio = portfolioOf(btc);
    portfolio.mark(0, 10_000_00, 10_010_00);
    portfolio.onFill(btc, Side.Sell, 10_000_00, 1_00000, 'USDT', 0n);
    expect(portfolio.pnl[0]!.unrealized).toBe(parseAmount('-10'));
    expect(portfolio.pnl[0]!.drawdown).toBe(parseAmount('10'));
  });

  it('tracks the peak, the drawdown and the UTC day', () => {
    const portfolio = portfolioOf(btc);
    const day = START - (START % DAY);
    portfolio.rollDay(day);
    portfolio.onFill(btc, Side.Buy, 10_000_00, 1_00000, 'USDT', 0n);
    expect(portfolio.mark(0, 10_050_00, 10_051_00)).toBe(true);
    expect(portfolio.mark(0, 10_050_00, 10_051_00)).toBe(false);
    portfolio.mark(0, 10_020_00, 10_021_00);
    const pnl = portfolio.pnl[0]!;
    expect(pnl).toMatchObject({
      peak: parseAmount('50'),
      drawdown: parseAmount('30'),
      dayPnl: parseAmount('20'),
    });
    portfolio.rollDay(day + DAY - 1);
    expect(pnl.dayPnl).toBe(parseAmount('20'));
    portfolio.rollDay(day + DAY);
    expect(pnl.dayPnl).toBe(0n);
    portfolio.mark(0, 10_000_00, 10_001_00);
    expect(pnl.dayPnl).toBe(parseAmount('-20'));
    portfolio.rebase();
    expect(pnl).toMatchObject({ drawdown: 0n, dayPnl: 0n });
  });

  it('keeps the comparable equity within one unit per position below the exact net profit', () => {
    const step = fc.record({
      which: fc.constantFrom(btc, eth),
      side: fc.constantFrom(Side.Buy, Side.Sell),
      price: fc.integer({ min: 1, max: 10_000_000 }),
      quantity: fc.integer({ min: 1, max: 100_00000 }),
      fee: fc.bigInt({ min: -(10n ** 15n), max: 10n ** 18n }),
      bid: fc.integer({ min: 1, max: 10_000_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
        const portfolio = portfolioOf(btc, eth);
        for (const { which, side, price, quantity, fee, bid } of steps) {
          portfolio.onFill(which, side, price, quantity, which.base, fee);
          portfolio.mark(which.index, bid, bid + 1);
          const tracker = portfolio.trackers[0]!;
          const difference = Number(tracker.net / 10n ** 10n) - tracker.comparableEquity;
          expect(difference).toBeGreaterThanOrEqual(-1);
          expect(difference).toBeLessThanOrEqual(2);
          expect(tracker.comparableDrawdown).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('holds balances as told, converted per instrument and rounded down', () => {
    const portfolio = portfolioOf(btc, eth);
    const { balances } = portfolio;
    expect(balances.freeBase(0)).toBe(Number.POSITIVE_INFINITY);
    const slot = balances.set(0, 'USDT', parseAmount('100.123456789'), parseAmount('5'), START);
    expect(balances.instrumentsOf(slot)).toEqual([0, 1]);
    expect(balances.freeQuote(0)).toBe(100_1234567);
    expect(balances.freeQuote(1)).toBe(100_1234567);
    balances.set(0, 'BTC', parseAmount('0.000019'), 0n, START);
    expect(balances.freeBase(0)).toBe(1);
    balances.set(0, 'XYZ', 1n, 2n, START);
    expect(balances.get(0, 'XYZ')).toMatchObject({ free: 1n, locked: 2n, known: true });
    expect(balances.get(1, 'BTC')).toBeUndefined();
    expect(balances.all).toHaveLength(4);
  });

  it('hashes every part of its state', () => {
    const digest = (change: (portfolio: Portfolio) => void) => {
      const portfolio = portfolioOf(btc);
      change(portfolio);
      const hash = new StateHash();
      portfolio.hashInto(hash);
      return hash.digest();
    };
    const hashes = [
      digest(() => {}),
      digest((p) => p.mark(0, 1, 2)),
      digest((p) => p.rollDay(START)),
      digest((p) => p.onFill(btc, Side.Buy, 1, 1, 'USDT', 0n)),
      digest((p) => p.onFill(btc, Side.Buy, 1, 1, 'BNB', 1n)),
      digest((p) => p.balances.set(0, 'BTC', 1n, 0n, 0)),
      // Known to be nothing is not the same as unknown: only the latter is never short.
      digest((p) => p.balances.set(0, 'BTC', 0n, 0n, 0)),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(digest(() => {})).toBe(hashes[0]);
  });
});
