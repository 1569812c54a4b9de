import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { BinanceReplayFeed, replay } from '../../src/backtest/index.js';
import { InstrumentBook } from '../../src/book/index.js';
import { BookState, defineInstrument, EventKind, type KernelEvent } from '../../src/domain/index.js';
import { JournalFront } from '../../src/journal/index.js';
import { CommandBuffer } from '../../src/kernel/index.js';
import { MarketMaker } from '../../src/strategies/index.js';
import { MetricRegistry } from '../../src/telemetry/index.js';
import { OrderEncoder } from '../../src/venues/index.js';
import { warmUp } from '../../src/wiring/warm-up.js';
import { WARM_UP_SPEC, WarmUpMarket } from '../../src/wiring/warm-up-market.js';
import { EXECUTION, FakeRecording, LIMITS, SPEC } from '../backtest/replay-kit.js';

describe('the market of the warm-up', () => {
  it('makes a book that is valid after each message, and the same one each time', () => {
    const twice = [0, 1].map(() => {
      const book = new InstrumentBook();
      const states = new Set<BookState>();
      const seen: string[] = [];
      const feed = new BinanceReplayFeed([defineInstrument(0, 0, WARM_UP_SPEC)], (event) => {
        if (event.kind === EventKind.BookSnapshot || event.kind === EventKind.BookDelta) book.apply(event);
        else if (event.kind === EventKind.Quote) book.applyQuote(event);
        else return;
        states.add(book.state);
      });
      const market = new WarmUpMarket();
      feed.onItem({ tsUs: 0, kind: 'rest', bytes: market.snapshot() }, 1);
      for (let i = 0; i < 2_000; i++) {
        const bytes = market.next();
        seen.push(bytes.toString());
        feed.onItem({ tsUs: 0, kind: 'frame', bytes }, 1);
      }
      const { failures, faults, ignored, depth, quotes, trades } = feed.counters;
      expect({ failures, faults, ignored }).toEqual({ failures: 0, faults: 0, ignored: 0 });
      expect(Math.min(depth, quotes, trades)).toBeGreaterThan(200);
      expect([...states]).toEqual([BookState.Valid]);
      return seen;
    });
    expect(twice[0]).toEqual(twice[1]);
  });
});

describe('the warm-up', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('writes what a session writes: the compiler prepares for the numbers it has seen', async () => {
    const { place, cancel } = OrderEncoder.prototype;
    const timestamps: number[] = [];
    const read = (request: Buffer): Buffer => {
      timestamps.push(JSON.parse(request.toString()).params.timestamp);
      return request;
    };
    const prototype = OrderEncoder.prototype;
    jest.spyOn(prototype, 'place').mockImplementation(function (this: OrderEncoder, id, order, ms) {
      expect(ms).toBe(Math.floor(ms));
      return read(place.call(this, id, order, ms));
    });
    jest.spyOn(prototype, 'cancel').mockImplementation(function (this: OrderEncoder, id, order, venueId, ms) {
      expect([venueId, ms]).toEqual([Math.floor(venueId), Math.floor(ms)]);
      return read(cancel.call(this, id, order, venueId, ms));
    });
    const { requests } = await warmUp();
    expect(timestamps).toHaveLength(requests);
    expect(timestamps.every(Number.isSafeInteger)).toBe(true);
  });

  it('trades: it writes orders and cancels', async () => {
    const { frames, requests } = await warmUp();
    expect(frames).toBeGreaterThan(0);
    expect(requests).toBeGreaterThan(frames / 4);
  });

  it('ends when the engine is told to', async () => {
    expect(await warmUp(AbortSignal.abort())).toMatchObject({ frames: 0 });
  });

  it('leaves nothing behind: a session after it has the state, the journal and the metrics of one before it', async () => {
    const before = await session();
    await warmUp();
    expect(await session()).toEqual(before);
    expect(before.sent).toBeGreaterThan(0);
  });
});

/** What a replayed session comes to: state hash, journaled bytes, orders. */
async function session() {
  const market = new FakeRecording(7).run(400);
  const journal = new JournalFront({ ringBytes: 1 << 22, durability: 'async', start: 0 });
  const none = new CommandBuffer();
  const metrics = new MetricRegistry();
  const { stateHash, orders } = await replay({
    limits: LIMITS,
    strategies: [new MarketMaker(QUOTES)],
    staleAfterUs: 5_000_000,
    recording: market.items,
    instruments: [SPEC],
    execution: EXECUTION,
    clock: { nowUs: () => 0, nanos: () => 0 },
    metrics,
    onEvent: (event: KernelEvent) => journal.append(event, none),
  });
  const bytes = (buffer: SharedArrayBuffer) => Buffer.from(new Uint8Array(buffer)).toString('base64');
  return {
    ...{ stateHash, sent: orders.sent },
    journal: bytes(journal.ring.buffer),
    metrics: bytes(metrics.buffer),
  };
}

const QUOTES = {
  ...{ symbol: SPEC.symbol, spreadBps: 1, minSpreadBps: 0, orderSize: '0.01', maxInventory: '0.2' },
  ...{ inventorySkewBps: 1, repriceIntervalMs: 100, repriceThresholdBps: 0.1, orderTimeoutMs: 10_000 },
};
