import { describe, expect, it } from '@jest/globals';
import { TakeoverStages } from '../../src/wiring/takeover-stages.js';

describe('TakeoverStages', () => {
  it('gives each stage the time since the one before, and the whole', () => {
    let now = 1_000;
    const stages = new TakeoverStages(() => now);
    expect(stages.ms).toEqual({});
    now += 12.34;
    stages.done('history');
    now += 30;
    stages.done('journal');
    expect(stages.ms).toEqual({ historyMs: 12.3, journalMs: 30, totalMs: 42.3 });
    now += 1;
    stages.done('session');
    now += 57;
    stages.done('venue');
    expect(stages.ms).toMatchObject({ sessionMs: 1, venueMs: 57, totalMs: 100.3 });
  });
});
