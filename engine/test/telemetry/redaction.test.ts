import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isSecretKey, REDACTED, Redactor } from '../../src/telemetry/index.js';

const CANARY = 'canary-7f3a9b-do-not-print';
const text = (value: unknown) => JSON.stringify(value);

describe('Redactor', () => {
  it.each([
    'secret',
    'apiKey',
    'api_key',
    'API-KEY',
    'apiSecret',
    'password',
    'passphrase',
    'privateKey',
    'signature',
    'authorization',
    'listenKey',
    'X-MBX-APIKEY',
    'token',
    'accessToken',
    'cookie',
    'credentials',
    'pem',
  ])('masks the value of %s at any depth', (key) => {
    const redactor = new Redactor();
    const fields = {
      [key]: CANARY,
      deep: [{ more: { [key]: { inner: CANARY } } }],
      map: new Map([[key, CANARY]]),
    };
    const shown = text(redactor.fields(fields));
    expect(shown).not.toContain(CANARY);
    expect(shown).toContain(REDACTED);
  });

  it.each(['symbol', 'tokens', 'clientOrderId', 'keyCount', 'monkey', 'passed', 'author'])(
    'shows %s',
    (key) => {
      expect(isSecretKey(key)).toBe(false);
    },
  );

  it.each([
    `https://api.example.com/api/v3/order?symbol=A&signature=${CANARY}&x=1`,
    `{"apiKey":"${CANARY}"}`,
    `secretKey: ${CANARY}`,
    `Authorization: Bearer ${CANARY}`,
    `redis://user:${CANARY}@host/0`,
    `-----BEGIN PRIVATE KEY-----\n${CANARY}\n-----END PRIVATE KEY-----`,
    `-----BEGIN EC PRIVATE KEY-----\n${CANARY}`,
  ])('masks secrets inside text: %s', (line) => {
    expect(new Redactor().text(line)).not.toContain(CANARY);
  });

  it('masks a registered secret wherever it turns up', () => {
    const redactor = new Redactor();
    redactor.addSecret(`${CANARY}/+`);
    const error = new Error(`refused ${CANARY}/+`, { cause: { note: `${CANARY}/+` } });
    const shown = text(
      redactor.fields({ [`${CANARY}/+`]: 1, error, url: encodeURIComponent(`${CANARY}/+`) }),
    );
    expect(shown).not.toContain(CANARY);
  });

  it('never throws, always gives bounded plain JSON', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string(),
          fc.anything({
            withBigInt: true,
            withMap: true,
            withSet: true,
            withDate: true,
            withTypedArray: true,
            withNullPrototype: true,
          }),
        ),
        (fields) => {
          const clean = new Redactor().fields(fields);
          expect(() => structuredClone(clean)).not.toThrow();
          expect(() => text(clean)).not.toThrow();
        },
      ),
      { numRuns: 300 },
    );
  });

  it('survives cycles, hostile getters, functions and huge values', () => {
    const redactor = new Redactor();
    const cycle: Record<string, unknown> = {
      f: () => 1,
      big: 10n ** 30n,
      nan: Number.NaN,
      long: 'x'.repeat(100_000),
    };
    cycle.self = cycle;
    cycle.list = Array.from({ length: 10_000 }, (_, i) => i);
    const clean = redactor.fields(cycle);
    expect(clean).toMatchObject({
      self: '[circular]',
      f: '[function]',
      big: `1${'0'.repeat(30)}`,
      nan: 'NaN',
    });
    expect(text(clean).length).toBeLessThan(20_000);
    const hostile = {
      get x(): never {
        throw new Error('no');
      },
    };
    expect(redactor.fields(hostile)).toEqual({ unloggable: 'Error: no' });
  });

  it('keeps what an error says', () => {
    const error = Object.assign(new TypeError('bad', { cause: new Error('deeper') }), { status: 418 });
    expect(new Redactor().fields({ error }).error).toMatchObject({
      type: 'TypeError',
      message: 'bad',
      status: 418,
      cause: { message: 'deeper' },
      stack: expect.stringContaining('bad'),
    });
  });
});
