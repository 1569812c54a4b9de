import { describe, expect, test } from '@jest/globals';
import { overlapCidr, parseCidr } from 'cidr-tools';
import fc from 'fast-check';
import { formatDuration, parseDuration, wholeDays, wholeSeconds } from '../../model/index.js';
import { addressIn, sixteenth } from '../../model/plan/blocks.js';

describe('durations', () => {
  test('are read back as they were written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 * 366 * 86_400_000 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });

  test('are written in the largest whole unit', () => {
    expect([500, 1_500, 90_000, 86_400_000, 7 * 365.25 * 86_400_000].map(formatDuration)).toEqual([
      '500ms',
      '1500ms',
      '90s',
      '1d',
      '7y',
    ]);
  });

  test('are not what has no unit, a sign or a space', () => {
    for (const text of ['5', '-5s', '5 s', '5S', 's', '1e3s', '', '5s ', '.5s']) {
      expect([text, parseDuration(text)]).toEqual([text, undefined]);
    }
  });

  test('in whole days and seconds are never shorter', () => {
    expect(wholeDays(parseDuration('7y') as number)).toBe(2_557);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), (ms) => {
        expect(wholeDays(ms) * 86_400_000).toBeGreaterThanOrEqual(ms);
        expect(wholeSeconds(ms) * 1_000).toBeGreaterThanOrEqual(ms);
        expect(wholeSeconds(ms) * 1_000 - ms).toBeLessThan(1_000);
      }),
    );
  });
});

describe('sixteenths of a block', () => {
  const block = fc
    .record({ second: fc.nat(255), third: fc.nat(255), prefix: fc.integer({ min: 16, max: 22 }) })
    .map(({ second, third, prefix }) => {
      const start = parseCidr(`10.${second}.${third}.0/${prefix}`).start;
      return `${[24n, 16n, 8n, 0n].map((shift) => (start >> shift) & 255n).join('.')}/${prefix}`;
    });

  test('never overlap and fill the block', () => {
    fc.assert(
      fc.property(block, (cidr) => {
        const parts = Array.from({ length: 16 }, (_, index) => sixteenth(cidr, index));
        const whole = parseCidr(cidr);
        let next = whole.start;
        for (const part of parts) {
          const { start, end } = parseCidr(part);
          expect(start).toBe(next);
          next = end + 1n;
        }
        expect(next).toBe(whole.end + 1n);
        for (let a = 0; a < 16; a++) {
          for (let b = a + 1; b < 16; b++) {
            expect(overlapCidr(parts[a] as string, parts[b] as string)).toBe(false);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  test('give addresses inside them', () => {
    expect(sixteenth('10.0.0.0/16', 2)).toBe('10.0.32.0/20');
    expect(addressIn('10.0.32.0/20', 20)).toBe('10.0.32.20');
    expect(addressIn('10.0.0.250/24', 3)).toBe('10.0.0.3');
  });
});
