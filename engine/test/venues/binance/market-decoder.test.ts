import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BookFault } from '../../../src/domain/index.js';
import { DecodeError, FrameKind, faultOf } from '../../../src/venues/binance/decode-codes.js';
import { MAX_LEVELS } from '../../../src/venues/binance/level-reader.js';
import { BinanceDecoder } from '../../../src/venues/binance/market-decoder.js';
import { jsonText } from './market-arbitraries.js';
import { BTC, decodeNaively, decodeWith, ETH, INSTRUMENTS, PERP, plainBook } from './market-fixtures.js';
import { brokenFrameValue, frameValue } from './market-frames.js';

const decoder = new BinanceDecoder(INSTRUMENTS);
const decode = (frame: string | Uint8Array) =>
  decodeWith(decoder, typeof frame === 'string' ? Buffer.from(frame) : frame);

const DEPTH =
  '{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161255208,"s":"BTCUSDT","U":50093239189,"u":50093239202,"b":[["61737.63000000","0.00000000"],["61730.17000000","1.54698000"]],"a":[["61837.64000000","0.32329000"]]}}';
const TICKER =
  '{"stream":"btcusdt@bookTicker","data":{"u":50093239212,"s":"BTCUSDT","b":"61837.63000000","B":"3.78826000","a":"61837.64000000","A":"1.54698000"}}';
const TRADE =
  '{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":3735683259,"p":"61837.63000000","q":"0.02000000","T":1723161255342,"m":true,"M":true}}';

describe('Binance decoder', () => {
  it('decodes a spot depth update', () => {
    expect(decode(DEPTH)).toEqual({
      kind: FrameKind.Depth,
      book: {
        kind: 11,
        instrument: BTC.index,
        tsEvent: 1723161255208000,
        firstId: 50093239189,
        lastId: 50093239202,
        pu: -1,
        bids: [
          [6173763, 0],
          [6173017, 154698],
        ],
        asks: [[6183764, 32329]],
      },
    });
  });

  it('decodes futures depth with its previous id and its time of match', () => {
    const { book } = decode(
      '{"stream":"btcusd_perp@depth@0ms","data":{"e":"depthUpdate","E":1723161257440,"T":1723161257432,"s":"BTCUSD_PERP","ps":"BTCUSD","U":1007198631260,"u":1007198631565,"pu":1007198631198,"b":[["61773.6","1001"]],"a":[]}}',
    );
    expect(book).toMatchObject({
      instrument: PERP.index,
      tsEvent: 1723161257432000,
      pu: 1007198631198,
      bids: [[617736, 1001]],
    });
  });

  it('decodes book tickers of spot (no event name) and futures, enveloped and raw', () => {
    const expected = {
      updateId: 50093239212,
      bid: 6183763,
      bidSize: 378826,
      ask: 6183764,
      askSize: 154698,
      tsEvent: 0,
    };
    expect(decode(TICKER).quote).toMatchObject(expected);
    expect(decode(JSON.stringify(JSON.parse(TICKER).data)).quote).toMatchObject(expected);
    const futures = JSON.stringify({
      e: 'bookTicker',
      ...JSON.parse(TICKER).data,
      T: 1723161256313,
      E: 1723161256314,
    });
    expect(decode(futures).quote).toMatchObject({ ...expected, tsEvent: 1723161256313000 });
  });

  it('decodes a trade, the taker being the seller when the buyer is the maker', () => {
    expect(decode(TRADE).trade).toMatchObject({
      tradeId: 3735683259,
      price: 6183763,
      quantity: 2000,
      aggressor: 1,
    });
    expect(decode(TRADE.replace('"m":true', '"m":false')).trade).toMatchObject({
      aggressor: 0,
      tsEvent: 1723161255342000,
    });
  });

  it('takes microsecond times as they are', () => {
    expect(decode(TRADE.replaceAll('343,', '343123,').replace('342,', '342007,')).trade?.tsEvent).toBe(
      1723161255342007,
    );
  });

  it('decodes what the oracle decodes, whatever the key order, whitespace and escapes', () => {
    fc.assert(
      fc.property(
        frameValue.chain((value) => jsonText(value)),
        (text) => {
          expect(decode(text)).toEqual(decodeNaively(text));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('decodes frames written as the venue writes them', () => {
    fc.assert(
      fc.property(fc.oneof(frameValue, brokenFrameValue), (value) => {
        const text = JSON.stringify(value);
        expect(decode(text)).toEqual(decodeNaively(text));
      }),
      { numRuns: 1000 },
    );
  });

  it('decodes raw payloads as it does enveloped ones', () => {
    fc.assert(
      fc.property(
        frameValue.chain((value) =>
          jsonText(value.data).map((raw) => ({ raw, text: JSON.stringify(value) })),
        ),
        ({ raw, text }) => {
          expect(decode(raw)).toEqual(decodeNaively(text));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('refuses what the oracle refuses when a field is missing or of another type', () => {
    fc.assert(
      fc.property(
        brokenFrameValue.chain((value) => jsonText(value)),
        (text) => {
          expect(decode(text)).toEqual(decodeNaively(text));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each([DEPTH, TICKER, TRADE])('refuses every truncation of a frame and says whose it is', (frame) => {
    const bytes = Buffer.from(frame);
    for (let end = 0; end < bytes.length; end++) {
      expect(decoder.decode(bytes, 0, end)).toBe(FrameKind.Failed);
      expect(decoder.error).toBe(DecodeError.TRUNCATED);
      if (end > 40) expect(decoder.errorInstrument).toBe(BTC.index);
    }
    expect(decoder.decode(Buffer.concat([bytes, bytes]), bytes.length)).not.toBe(FrameKind.Failed);
  });

  it('never reads past the end it was given, whatever follows', () => {
    const bytes = Buffer.from(`${DEPTH}${'0'.repeat(100)}`);
    expect(decoder.decode(bytes, 0, DEPTH.length)).toBe(FrameKind.Depth);
    const cut = DEPTH.indexOf('.32329') + 3;
    const zeros = Buffer.from(`${DEPTH.slice(0, cut)}${'0'.repeat(80)}"]]}}`);
    expect(decoder.decode(zeros, 0, cut + 10)).toBe(FrameKind.Failed);
  });

  it('never takes a mutated frame for anything but what JSON says it is', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(DEPTH, TICKER, TRADE),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 3 }),
        (frame, edits) => {
          const bytes = Buffer.from(frame);
          for (const [where, byte] of edits) bytes[where % bytes.length] = byte;
          const ours = decode(bytes);
          if (![FrameKind.Depth, FrameKind.Quote, FrameKind.Trade].includes(ours.kind as never)) return;
          expect(ours).toEqual(decodeNaively(bytes.toString()));
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('survives any bytes at all', () => {
    const some = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ maxLength: 200 }).map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(some, (bytes) => {
        expect([FrameKind.Failed, FrameKind.Unknown, FrameKind.Acknowledged, FrameKind.Refused]).toContain(
          decode(bytes).kind,
        );
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['repeated key', DEPTH.replace('"U":', '"u":1,"U":'), DecodeError.DUPLICATE_KEY, BTC.index],
    ['repeated levels', DEPTH.replace('"b":', '"b":[],"b":'), DecodeError.DUPLICATE_KEY, BTC.index],
    ['repeated envelope', `${DEPTH.slice(0, -1)},"data":{}}`, DecodeError.DUPLICATE_KEY, BTC.index],
    ['two symbols', DEPTH.replace('"s":"BTC', '"s":"ETH'), DecodeError.SYMBOL_MISMATCH, -1],
    ['symbol in lower case', DEPTH.replace('"s":"BTCUSDT', '"s":"btcusdt'), DecodeError.SYMBOL_MISMATCH, -1],
    ['two events', DEPTH.replace('depthUpdate', 'trade'), DecodeError.EVENT_MISMATCH, BTC.index],
    [
      'first id past the last',
      DEPTH.replace('50093239189', '50093239203'),
      DecodeError.IMPOSSIBLE,
      BTC.index,
    ],
    ['a negative id', DEPTH.replace('50093239189', '-1'), DecodeError.IMPOSSIBLE, BTC.index],
    ['an id beyond 2^53', DEPTH.replace('50093239202', '9007199254740993'), DecodeError.RANGE, BTC.index],
    [
      'more decimals than the instrument has',
      DEPTH.replace('61730.17000000', '61730.17000001'),
      DecodeError.INEXACT,
      BTC.index,
    ],
    ['a price beyond 2^53', DEPTH.replace('61730.17', '90071992547409.93'), DecodeError.RANGE, BTC.index],
    ['a price of zero', DEPTH.replace('61730.17000000', '0.00000000'), DecodeError.RANGE, BTC.index],
    ['a negative size', DEPTH.replace('1.54698000', '-1.54698000'), DecodeError.RANGE, BTC.index],
    ['an exponent', DEPTH.replace('1.54698000', '1e5'), DecodeError.RANGE, BTC.index],
    ['a level of three', DEPTH.replace('"1.54698000"', '"1.54698000","x"'), DecodeError.TYPE, BTC.index],
    ['a payload that is no object', '{"stream":"btcusdt@trade","data":[]}', DecodeError.TYPE, BTC.index],
    ['no payload', '{"stream":"btcusdt@trade"}', DecodeError.MISSING_FIELD, BTC.index],
    [
      'fields beside the envelope',
      DEPTH.replace('"data":', '"u":1,"data":'),
      DecodeError.DUPLICATE_KEY,
      BTC.index,
    ],
    ['something after the end', `${DEPTH}x`, DecodeError.SYNTAX, BTC.index],
    ['not JSON', 'Service unavailable', DecodeError.TYPE, -1],
    ['nothing', '', DecodeError.TRUNCATED, -1],
    ['an array', '[1]', DecodeError.TYPE, -1],
    ['deep nesting', `{"x":${'['.repeat(5000)}${']'.repeat(5000)}}`, DecodeError.DEPTH, -1],
    ['non-UTF-8 in the symbol', DEPTH.replace('BTCUSDT', 'BTC\u00ff'), DecodeError.SYMBOL_MISMATCH, -1],
  ])('refuses %s', (_, frame, error, index) => {
    expect(decode(Buffer.from(frame, 'latin1')).kind).toBe(FrameKind.Failed);
    expect([decoder.error, decoder.errorInstrument]).toEqual([error, index]);
  });

  it('refuses more levels than any real update has', () => {
    const levels = (count: number) =>
      `[${Array.from({ length: count }, (_, i) => `["${i + 1}","1"]`).join()}]`;
    const frame = (count: number) => DEPTH.replace(/"a":.*$/, `"a":${levels(count)}}}`);
    expect(decode(frame(MAX_LEVELS)).book?.asks).toHaveLength(MAX_LEVELS);
    expect(decode(frame(MAX_LEVELS + 1)).kind).toBe(FrameKind.Failed);
    expect(faultOf(decoder.error)).toBe(BookFault.OVERFLOW);
    expect(decode(DEPTH).book?.asks).toHaveLength(1);
  });

  it.each([
    [
      'an aggregate trade',
      '{"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","a":1,"s":"BTCUSDT","p":"1"}}',
      FrameKind.Ignored,
    ],
    ['a raw aggregate trade', '{"e":"aggTrade","E":1,"s":"BTCUSDT","a":26129,"p":"0.01"}', FrameKind.Ignored],
    [
      'a candle',
      '{"stream":"btcusdt@kline_1m","data":{"e":"kline","s":"BTCUSDT","k":{"t":1,"s":"x"}}}',
      FrameKind.Unknown,
    ],
    [
      'a candle, payload first',
      '{"data":{"e":"kline","s":"BTCUSDT","k":{"t":1}},"stream":"btcusdt@kline_1m"}',
      FrameKind.Unknown,
    ],
    [
      'partial depth',
      '{"stream":"btcusdt@depth5","data":{"lastUpdateId":1,"bids":[],"asks":[]}}',
      FrameKind.Unknown,
    ],
    ['an array payload', '{"stream":"!ticker@arr","data":[{"e":"24hrTicker"}]}', FrameKind.Unknown],
    ['another symbol', TICKER.replace('btcusdt', 'xrpusdt').replace('BTCUSDT', 'XRPUSDT'), FrameKind.Unknown],
    [
      'another symbol, raw',
      '{"e":"trade","E":1,"s":"XRPUSDT","t":1,"p":"1","q":"1","T":1,"m":true}',
      FrameKind.Unknown,
    ],
    ['an empty object', '{}', FrameKind.Unknown],
    ['a priceless futures trade', TRADE.replace('61837.63000000', '0'), FrameKind.Ignored],
    ['the shutdown notice', '{"e":"serverShutdown","E":1770123456789}', FrameKind.ServerShutdown],
    [
      'the shutdown notice, enveloped',
      '{"stream":"","data":{"e":"serverShutdown","E":1}}',
      FrameKind.ServerShutdown,
    ],
  ])('knows %s', (_, frame, kind) => {
    expect(decode(frame).kind).toBe(kind);
  });

  it('reads answers to subscription requests', () => {
    expect(decode('{"result":null,"id":3}').kind).toBe(FrameKind.Acknowledged);
    expect(decoder.reply.id).toBe(3);
    expect(decode('{"id":4,"error":{"code":2,"msg":"Invalid request"}}').kind).toBe(FrameKind.Refused);
    expect(decoder.reply).toMatchObject({ id: 4, code: 2, text: 'Invalid request' });
    expect(decode('{"code":3,"msg":"Invalid JSON"}').kind).toBe(FrameKind.Refused);
    expect(decoder.reply).toMatchObject({ id: -1, code: 3, text: 'Invalid JSON' });
    expect(decode('{"result":null,"id":"a"}').kind).toBe(FrameKind.Acknowledged);
  });

  it('refuses two instruments that stream names could not tell apart', () => {
    expect(() => new BinanceDecoder([ETH, { ...ETH, symbol: 'ethusdt' }])).toThrow(/occurs twice/);
  });

  it('leaves the struct of one kind alone while it decodes another', () => {
    decode(DEPTH);
    const before = plainBook(decoder.depth);
    decode(TICKER);
    decode(TRADE);
    expect(plainBook(decoder.depth)).toEqual(before);
  });
});
