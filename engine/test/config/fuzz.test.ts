import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { ConfigError, describeConfig, parseConfig } from '../../src/config/index.js';

/** Either a configuration or one ConfigError; nothing else may come out. */
function survives(bytes: Uint8Array): boolean {
  try {
    parseConfig(bytes, {});
    return true;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.issues.length).toBeGreaterThan(0);
    for (const { message } of error.issues) expect(message).not.toBe('');
    return false;
  }
}

const text = (value: string) => new TextEncoder().encode(value);
const keys = [...new Set(describeConfig().flatMap(({ key }) => key.replaceAll('[]', '').split('.')))];
const key = fc.oneof(
  fc.constantFrom(...keys, '__proto__', 'constructor', 'toString', 'order_size', 'position_limits'),
  fc.string({ maxLength: 8 }),
);
const leaf = fc.oneof(
  fc.constantFrom(
    'BTCUSDT',
    '0.1',
    'true',
    '5s',
    'testnet',
    'live',
    '1e400',
    '-0',
    '.nan',
    '0x1F',
    '99999999999999999999',
  ),
  fc.string({ maxLength: 12 }),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
  ),
}));
const sections = fc.dictionary(
  fc.constantFrom(
    'venue',
    'trading',
    'strategies',
    'risk',
    'simulator',
    'telemetry',
    'log',
    'session',
    'orderSize',
    'symbols',
  ),
  tree,
  { maxKeys: 5 },
);

describe('the loader', () => {
  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void survives(bytes)),
      { numRuns: 300 },
    );
  });

  it('survives any text made of YAML punctuation', () => {
    const token = fc.constantFrom(
      ': ',
      '\n',
      '- ',
      '  ',
      '{',
      '}',
      '[',
      ']',
      ',',
      '&a ',
      '*a',
      '!!map ',
      '? ',
      '|',
      '>',
      '"',
      "'",
      '#',
      '<<',
      'risk',
      'venue',
      '1',
      '~',
      '\t',
      '%',
      '@',
      '---\n',
      '\u0000',
      '\uFEFF',
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 25 }), (tokens) => void survives(text(tokens.join('')))),
      { numRuns: 500 },
    );
  });

  it('survives any tree of settings', () => {
    fc.assert(
      fc.property(sections, (value) => void survives(text(stringify(value)))),
      { numRuns: 500 },
    );
  });

  it.each([
    ['deep flow nesting', '['.repeat(20_000)],
    ['deep closed nesting', '['.repeat(3_000) + ']'.repeat(3_000)],
    ['deep block nesting', Array.from({ length: 500 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
    [
      'a billion laughs',
      [
        'a: &a [x,x,x,x,x,x,x,x,x,x]',
        ...'bcdefghij'
          .split('')
          .map((c, i) => `${c}: &${c} [${Array(10).fill(`*${'abcdefghi'[i]}`).join(',')}]`),
      ].join('\n'),
    ],
    ['an anchor in itself', 'risk: &r {a: *r}'],
    ['a list in itself', 'strategies: &s [*s]'],
    ['a huge scalar', `log: {level: ${'x'.repeat(500_000)}}`],
    ['a huge file', '#'.repeat(1_000_001)],
    ['a merge key', 'a: &a {level: info}\nlog: {<<: *a}'],
    ['a complex key', '? {a: 1}\n: 2'],
    ['a prototype key', '__proto__: {risk: 1}\nrisk: {__proto__: 1, maxPosition: {__proto__: 5}}'],
    ['half a UTF-8 sequence', Uint8Array.of(0x61, 0x3a, 0xc3)],
    ['UTF-16', Uint8Array.of(0xff, 0xfe, 0x61, 0x00)],
  ])('refuses %s', (_, input) => {
    expect(survives(typeof input === 'string' ? text(input) : input)).toBe(false);
  });
});
