import { beforeEach, describe, expect, it } from '@jest/globals';
import { MetricRegistry, nullLogger } from '../../../src/telemetry/index.js';
import { TimeSync } from '../../../src/venues/binance/time-sync.js';

let nowUs: number;
let rtts: number[];
let venueAheadUs: number;
let failures: number;
let steps: number[];
let sync: TimeSync;

beforeEach(() => {
  nowUs = 1_700_000_000_000_000;
  rtts = [];
  venueAheadUs = 250_000;
  failures = 0;
  steps = [];
  sync = new TimeSync({
    clock: { nowUs: () => nowUs, nanos: () => nowUs * 1000 },
    logger: nullLogger,
    metrics: new MetricRegistry(),
    venue: 'test',
    onStep: (byMs) => steps.push(byMs),
    ask: async () => {
      if (failures-- > 0) throw new Error('down');
      const rtt = rtts.shift() ?? 1_000;
      nowUs += rtt / 2;
      const answer = Math.floor((nowUs + venueAheadUs) / 1000);
      // The way back is slower when the whole is slow: that skews the sample.
      nowUs += rtt / 2 + (rtt > 10_000 ? rtt : 0);
      return answer;
    },
  });
});

describe('TimeSync', () => {
  it('is our own clock until the venue has been asked', () => {
    expect(sync.nowMs()).toBe(1_700_000_000_000);
    expect(sync.errorUs).toBe(Number.POSITIVE_INFINITY);
  });

  it('believes the fastest answer and bounds its own error', async () => {
    rtts = [80_000, 2_000, 40_000];
    await sync.resync();
    expect(Math.abs(sync.offsetUs - venueAheadUs)).toBeLessThanOrEqual(sync.errorUs);
    expect(sync.errorUs).toBeLessThanOrEqual(1_500);
  });

  it('forgets the past on a resync', async () => {
    await sync.resync();
    venueAheadUs = -4_000_000;
    await sync.resync();
    expect(Math.abs(sync.offsetUs - venueAheadUs)).toBeLessThanOrEqual(sync.errorUs);
  });

  it('tells when it is set by so much that times taken before mean something else', async () => {
    await sync.resync();
    venueAheadUs += 100_000;
    await sync.resync();
    expect(steps).toEqual([]);
    venueAheadUs -= 7_000_000;
    await sync.resync();
    expect(steps.map((ms) => Math.round(ms / 1000))).toEqual([-7]);
  });

  it('shares one burst among callers', async () => {
    expect(sync.resync()).toBe(sync.resync());
    await sync.resync();
  });

  it('survives lost answers, and says so when all are lost', async () => {
    failures = 2;
    await sync.resync();
    const { offsetUs } = sync;
    failures = 3;
    await expect(sync.resync()).rejects.toThrow('down');
    expect(sync.offsetUs).toBe(offsetUs);
  });
});
