import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  CLIENT_ORDER_ID_FORMATS,
  clientOrderIdLimits,
  formatClientOrderId,
  parseClientOrderId,
} from '../../src/domain/index.js';

type VenueName = keyof typeof CLIENT_ORDER_ID_FORMATS;

/** What each venue accepts, by its own documentation. */
const RULES: Record<VenueName, RegExp> = {
  binance: /^[a-zA-Z0-9\-_]{1,36}$/,
  bitfinex: /^(0|[1-9]\d{0,13})$/,
  bitstamp: /^[a-zA-Z0-9]{1,36}$/,
  bybit: /^[A-Za-z0-9_-]{1,36}$/,
  coinbase: /^[!-~]{1,128}$/,
  gateio: /^t-[0-9A-Za-z_.-]{1,28}$/,
  gemini: /^[:\-_.#a-zA-Z0-9]{1,100}$/,
  kraken: /^[!-~]{1,18}$/,
  kucoin: /^[A-Za-z0-9_-]{1,40}$/,
  okx: /^[A-Za-z0-9]{1,32}$/,
};

describe.each(Object.keys(RULES) as VenueName[])('client order ids for %s', (venue) => {
  const format = CLIENT_ORDER_ID_FORMATS[venue];
  const limits = clientOrderIdLimits(format);
  const upTo = (max: number) =>
    fc.oneof(
      fc.constantFrom(0, 1, max - 1, max),
      fc.maxSafeNat().map((n) => n % (max + 1)),
    );
  const id = fc.tuple(upTo(limits.epoch), upTo(limits.sequence));

  it('obey its rule and come back', () => {
    fc.assert(
      fc.property(id, ([epoch, sequence]) => {
        const text = formatClientOrderId(format, epoch, sequence);
        expect(text).toMatch(RULES[venue]);
        expect(parseClientOrderId(format, text)).toEqual({ epoch, sequence });
        if (format.kind === 'integer') expect(Number(text)).toBeLessThan(2 ** 45);
      }),
      { numRuns: 200 },
    );
  });

  it('are never the same for two orders', () => {
    fc.assert(
      fc.property(fc.uniqueArray(id, { selector: String, maxLength: 60 }), (ids) => {
        expect(new Set(ids.map((pair) => formatClientOrderId(format, ...pair))).size).toBe(ids.length);
      }),
      { numRuns: 50 },
    );
  });

  it('are refused outside the limits', () => {
    for (const bad of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => formatClientOrderId(format, bad, 1)).toThrow(RangeError);
      expect(() => formatClientOrderId(format, 1, bad)).toThrow(RangeError);
    }
    expect(() => formatClientOrderId(format, limits.epoch + 1, 1)).toThrow(/epoch/);
    expect(() => formatClientOrderId(format, 1, limits.sequence + 1)).toThrow(/sequence/);
  });

  it('are read from text that is exactly ours and from no other', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'tw-x01av9z'), maxLength: 24 })),
        (text) => {
          const parsed = parseClientOrderId(format, text);
          if (parsed !== undefined)
            expect(formatClientOrderId(format, parsed.epoch, parsed.sequence)).toBe(text);
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe("other people's ids", () => {
  const { binance, bitfinex, gateio } = CLIENT_ORDER_ID_FORMATS;

  it.each([
    '',
    'tw',
    'twx',
    'tw1x',
    'twx1',
    'TW1x1',
    'tw1X1',
    'tw01x1',
    'tw1x01',
    'tw1x1 ',
    ' tw1x1',
    'tw1x1\n',
    'tw-1x1',
    'tw1w1x1',
    'tw1x1x1',
    't-tw1x1',
    'tw1000000x1',
    'tw1x1000000000',
    'web_123',
    'x-A6SIDXVS',
    '٣',
    '0f6bb1c6-6cd7-4a3e-9a55-3f4ee1b8b1f1',
  ])('%j is not ours', (text) => {
    expect(parseClientOrderId(binance, text)).toBeUndefined();
  });

  it('must carry the venue prefix where there is one', () => {
    expect(parseClientOrderId(gateio, 't-tw1x1')).toEqual({ epoch: 1, sequence: 1 });
    expect(parseClientOrderId(gateio, 'tw1x1')).toBeUndefined();
    expect(parseClientOrderId(gateio, 't-t-tw1x1')).toBeUndefined();
  });

  it.each(['', '-1', '1.0', '007', '1e3', String(2 ** 45), '99999999999999', '123456789012345'])(
    'integer %j is not ours',
    (text) => {
      expect(parseClientOrderId(bitfinex, text)).toBeUndefined();
    },
  );

  it('reads as documented', () => {
    expect(formatClientOrderId(binance, 47, 115_828)).toBe('tw1fx3h3k');
    expect(formatClientOrderId(binance, 32 ** 6 - 1, 32 ** 9 - 1)).toBe('twvvvvvvxvvvvvvvvv');
    expect(formatClientOrderId(bitfinex, 1, 5)).toBe('4294967301');
  });
});
