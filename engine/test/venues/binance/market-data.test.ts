import { afterEach, describe, expect, it } from '@jest/globals';
import { InstrumentBook } from '../../../src/book/index.js';
import {
  BookFault,
  ConnectionState,
  EventKind,
  type Instrument,
  type KernelEvent,
  VenueChannel,
} from '../../../src/domain/index.js';
import {
  type Clock,
  type LogFields,
  type Logger,
  MetricRegistry,
  systemClock,
} from '../../../src/telemetry/index.js';
import { FrameKind } from '../../../src/venues/binance/decode-codes.js';
import { DEFAULT_SYNC_LIMITS } from '../../../src/venues/binance/depth-synchronizer.js';
import { BinanceMarketData, type MarketDataTuning } from '../../../src/venues/binance/market-data.js';
import { MarketMetrics } from '../../../src/venues/binance/market-metrics.js';
import type { BinanceOptions } from '../../../src/venues/binance/options.js';
import { depthAnswer, depthFrame, Events, FakeVenue } from './market-fake-venue.js';
import { BTC, ETH, instrument } from './market-fixtures.js';

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0)) await thing.stop();
});

class Lines implements Logger {
  readonly lines: string[] = [];
  #write(level: string, message: string, fields?: LogFields) {
    this.lines.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`);
  }
  debug(message: string, fields?: LogFields) {
    this.#write('debug', message, fields);
  }
  info(message: string, fields?: LogFields) {
    this.#write('info', message, fields);
  }
  warn(message: string, fields?: LogFields) {
    this.#write('warn', message, fields);
  }
  error(message: string, fields?: LogFields) {
    this.#write('error', message, fields);
  }
  child() {
    return this;
  }
}

interface Setup {
  venue?: FakeVenue;
  tuning?: MarketDataTuning;
  options?: Partial<BinanceOptions>;
}

async function setUp({ venue, tuning, options }: Setup = {}) {
  const fake = venue ?? (await FakeVenue.start());
  open.push({ stop: () => fake.close() });
  fake.depth = () => depthAnswer(100, [['10.00', '1']], [['11.00', '2']]);
  const events = new Events();
  const metrics = new MetricRegistry();
  const log = new Lines();
  const market = new BinanceMarketData(
    {
      venueIndex: 6,
      endpoints: { rest: '', stream: fake.url, wsApi: '' },
      clock: systemClock,
      logger: log,
      metrics,
      reconnect: { maxAttempts: 0, minDelayMs: 5, maxDelayMs: 20 },
      ...options,
    },
    fake,
    { configure() {} },
    { random: () => 0.5, sync: { ...DEFAULT_SYNC_LIMITS, minDelayUs: 1_000, maxDelayUs: 5_000 }, ...tuning },
  );
  open.unshift(market);
  return { fake, market, events, log, metrics };
}

const snapshots = (events: readonly KernelEvent[], of: Instrument = BTC) =>
  events.filter((event) => event.kind === EventKind.BookSnapshot && event.instrument === of.index).length;

/** The books that the events make. */
function booksOf(events: readonly KernelEvent[]): Map<number, InstrumentBook> {
  const books = new Map<number, InstrumentBook>();
  for (const event of events) {
    if (!('instrument' in event) || typeof event.instrument !== 'number') continue;
    const book = books.get(event.instrument) ?? new InstrumentBook();
    books.set(event.instrument, book);
    if (event.kind === EventKind.BookSnapshot || event.kind === EventKind.BookDelta) book.apply(event);
    if (event.kind === EventKind.BookStatus) book.setStatus(event.fault);
    if (event.kind === EventKind.Quote) book.applyQuote(event);
  }
  return books;
}

const states = (events: readonly KernelEvent[]) =>
  events.flatMap((event) => (event.kind === EventKind.Connection ? [event.state] : []));
const faults = (events: readonly KernelEvent[]) =>
  events.flatMap((event) => (event.kind === EventKind.BookStatus ? [event.fault] : []));

describe('Binance market data over a socket', () => {
  it('connects, builds the books and passes on depth, trades and quotes', async () => {
    const frames: number[] = [];
    const { fake, market, events } = await setUp({ options: { onFrame: (ns) => frames.push(ns) } });
    await market.start([BTC, ETH], events.sink);
    expect(fake.urls).toEqual([
      '/stream?streams=btcusdt@depth@100ms/btcusdt@trade/btcusdt@bookTicker/ethusdt@depth@100ms/ethusdt@trade/ethusdt@bookTicker',
    ]);
    await events.until('snapshots', (all) => snapshots(all, BTC) === 1 && snapshots(all, ETH) === 1);
    fake.send(depthFrame('BTCUSDT', 99, 102, [['10.50', '3']]));
    fake.send({
      stream: 'ethusdt@bookTicker',
      data: { u: 101, s: 'ETHUSDT', b: '10.01', B: '1', a: '11', A: '2' },
    });
    fake.send({
      stream: 'btcusdt@trade',
      data: { e: 'trade', E: 1, s: 'BTCUSDT', t: 5, p: '10.5', q: '1', T: 1, m: false, M: true },
    });
    await events.until('trade', (all) => all.some(({ kind }) => kind === EventKind.Trade));
    expect(events.all[0]).toMatchObject({
      kind: EventKind.Connection,
      venue: 6,
      channel: VenueChannel.MarketData,
    });
    expect(states(events.all)).toEqual([ConnectionState.Connecting, ConnectionState.Up]);
    expect(events.all.find(({ kind }) => kind === EventKind.BookDelta)).toMatchObject({
      firstId: 101,
      lastId: 102,
    });
    const books = booksOf(events.all);
    expect(books.get(BTC.index)).toMatchObject({ state: 1, bid: 1050, ask: 1100, lastUpdateId: 102 });
    expect(books.get(ETH.index)).toMatchObject({ state: 1, bid: 1001 });
    expect(frames).toHaveLength(3);
    expect(fake.requests).toEqual([
      '/api/v3/depth?symbol=BTCUSDT&limit=1000 (50)',
      '/api/v3/depth?symbol=ETHUSDT&limit=1000 (50)',
    ]);
  });

  it('rebuilds one book after a gap and leaves the other alone', async () => {
    const { fake, market, events, log, metrics } = await setUp();
    await market.start([BTC, ETH], events.sink);
    await events.until('snapshots', (all) => snapshots(all, BTC) === 1 && snapshots(all, ETH) === 1);
    fake.depth = () => depthAnswer(110, [['9.00', '1']], [['11.00', '2']]);
    fake.send(depthFrame('BTCUSDT', 105, 112, [['9.50', '1']]));
    await events.until('resync', (all) => snapshots(all, BTC) === 2);
    expect(faults(events.all)).toEqual([BookFault.NONE, BookFault.NONE, BookFault.SEQUENCE_GAP]);
    const books = booksOf(events.all);
    expect(books.get(BTC.index)).toMatchObject({ state: 1, bid: 950, lastUpdateId: 112 });
    expect(snapshots(events.all, ETH)).toBe(1);
    const { faults: counted, messages } = new MarketMetrics(metrics);
    expect(counted[BookFault.SEQUENCE_GAP]!.value).toBe(1);
    expect(messages[FrameKind.Depth]!.value).toBe(1);
    expect(log.lines.some((line) => line.includes('SEQUENCE_GAP') && line.includes('BTCUSDT'))).toBe(true);
  });

  it('asks again, in due time, when a snapshot is refused, broken or stale', async () => {
    const { fake, market, events } = await setUp();
    const answers = [
      { status: 429, body: Buffer.from('{"code":-1003,"msg":"too much"}') },
      { status: 200, body: Buffer.from('{"lastUpdateId":') },
      depthAnswer(1, [], []),
      depthAnswer(104, [['10.00', '1']], []),
    ];
    fake.depth = () => {
      if (answers.length === 2) fake.send(depthFrame('BTCUSDT', 100, 105, [['10.25', '7']]));
      return answers.shift()!;
    };
    await market.start([BTC], events.sink);
    fake.send(depthFrame('BTCUSDT', 100, 103, [['10.50', '3']]));
    await events.until('book', (all) => booksOf(all).get(BTC.index)?.state === 1);
    expect(answers).toHaveLength(0);
  });

  it('invalidates the symbol of a frame it cannot decode, or all of them, and recovers', async () => {
    const { fake, market, events, log } = await setUp();
    await market.start([BTC, ETH], events.sink);
    await events.until('snapshots', (all) => snapshots(all, BTC) === 1 && snapshots(all, ETH) === 1);
    fake.send(JSON.stringify(depthFrame('ETHUSDT', 101, 101, [['1.00001', '1']])));
    await events.until('resync', (all) => snapshots(all, ETH) === 2);
    expect(faults(events.all).slice(2)).toEqual([BookFault.PRECISION]);
    fake.socket.send(Buffer.from([0xff, 0xfe, 0x00]), { binary: false });
    await events.until('resync of all', (all) => snapshots(all, ETH) === 3 && snapshots(all, BTC) === 2);
    expect(faults(events.all).slice(3)).toEqual([BookFault.MALFORMED, BookFault.MALFORMED]);
    expect(log.lines.some((line) => line.includes('could not be decoded') && line.includes('ETHUSDT'))).toBe(
      true,
    );
  });

  it('reconnects when the connection is lost and starts every book over', async () => {
    const { fake, market, events } = await setUp();
    await market.start([BTC], events.sink);
    await events.until('snapshot', (all) => snapshots(all) === 1);
    // A venue that started over counts from the beginning.
    fake.depth = () => depthAnswer(7, [['8.00', '1']], []);
    fake.socket.terminate();
    await events.until('second snapshot', (all) => snapshots(all) === 2);
    const { Connecting, Up, Down } = ConnectionState;
    expect(states(events.all)).toEqual([Connecting, Up, Down, Connecting, Up]);
    expect(faults(events.all)).toEqual([BookFault.NONE, BookFault.DISCONNECTED, BookFault.NONE]);
    expect(booksOf(events.all).get(BTC.index)).toMatchObject({ state: 1, bid: 800, lastUpdateId: 7 });
  });

  it('finds out a half-open connection by its silence', async () => {
    const venue = await FakeVenue.start({ autoPong: false });
    const heartbeat = { intervalMs: 20, timeoutMs: 20 };
    const { market, events, log } = await setUp({ venue, options: { heartbeat } });
    await market.start([BTC], events.sink);
    await events.until(
      'reconnect',
      (all) => states(all).filter((state) => state === ConnectionState.Up).length >= 2,
    );
    expect(log.lines.some((line) => line.includes('half-open'))).toBe(true);
  });

  it('rejects the start when the venue cannot be reached within the attempts allowed', async () => {
    const venue = await FakeVenue.start();
    const { url } = venue;
    await venue.close();
    const other = await FakeVenue.start();
    const { market, events } = await setUp({
      venue: other,
      options: {
        endpoints: { rest: '', stream: url, wsApi: '' },
        reconnect: { maxAttempts: 3, minDelayMs: 1, maxDelayMs: 2 },
      },
    });
    await expect(market.start([BTC], events.sink)).rejects.toThrow(/gave up after 3 attempts.*ECONNREFUSED/);
  });

  it('waits as long as a venue that refuses the connection asks', async () => {
    const { fake, market, events, log } = await setUp();
    fake.refusals.push(1);
    await market.start([BTC], events.sink);
    expect(log.lines.some((line) => line.includes('429') && /"reconnectInMs":(1000|9\d\d)/.test(line))).toBe(
      true,
    );
    const { Connecting, Up, Down } = ConnectionState;
    expect(states(events.all)).toEqual([Connecting, Down, Connecting, Up]);
  });

  it('replaces the connection before the venue ends it, without losing a message or a book', async () => {
    const { fake, market, events } = await setUp();
    await market.start([BTC], events.sink);
    await events.until('snapshot', (all) => snapshots(all) === 1);
    const [old] = fake.sockets;
    fake.send({ e: 'serverShutdown', E: 1 });
    await events.until('second connection', () => fake.sockets.length === 2);
    const trade = (t: number) =>
      JSON.stringify({
        stream: 'btcusdt@trade',
        data: { e: 'trade', E: 1, s: 'BTCUSDT', t, p: '10.5', q: '1', T: 1, m: true },
      });
    for (const socket of [old!, fake.socket]) {
      socket.send(JSON.stringify(depthFrame('BTCUSDT', 101, 102, [['10.50', '3']])));
      socket.send(trade(1));
    }
    fake.send(trade(2));
    await events.until('trades', (all) =>
      all.some((event) => event.kind === EventKind.Trade && event.tradeId === 2),
    );
    await events.until('the old one closed', () => old!.readyState === old!.CLOSED);
    expect(states(events.all)).toEqual([ConnectionState.Connecting, ConnectionState.Up]);
    expect(faults(events.all)).toEqual([BookFault.NONE]);
    expect(events.all.filter(({ kind }) => kind === EventKind.Trade)).toHaveLength(2);
    expect(snapshots(events.all)).toBe(1);
  });

  it('replaces a connection that has grown old', async () => {
    const { fake, market, events } = await setUp({ tuning: { lifetimeMs: 50 } });
    await market.start([BTC], events.sink);
    await events.until('third connection', () => fake.sockets.length >= 3);
    expect(states(events.all)).toEqual([ConnectionState.Connecting, ConnectionState.Up]);
  });

  it('subscribes step by step when the streams do not fit into the address', async () => {
    const many = Array.from({ length: 120 }, (_, i) =>
      instrument(i, `COIN${String(i).padStart(3, '0')}USDT`, 2, 2),
    );
    const { fake, market, events } = await setUp();
    const started = market.start(many, events.sink);
    await events.until('first request', () => fake.received.length === 1);
    expect(fake.urls).toEqual(['/stream']);
    expect(JSON.parse(fake.received[0]!)).toMatchObject({ method: 'SUBSCRIBE', id: 1 });
    for (let id = 1; id <= 4; id++) {
      await events.until(`request ${id}`, () => fake.received.length === id);
      fake.send({ result: null, id });
    }
    await started;
    const asked = fake.received.flatMap((text) => (JSON.parse(text) as { params: string[] }).params);
    expect(new Set(asked).size).toBe(360);
    expect(states(events.all)).toEqual([ConnectionState.Connecting, ConnectionState.Up]);
  });

  it('starts over when a subscription is refused', async () => {
    const many = Array.from({ length: 120 }, (_, i) =>
      instrument(i, `COIN${String(i).padStart(3, '0')}USDT`, 2, 2),
    );
    const { fake, market, events, log } = await setUp();
    void market.start(many, events.sink).catch(() => {});
    await events.until('request', () => fake.received.length === 1);
    fake.send({ error: { code: 2, msg: 'Invalid request' }, id: 1 });
    await events.until('second connection', () => fake.sockets.length === 2);
    expect(log.lines.some((line) => line.includes('subscription refused: 2 Invalid request'))).toBe(true);
  });

  it('rebuilds a book when its reader finds it broken, once', async () => {
    const { market, events } = await setUp();
    await market.start([BTC], events.sink);
    await events.until('snapshot', (all) => snapshots(all) === 1);
    market.resync(BTC.index, BookFault.CROSSED);
    market.resync(BTC.index, BookFault.CROSSED);
    market.resync(ETH.index, BookFault.CROSSED);
    await events.until('second snapshot', (all) => snapshots(all) === 2);
    expect(faults(events.all)).toEqual([BookFault.NONE, BookFault.CROSSED]);
  });

  it('drops a connection that lives but has gone dumb, and one whose depth stream has stalled', async () => {
    let aheadNs = 0;
    const clock: Clock = { nowUs: () => systemClock.nowUs(), nanos: () => systemClock.nanos() + aheadNs };
    const { fake, market, events, log } = await setUp({ options: { clock } });
    await market.start([BTC], events.sink);
    await events.until('snapshot', (all) => snapshots(all) === 1);
    aheadNs = 61e9;
    await events.until('reconnect', () => fake.sockets.length === 2);
    await events.until('snapshot', (all) => snapshots(all) === 2);
    // A quiet market: the ticker comes at once, depth up to 100 ms later. That alone is no stall.
    aheadNs += 11e9;
    fake.send({
      stream: 'btcusdt@bookTicker',
      data: { u: 200, s: 'BTCUSDT', b: '10', B: '1', a: '11', A: '2' },
    });
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect(fake.sockets).toHaveLength(2);
    aheadNs += 11e9;
    await events.until('another reconnect', () => fake.sockets.length === 3);
    expect(log.lines.some((line) => line.includes('no market data for too long'))).toBe(true);
    expect(log.lines.some((line) => line.includes('depth stream of BTCUSDT has stalled'))).toBe(true);
  });

  it('tells nothing more once stopped', async () => {
    const { fake, market, events } = await setUp();
    await market.start([BTC], events.sink);
    await events.until('snapshot', (all) => snapshots(all) === 1);
    await market.stop();
    const { length } = events.all;
    fake.send(depthFrame('BTCUSDT', 101, 102, [['10.50', '3']]));
    fake.socket.close();
    await new Promise((resolve) => fake.socket.once('close', resolve));
    expect(events.all).toHaveLength(length);
    expect(states(events.all).at(-1)).toBe(ConnectionState.Down);
    expect(fake.uses).toEqual({ started: 1, stopped: 1 });
  });
});
