import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  constantLatency,
  interpolatedLatency,
  jitteredLatency,
  type ProbabilityProfile,
  percentageFees,
  queueModel,
} from '../../src/backtest/index.js';
import { LiquiditySide, parseAmount, Side } from '../../src/domain/index.js';
import { INSTRUMENT } from './simulated-kit.js';

describe('fees', () => {
  const fees = percentageFees({
    makerBps: -0.5,
    takerBps: 7.25,
    asset: 'received',
    symbols: { ETHUSDT: { makerBps: 0, takerBps: 0 } },
  });

  it('takes a part of what is received, exactly', () => {
    expect(fees.fee(INSTRUMENT, Side.Buy, LiquiditySide.Taker, 10_000, 1_234)).toEqual({
      asset: 'BTC',
      amount: parseAmount('0.00089465'),
    });
    expect(fees.fee(INSTRUMENT, Side.Sell, LiquiditySide.Maker, 10_000, 1_000)).toEqual({
      asset: 'USDT',
      amount: parseAmount('-0.005'),
    });
  });

  it('cuts to 8 decimals toward zero, rebates too', () => {
    expect(fees.fee(INSTRUMENT, Side.Buy, LiquiditySide.Taker, 10_000, 1).amount).toBe(
      parseAmount('0.00000072'),
    );
    expect(fees.fee(INSTRUMENT, Side.Buy, LiquiditySide.Maker, 10_000, 1).amount).toBe(
      parseAmount('-0.00000005'),
    );
  });

  it('has rates of single symbols, and refuses impossible ones', () => {
    const other = { ...INSTRUMENT, symbol: 'ETHUSDT' };
    expect(fees.fee(other, Side.Buy, LiquiditySide.Taker, 10_000, 1_000).amount).toBe(0n);
    expect(() => percentageFees({ makerBps: 0, takerBps: 10_001, asset: 'quote' })).toThrow(/takerBps/);
    expect(() => percentageFees({ makerBps: 0.00001, takerBps: 1, asset: 'quote' })).toThrow(/makerBps/);
  });
});

describe('latency', () => {
  it('is constant', () => {
    const latency = constantLatency({ entryUs: 3, responseUs: 4 });
    expect([latency.entryUs(1), latency.responseUs(2)]).toEqual([3, 4]);
    expect(() => constantLatency({ entryUs: -1, responseUs: 0 })).toThrow(RangeError);
  });

  it('interpolates between samples and holds the nearest outside them', () => {
    const latency = interpolatedLatency([
      { requestUs: 1_000, venueUs: 1_100, responseUs: 1_150 },
      { requestUs: 2_000, venueUs: 2_300, responseUs: 2_400 },
    ]);
    expect([0, 1_000, 1_500, 2_000, 9_000].map((now) => latency.entryUs(now))).toEqual([
      100, 100, 200, 300, 300,
    ]);
    expect([0, 1_700, 9_000].map((now) => latency.responseUs(now))).toEqual([50, 75, 100]);
    expect(() => interpolatedLatency([])).toThrow(/at least one/);
  });

  it('jitters the same way for the same seed, within bounds', () => {
    const draw = (seed: number) => {
      const latency = jitteredLatency({ entryUs: 10, responseUs: 20, jitterUs: 5, seed });
      return Array.from({ length: 200 }, () => latency.entryUs(0));
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(new Set(draw(7))).toEqual(new Set([10, 11, 12, 13, 14, 15]));
  });
});

const PROFILES: readonly ProbabilityProfile[] = ['power', 'log', 'power2', 'log2', 'power3'];

describe('queue models', () => {
  it('risk averse: only a level smaller than the queue ahead moves us', () => {
    const position = { ahead: 10, traded: 0 };
    queueModel().onLevelChange(position, 30, 12);
    expect(position.ahead).toBe(10);
    queueModel().onLevelChange(position, 12, 4);
    expect(position.ahead).toBe(4);
  });

  it.each(PROFILES)(
    '%s: never backward, never past what is shown, at most by the whole decrease',
    (profile) => {
      const model = queueModel({ kind: 'probability', profile, exponent: 2 });
      fc.assert(
        fc.property(
          fc.nat(1_000),
          fc.nat(1_000),
          fc.nat(2_000),
          fc.nat(100),
          (ahead, behind, current, traded) => {
            const position = { ahead, traded };
            model.onLevelChange(position, ahead + behind, current);
            expect(position.ahead).toBeLessThanOrEqual(Math.min(ahead, current));
            const decrease = Math.max(0, ahead + behind - current - traded);
            expect(position.ahead).toBeGreaterThanOrEqual(Math.min(current, Math.max(0, ahead - decrease)));
            expect(Number.isInteger(position.ahead)).toBe(true);
            expect(position.traded).toBe(0);
          },
        ),
        { numRuns: 200 },
      );
    },
  );

  it('splits a decrease as hftbacktest documents, and leaves what trades explain alone', () => {
    const after = (profile: ProbabilityProfile, exponent: number, traded: number) => {
      const position = { ahead: 40, traded };
      queueModel({ kind: 'probability', profile, exponent }).onLevelChange(position, 100, 90);
      return position.ahead;
    };
    // front 40, back 60: behind = 60^n / (60^n + 40^n), (60/100)^n, 1 - (40/100)^n.
    expect(after('power', 1, 0)).toBe(36);
    expect(after('power2', 2, 0)).toBe(34);
    expect(after('power3', 2, 0)).toBe(39);
    expect(after('power', 1, 10)).toBe(40);
    expect(() => queueModel({ kind: 'probability', profile: 'power', exponent: 0 })).toThrow(/exponent/);
  });
});
