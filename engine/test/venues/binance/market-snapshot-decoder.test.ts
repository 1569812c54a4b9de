import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatUnits } from '../../../src/domain/index.js';
import { DecodeError } from '../../../src/venues/binance/decode-codes.js';
import { SnapshotDecoder } from '../../../src/venues/binance/snapshot-decoder.js';
import { jsonText } from './market-arbitraries.js';
import { BTC, PERP, plainBook } from './market-fixtures.js';

const decoder = new SnapshotDecoder();
const decode = (body: string) => decoder.decode(Buffer.from(body), BTC);
const BODY =
  '{"lastUpdateId":50093239218,"bids":[["61837.63000000","3.78826000"]],"asks":[["61837.64000000","1.5"],["61838","1"]]}';

describe('Binance depth snapshot decoder', () => {
  it('decodes a REST answer', () => {
    expect(decode(BODY)).toBe(DecodeError.NONE);
    expect(plainBook(decoder.snapshot)).toEqual({
      kind: 10,
      instrument: BTC.index,
      tsEvent: 0,
      firstId: 50093239218,
      lastId: 50093239218,
      bids: [[6183763, 378826]],
      asks: [
        [6183764, 150000],
        [6183800, 100000],
      ],
    });
  });

  it('decodes the futures form', () => {
    const body =
      '{"lastUpdateId":1007198635033,"E":1723161257835,"T":1,"symbol":"BTCUSD_PERP","pair":"BTCUSD","bids":[["61804.7","35"]],"asks":[]}';
    expect(decoder.decode(Buffer.from(body), PERP)).toBe(DecodeError.NONE);
    expect(decoder.snapshot).toMatchObject({
      tsEvent: 1723161257835000,
      lastId: 1007198635033,
      bidCount: 1,
      askCount: 0,
    });
    expect(decode(body)).toBe(DecodeError.SYMBOL_MISMATCH);
  });

  it('reads any levels exactly, whatever the whitespace, escapes and key order', () => {
    const side = fc.array(fc.tuple(fc.integer({ min: 1, max: 1e12 }), fc.nat({ max: 1e12 })), {
      maxLength: 30,
    });
    const cases = fc.record({ lastUpdateId: fc.maxSafeNat(), bids: side, asks: side }).chain((value) => {
      const text = (levels: [number, number][]) =>
        levels.map(([p, s]) => [formatUnits(p, 2), `${formatUnits(s, 5)}000`]);
      return jsonText({ ...value, bids: text(value.bids), asks: text(value.asks) }).map((body) => ({
        value,
        body,
      }));
    });
    fc.assert(
      fc.property(cases, ({ value, body }) => {
        expect(decode(body)).toBe(DecodeError.NONE);
        const { lastId, bids, asks } = plainBook(decoder.snapshot);
        expect({ lastUpdateId: lastId, bids, asks }).toEqual(value);
      }),
      { numRuns: 200 },
    );
  });

  it('refuses every truncation and survives every mutation', () => {
    const bytes = Buffer.from(BODY);
    for (let end = 0; end < bytes.length; end++) {
      expect(decoder.decode(bytes.subarray(0, end), BTC)).toBe(DecodeError.TRUNCATED);
    }
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }), (where, byte) => {
        const mutated = Buffer.from(bytes);
        mutated[where] = byte;
        if (decoder.decode(mutated, BTC) !== DecodeError.NONE) return;
        const { lastUpdateId, bids } = JSON.parse(mutated.toString());
        expect(decoder.snapshot.lastId).toBe(lastUpdateId);
        expect(decoder.snapshot.bidCount).toBe(bids.length);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['an error answer', '{"code":-1121,"msg":"Invalid symbol."}', DecodeError.MISSING_FIELD],
    ['no asks', '{"lastUpdateId":1,"bids":[]}', DecodeError.MISSING_FIELD],
    ['asks twice', BODY.replace('"asks"', '"asks":[],"asks"'), DecodeError.DUPLICATE_KEY],
    ['a negative id', BODY.replace('50093239218', '-5'), DecodeError.IMPOSSIBLE],
    ['an id beyond 2^53', BODY.replace('50093239218', '9007199254740992'), DecodeError.RANGE],
    ['too many decimals', BODY.replace('61838', '61838.001'), DecodeError.INEXACT],
    [
      'a level that ends after its price',
      BODY.replace('"61837.63000000",', '"61837.63000000"]'),
      DecodeError.TYPE,
    ],
    ['an empty level', BODY.replace('["61838","1"]', '[]'), DecodeError.TYPE],
    ['a page of HTML', '<html>502</html>', DecodeError.TYPE],
  ])('refuses %s', (_, body, error) => {
    expect(decode(body)).toBe(error);
  });
});
