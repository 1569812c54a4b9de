/**
 * The first requests of a process, each from a frame's bytes to its own: `node first-orders-process.mjs cold|warmed-up COUNT`.
 * Prints their times in nanoseconds as JSON. Frames come a millisecond apart, so that the compiler's threads get to work
 * in between, as they do beside a real feed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BinanceReplayFeed } from '@tradewind/engine/backtest';
import { ConnectionState, EventKind, VenueChannel } from '@tradewind/engine/domain';
import { JournalFront } from '@tradewind/engine/journal';
import { Kernel } from '@tradewind/engine/kernel';
import { MarketMaker } from '@tradewind/engine/strategies';
import { LogCatalog, LogRing, MetricRegistry, nullLogger, systemClock } from '@tradewind/engine/telemetry';
import { OrderEncoder } from '@tradewind/engine/venues';
import { Engine, LogObserver, MetricsObserver, TickToTrade, warmUp } from '@tradewind/engine/wiring';
import { loadFrames } from './frames.mjs';
import { nanos } from './measure.mjs';

const FRAMES = 4_000;
const RING_BYTES = 1 << 24;

const [mode, count] = process.argv.slice(2);
const { items, instrument } = await loadFrames('spot', FRAMES);

async function firstRequests(wanted) {
  const kernel = new Kernel(quickQuotes());
  const registry = new MetricRegistry();
  const ticks = new TickToTrade(registry);
  const telemetry = { logger: nullLogger, ring: new LogRing(), catalog: new LogCatalog() };
  const observers = [
    ticks,
    new MetricsObserver(registry, kernel.view),
    new LogObserver(telemetry, kernel.view),
  ];
  const port = new JournalFront({ ringBytes: RING_BYTES, durability: 'async', start: 0 });
  const engine = new Engine(kernel, systemClock, observers, {
    ...{ port, durability: 'async', backlogBytes: RING_BYTES },
  });
  const execution = new Requests(instrument);
  engine.connect(execution);
  begin(engine.sink);
  const feed = new BinanceReplayFeed([instrument], engine.sink);
  const times = [];
  for (const item of items) {
    execution.sentAt = 0;
    const start = nanos();
    ticks.onFrame(start);
    feed.onItem(item, systemClock.nowUs());
    if (execution.sentAt > 0 && item.kind === 'frame') times.push(execution.sentAt - start);
    if (times.length === wanted) return times;
    execution.answer(engine.sink);
    await sleep(1);
  }
  throw new Error(`only ${times.length} requests in ${items.length} messages`);
}

/** Writes requests, and has each done when it is told to answer. */
class Requests {
  sentAt = 0;
  #encoder;
  #asked = [];
  #id = 0;

  constructor(instrument) {
    this.#encoder = new OrderEncoder([instrument], 5_000);
  }
  submit(order) {
    this.#encoder.place(++this.#id, order, Math.floor(order.tsSubmitted / 1_000));
    this.#note(EventKind.OrderAccepted, order, { venueOrderId: String(this.#id) });
  }
  cancel(order) {
    this.#encoder.cancel(++this.#id, order, Number(order.venueOrderId), Math.floor(order.tsLast / 1_000));
    this.#note(EventKind.OrderCanceled, order, {});
  }
  query() {}
  answer(sink) {
    for (const event of this.#asked.splice(0)) sink(event);
  }
  #note(kind, { epoch, sequence }, more) {
    if (this.sentAt === 0) this.sentAt = nanos();
    this.#asked.push({ kind, tsEvent: 0, tsInit: 0, epoch, sequence, ...more });
  }
}

function begin(sink) {
  const times = { tsEvent: 0, tsInit: 0 };
  sink({ kind: EventKind.SessionStarted, ...times, epoch: 1, version: '', configDigest: '' });
  sink({ kind: EventKind.InstrumentDefined, ...times, instrument });
  for (const channel of [VenueChannel.Orders, VenueChannel.User])
    sink({ kind: EventKind.Connection, ...times, venue: 0, channel, state: ConnectionState.Up });
}

/** A market maker that follows each change of the book, under limits that are all on. */
function quickQuotes() {
  const strategy = new MarketMaker({
    ...{ symbol: 'BTCUSDT', spreadBps: 1, minSpreadBps: 0, orderSize: '0.01', maxInventory: '0.2' },
    ...{ inventorySkewBps: 1, repriceIntervalMs: 0, repriceThresholdBps: 0, orderTimeoutMs: 10_000 },
  });
  const limits = {
    ...{ maxOrderQuantity: '1', priceCollarBps: 500, maxPosition: { BTCUSDT: '1' }, maxOpenOrders: 10 },
    ...{ orderRate: { perSecond: 10_000, burst: 10_000 }, circuitBreakerBps: 500 },
  };
  return { strategies: [strategy], limits, staleAfterUs: 5_000_000 };
}

if (mode === 'warmed-up') await warmUp();
// A session connects, logs on and asks for a snapshot meanwhile.
await sleep(200);
process.stdout.write(`${JSON.stringify(await firstRequests(Number(count)))}\n`, () => process.exit());
