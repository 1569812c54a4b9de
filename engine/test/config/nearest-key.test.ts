import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { editDistance, nearestKey } from '../../src/config/nearest-key.js';

/** The definition, word for word. */
function naive(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const replace = naive(a.slice(1), b.slice(1)) + (a[0] === b[0] ? 0 : 1);
  return Math.min(replace, naive(a.slice(1), b) + 1, naive(a, b.slice(1)) + 1);
}

describe('editDistance', () => {
  it('agrees with its definition', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 5 });
    fc.assert(
      fc.property(word, word, (a, b) => expect(editDistance(a, b)).toBe(naive(a, b))),
      { numRuns: 200 },
    );
  });
});

describe('nearestKey', () => {
  it('ignores case and separators, and gives up when nothing is near', () => {
    expect(nearestKey('ORDER_SIZE', ['maxSize', 'orderSize'])).toBe('orderSize');
    expect(nearestKey('banana', ['orderSize'])).toBeUndefined();
    expect(nearestKey('x'.repeat(1_000), ['x'])).toBeUndefined();
  });
});
