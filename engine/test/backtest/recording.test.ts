import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type RecordedItem,
  RecordingError,
  readRecording,
  recordedInstruments,
  recordingFiles,
  verifyRecording,
} from '../../src/backtest/index.js';

const RECORDINGS = join(process.env.TRADEWIND_RECORDINGS ?? resolve('../shared/recordings'), 'binance');
const recorded = existsSync(RECORDINGS) ? it : it.skip;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tradewind-recording-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, content: string | Buffer): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

async function read(...files: string[]): Promise<string[]> {
  const items: string[] = [];
  for await (const { tsUs, kind, url, bytes } of readRecording(files)) {
    items.push(`${tsUs} ${kind} ${url ?? '-'} ${Buffer.from(bytes).toString('latin1')}`);
  }
  return items;
}

async function failure(promise: Promise<unknown>): Promise<RecordingError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RecordingError);
  return error as RecordingError;
}

describe('recording reader', () => {
  it('reads every kind of line of a cryptofeed capture and merges its files by time', async () => {
    write('X.0', 'http://a/info -> 1.5: {"a":": "} header: {"b": "c"}\nconfiguration: {"trades":[]}\n');
    write('X.http.0.0', 'http://a/depth?symbol=B -> 3.0000019: [1]\n\n');
    write(
      'X.ws.1.0',
      'ws://a <-> 2\nws://a <- 2.25: {"op": "x"}\n2.5: {"m": 1}\n2.1: late\n4.0633569: {"header: {": 2}\n',
    );
    expect(await read(...(await recordingFiles(join(folder, 'X.0'))))).toEqual([
      '1500000 rest http://a/info {"a":": "}',
      '2000000 connect ws://a ',
      '2250000 sent ws://a {"op": "x"}',
      '2500000 frame - {"m": 1}',
      '2100000 frame - late',
      '3000001 rest http://a/depth?symbol=B [1]',
      '4063356 frame - {"header: {": 2}',
    ]);
  });

  it('reads hftbacktest captures, telling the snapshot from the frames, and joins their parts', async () => {
    write(
      'h_1.gz',
      gzipSync('1723161254206652067 {"lastUpdateId":5}\n1723161254306652067 {"stream":"a","data":{}}\n'),
    );
    write('h_2.gz', gzipSync('1723161255206652999 {"stream":"b"}'));
    expect(await read(...(await recordingFiles(join(folder, 'h_'))))).toEqual([
      '1723161254206652 rest - {"lastUpdateId":5}',
      '1723161254306652 frame - {"stream":"a","data":{}}',
      '1723161255206652 frame - {"stream":"b"}',
    ]);
  });

  it('hands the bytes on as they are', async () => {
    const bytes = Buffer.from([0x31, 0x3a, 0x20, 0xff, 0x00, 0xc3, 0x28, 0x0d, 0x0a]);
    const items: RecordedItem[] = [];
    for await (const item of readRecording([write('bin', bytes)])) items.push(item);
    expect(items.map((item) => [...item.bytes])).toEqual([[0xff, 0x00, 0xc3, 0x28, 0x0d]]);
  });

  it('joins a line that comes in many pieces', async () => {
    const long = 'x'.repeat(1_000_000);
    expect(await read(write('long', `1: ${long}\n2: y`))).toEqual([
      `1000000 frame - ${long}`,
      '2000000 frame - y',
    ]);
  });

  it.each([
    ['a line without a time', 'a', '1: ok\nhello world\n', 2],
    ['a time that is none', 'b', '1: ok\n\n1.x: bad\n', 3],
    ['an unknown arrow', 'c', 'url => 1: x\n', 1],
    ['an hftbacktest line without a time', 'd', gzipSync('{"stream":"a"}\n'), 1],
    ['an hftbacktest line without a message', 'e', gzipSync('1723161254206652067 \n'), 1],
    [
      'a file cut off inside its compression',
      'f',
      gzipSync('1723161254206652067 {}\n'.repeat(99)).subarray(0, 40),
      0,
    ],
    ['a zstd file', 'g', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0]), 0],
  ])('names file and line of %s', async (_, name, content, line) => {
    const file = write(`bad-${name}`, content);
    const error = await failure(read(file));
    expect([error.file, error.line]).toEqual([file, line]);
    expect(error.message).toContain(file);
  });

  it('says so when there is no such recording, or no Binance depth in it', async () => {
    expect((await failure(recordingFiles(join(folder, 'nothing')))).message).toContain('no such recording');
    expect((await failure(recordingFiles('no/such/folder/x'))).message).toContain('no such recording');
    expect((await failure(read(join(folder, 'nothing')))).message).toContain('cannot be read');
    expect(
      (await failure(recordedInstruments([write('none', '1: {"x":1}\n2: not json\n')]))).message,
    ).toContain('no Binance');
  });

  it('infers precision from every number, trailing zeros aside', async () => {
    const depth = (b: string[][]) =>
      `{"stream":"abcbtc@depth","data":{"e":"depthUpdate","s":"ABCBTC","b":${JSON.stringify(b)},"a":[]}}`;
    const trade =
      '{"stream":"abcbtc@trade","data":{"e":"trade","s":"ABCBTC","p":"1.25000000","q":"0.00100000"}}';
    const file = write('infer', `1: ${depth([['1.50000000', '2.00000000']])}\n2: ${trade}\n`);
    expect(await recordedInstruments([file])).toMatchObject([
      { symbol: 'ABCBTC', base: 'ABC', quote: 'BTC', pricePrecision: 2, sizePrecision: 3, priceIncrement: 1 },
    ]);
  });
});

describe('recording verification', () => {
  const frame = (U: number, u: number, price: string, size: string) =>
    `{"stream":"abcbtc@depth","data":{"e":"depthUpdate","E":1,"s":"ABCBTC","U":${U},"u":${u},"b":[["${price}","${size}"]],"a":[]}}`;
  const snapshot = '1723161254206652067 {"lastUpdateId":5,"bids":[["1.0","1"]],"asks":[["2.0","1"]]}\n';
  const at = (n: number, text: string) => `${1723161254206652067n + BigInt(n)} ${text}\n`;

  it('sees a gap, a crossed book and a broken frame', async () => {
    const gap = gzipSync(snapshot + at(1000, frame(6, 6, '1.1', '2')) + at(2000, frame(8, 8, '1.2', '2')));
    expect(await verifyRecording([write('gap.gz', gap)])).toMatchObject({
      gaps: 1,
      depthApplied: 1,
      naiveEqual: false,
    });
    const crossed = gzipSync(snapshot + at(1000, frame(6, 6, '2.5', '2')));
    expect(await verifyRecording([write('crossed.gz', crossed)])).toMatchObject({ crossed: 1, gaps: 0 });
    const broken = gzipSync(snapshot + at(1000, frame(6, 6, '1.1', '2')) + at(2000, frame(9, 7, '1.2', '2')));
    expect(await verifyRecording([write('broken.gz', broken)])).toMatchObject({
      failures: 1,
      naiveEqual: false,
    });
  });

  for (const [name, symbols, messages, depth, dropped, tops, agreed] of [
    ['BINANCE.0', 4, 265, 177, 5, 159, 159],
    ['hftbacktest_spot_btcusdt', 1, 99_573, 6_495, 2, 6_493, 6_491],
    ['hftbacktest_usdm_btcusdt', 1, 93_953, 6_551, 4, 6_546, 6_546],
    ['hftbacktest_cm_btcusd_perp', 1, 98_385, 44_795, 23, 44_771, 44_771],
  ] as const) {
    recorded(
      `replays ${name} without a gap, to the naive book`,
      async () => {
        const report = await verifyRecording(await recordingFiles(join(RECORDINGS, name)));
        expect(report).toMatchObject({
          messages,
          depthMessages: depth,
          depthApplied: depth - dropped,
          depthDropped: dropped,
          failures: 0,
          gaps: 0,
          crossed: 0,
          topsCompared: tops,
          topsAgreed: agreed,
          naiveEqual: true,
          difference: '',
        });
        expect(report.symbols).toHaveLength(symbols);
      },
      60_000,
    );
  }
});
