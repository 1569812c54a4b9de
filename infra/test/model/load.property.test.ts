import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { EnvironmentError, parseEnvironment } from '../../model/index.js';
import { ENVIRONMENTS, type EnvironmentName } from '../support/test-app.js';
import { fileOf } from './patch.js';

const texts = Object.fromEntries(
  ENVIRONMENTS.map((name) => [name, readFileSync(fileOf(name), 'utf8')]),
) as Record<EnvironmentName, string>;

/** Parses, and lets through nothing but an accepted file or a telling refusal. */
function attempt(text: string): void {
  try {
    parseEnvironment(text, fileOf('dev-single'));
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    for (const { path, message, fix } of error.problems) {
      expect([path, message, fix].every((part) => part.length > 0)).toBe(true);
    }
  }
}

describe('any input is accepted or refused with reasons', () => {
  test('text that may not be YAML', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), attempt), { numRuns: 200 });
  });

  test('any YAML value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => attempt(stringify(value))),
      { numRuns: 100 },
    );
  });

  test('any value at any setting of a shipped file', () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom(
        '0.0.0.0/0',
        '-1s',
        '9999999y',
        'constructor',
        '__proto__',
        'apne1-az1',
        'c7i.metal-24xl',
        1e308,
        '',
      ),
    );
    fc.assert(
      fc.property(fc.constantFrom(...ENVIRONMENTS), fc.nat(), value, (name, pick, replacement) => {
        const lines = texts[name].split('\n');
        const settings = lines.flatMap((line, index) => (/^\s*(?:- )?\w+: /.test(line) ? [index] : []));
        const at = settings[pick % settings.length] as number;
        lines[at] = (lines[at] as string).replace(/: .*/, `: ${JSON.stringify(replacement)}`);
        attempt(lines.join('\n'));
      }),
      { numRuns: 100 },
    );
  });

  test('bytes of a shipped file exchanged, left out and doubled', () => {
    const edit = fc.record({
      at: fc.nat(),
      cut: fc.integer({ min: 0, max: 3 }),
      insert: fc.string({ maxLength: 3 }),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...ENVIRONMENTS),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        (name, edits) => {
          const text = edits.reduce((before, { at, cut, insert }) => {
            const place = at % before.length;
            return before.slice(0, place) + insert + before.slice(place + cut);
          }, texts[name]);
          attempt(text);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('nesting and aliases beyond measure', () => {
    attempt(`${'['.repeat(20_000)}`);
    attempt(`a: ${'{a: '.repeat(3_000)}1${'}'.repeat(3_000)}`);
    attempt('a: *nowhere');
    const bomb = Array.from({ length: 12 }, (_, i) =>
      i === 0 ? 'a0: &a0 [x, x]' : `a${i}: &a${i} [*a${i - 1}, *a${i - 1}, *a${i - 1}]`,
    ).join('\n');
    attempt(bomb);
    attempt('name: &loop [*loop, *loop, *loop]');
  });
});
