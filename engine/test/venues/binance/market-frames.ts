import fc from 'fast-check';
import { formatUnits, type Instrument } from '../../../src/domain/index.js';
import { INSTRUMENTS } from './market-fixtures.js';

/** Decimal text as Binance prints it (8 decimals), at the instrument's precision, and now and then in a form near a limit. */
function decimal(precision: number, min: number): fc.Arbitrary<string> {
  const plain = fc.oneof(
    fc.integer({ min, max: 5_000_000 }),
    fc.integer({ min, max: Number.MAX_SAFE_INTEGER }),
  );
  return fc.oneof(
    { weight: 20, arbitrary: plain.map((units) => formatUnits(units, precision)) },
    { weight: 20, arbitrary: plain.map((units) => padded(formatUnits(units, precision))) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '0',
        '0.0',
        '1e5',
        '-1',
        '',
        '.5',
        '1.',
        '90071992547409930',
        '0.123456789',
        'NaN',
        '00012.50',
      ),
    },
  );
}

function padded(text: string): string {
  const [whole, fraction = ''] = text.split('.');
  return `${whole}.${fraction.padEnd(8, '0')}`;
}

const ID = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 2 ** 32, max: 2 ** 43 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -1, Number.MAX_SAFE_INTEGER, 1.5, 2 ** 53) },
);
const TIME = fc.constantFrom(1_723_161_255_208, 1_723_161_255_208_123, 1_633_998_512_068);

function levelsOf(of: Instrument): fc.Arbitrary<[string, string][]> {
  return fc.array(fc.tuple(decimal(of.pricePrecision, 1), decimal(of.sizePrecision, 0)), { maxLength: 6 });
}

function depth(of: Instrument): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .record(
      {
        e: fc.constant('depthUpdate'),
        E: TIME,
        T: TIME,
        s: fc.constant(of.symbol),
        ps: fc.constant('BTCUSD'),
        U: ID,
        u: fc.nat({ max: 500 }),
        pu: ID,
        b: levelsOf(of),
        a: levelsOf(of),
      },
      { requiredKeys: ['e', 'E', 's', 'U', 'u', 'b', 'a'] },
    )
    .map((data) => ({ ...data, u: data.U + data.u }));
}

function ticker(of: Instrument): fc.Arbitrary<Record<string, unknown>> {
  const [price, size] = [decimal(of.pricePrecision, 0), decimal(of.sizePrecision, 0)];
  return fc.record(
    {
      e: fc.constant('bookTicker'),
      E: TIME,
      T: TIME,
      u: ID,
      s: fc.constant(of.symbol),
      b: price,
      B: size,
      a: price,
      A: size,
    },
    { requiredKeys: ['u', 's', 'b', 'B', 'a', 'A'] },
  );
}

function trade(of: Instrument): fc.Arbitrary<Record<string, unknown>> {
  return fc.record({
    e: fc.constant('trade'),
    E: TIME,
    s: fc.constant(of.symbol),
    t: ID,
    p: decimal(of.pricePrecision, 0),
    q: decimal(of.sizePrecision, 0),
    T: TIME,
    m: fc.boolean(),
    M: fc.boolean(),
  });
}

/** A combined-stream frame as a value, not yet as text. */
export const frameValue: fc.Arbitrary<{ stream: string; data: Record<string, unknown> }> = fc
  .constantFrom(...INSTRUMENTS)
  .chain((of) => {
    const name = of.symbol.toLowerCase();
    return fc.oneof(
      depth(of).map((data) => ({ stream: `${name}@depth@100ms`, data })),
      ticker(of).map((data) => ({ stream: `${name}@bookTicker`, data })),
      trade(of).map((data) => ({ stream: `${name}@trade`, data })),
    );
  });

/** The same with one thing wrong: a field missing, or of another type, or something else's. */
export const brokenFrameValue = fc
  .tuple(frameValue, fc.nat(), fc.nat(7))
  .map(([{ stream, data }, which, how]) => {
    const keys = Object.keys(data);
    const key = keys[which % keys.length]!;
    const broken: Record<string, unknown> = { ...data };
    const values = [undefined, null, 'x', 1, [['1', '1', '1']], { a: 1 }, true, [['1']]];
    if (values[how] === undefined) delete broken[key];
    else broken[key] = values[how];
    return { stream, data: broken };
  });
