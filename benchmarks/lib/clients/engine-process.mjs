/**
 * The engine as production composes it (connector, kernel, journal, telemetry and its observers in a trading session), in a
 * process of its own, against the loopback venue. Only who decides differs where a suite asks for it: an order at each tick.
 */
import { generateKeyPairSync } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { configDigest, parseConfig } from '@tradewind/engine/config';
import { BookState, ConnectionState, VenueChannel } from '@tradewind/engine/domain';
import { Kernel } from '@tradewind/engine/kernel';
import { MetricRegistry, startTelemetry, systemClock } from '@tradewind/engine/telemetry';
import { makeKernel, makeVenue, TickToTrade, TradingSession } from '@tradewind/engine/wiring';
import { openHistory, optionsOf } from '../../../engine/dist/wiring/history.js';
import { NodeJournal } from '../../../engine/dist/wiring/node-journal.js';
import { benchFolder } from '../bare-sync.mjs';
import { serve } from '../child.mjs';
import { Latencies } from '../latency.mjs';
import { nanos } from '../measure.mjs';
import { MemoryWatch } from '../memory-watch.mjs';
import { Taker } from '../taker-strategy.mjs';
import { SplitMarketData } from './split-market-data.mjs';

const VERSION = 'benchmark';
const EPOCH = 1;
const PATIENCE_MS = 60_000;

const folder = benchFolder();
const { privateKey } = generateKeyPairSync('ed25519');
const CREDENTIALS = {
  ...{ kind: 'ed25519', apiKey: 'loopback' },
  secret: privateKey.export({ type: 'pkcs8', format: 'pem' }),
};

let telemetry;
let session;
let kernel;
let memory;
let cut = new AbortController();
/** Of the whole run, and since they were last asked for. */
const tickToTrade = new Latencies();
const lately = new Latencies();

serve({
  ...{ start, measure, status, stop },
  cut: () => cut.abort(),
  forget: () => tickToTrade.reset(),
  tickToTradeUs: () => tickToTrade.summaryUs(),
  intervalUs() {
    const summary = lately.summaryUs();
    lately.reset();
    return summary;
  },
});

/**
 * @param {object} options
 * @param {{ rest: string, stream: string, wsApi: string }} options.venue
 * @param {readonly string[]} options.symbols
 * @param {'none' | 'taker' | 'market-maker'} options.strategy one for each symbol
 * @param {boolean} options.journal
 * @param {number} options.connections market data connectors that share the symbols
 */
async function start({ venue, symbols, strategy, journal, connections = 1 }) {
  memory = new MemoryWatch();
  const config = configFor(venue, symbols, strategy);
  telemetry = await startTelemetry({ port: 0, logLevel: config.log.level });
  kernel = kernelFor(config, strategy);
  const timer = new TickToTrade(telemetry.registry);
  // What is timed here too is timed after the order has left.
  const onSend = (ns) => {
    timer.onSend(ns);
    if (!(timer.causeNs > 0)) return;
    tickToTrade.add(ns - timer.causeNs);
    lately.add(ns - timer.causeNs);
  };
  const timed = { onFrame: timer.onFrame, onSend };
  const { marketData, execution } = makeVenue(config, venue, CREDENTIALS, telemetry, systemClock, timed);
  const more = Array.from({ length: connections - 1 }, () => {
    const own = { logger: telemetry.logger, registry: new MetricRegistry() };
    return makeVenue(config, venue, undefined, own, systemClock, timed).marketData;
  });
  session = new TradingSession({
    ...{ config, configDigest: configDigest(config), version: VERSION, telemetry, clock: systemClock },
    marketData: connections === 1 ? marketData : new SplitMarketData([marketData, ...more]),
    ...{ execution, tickToTrade: timer, kernel, takeEpoch: () => EPOCH },
    ...(journal && { journal: await openJournal(config) }),
  });
  await session.start();
  await until('the books', () => kernel.view.instruments.every(({ index }) => isValid(index)));
  await until('the sessions', () =>
    Object.values(VenueChannel).every((channel) => kernel.view.connection(0, channel) === ConnectionState.Up),
  );
}

const isValid = (index) => kernel.view.book(index).state === BookState.Valid;

async function until(what, isSo) {
  for (const end = nanos() + PATIENCE_MS * 1e6; !isSo(); await sleep(5)) {
    if (nanos() > end) throw new Error(`${what}: not within ${PATIENCE_MS} ms`);
  }
}

function configFor({ rest, stream, wsApi }, symbols, strategy) {
  const settings = {
    // The venue keeps no list of fills to be compared with.
    venue: { symbols, endpoints: { rest, stream, wsApi }, staleAfterMs: 600_000, auditIntervalMs: 0 },
    strategies:
      strategy === 'market-maker'
        ? symbols.map((symbol) => ({
            symbol,
            orderSize: '0.001',
            maxInventory: '0.01',
            refreshIntervalMs: 10,
          }))
        : [],
    risk: { maxOrderQuantity: '1', maxOpenOrders: 1_000, orderRate: { perSecond: 0 } },
    // No other kernel could make one of a strategy that no configuration names.
    journal: {
      snapshotEvery: strategy === 'market-maker' ? 50_000 : 100_000_000,
      retainBytes: 256 * 2 ** 20,
    },
    telemetry: { port: 0 },
    session: { stateDir: join(folder, 'state') },
  };
  // JSON is YAML.
  return parseConfig(Buffer.from(JSON.stringify(settings)));
}

function kernelFor(config, strategy) {
  if (strategy === 'market-maker') return makeKernel(config);
  return new Kernel({
    strategies: strategy === 'taker' ? config.venue.symbols.map((symbol) => new Taker(symbol)) : [],
    limits: {
      ...{ maxOrderQuantity: '1', priceCollarBps: 500, maxOpenOrders: 10_000, circuitBreakerBps: 500 },
      maxPosition: Object.fromEntries(config.venue.symbols.map((symbol) => [symbol, '100000'])),
      orderRate: { perSecond: 0, burst: 1 },
    },
    staleAfterUs: config.venue.staleAfterMs * 1_000,
  });
}

async function openJournal(config) {
  const history = openHistory(join(folder, 'journal'), optionsOf(config, VERSION), telemetry.logger);
  return await NodeJournal.open(history, { config, epoch: EPOCH, telemetry });
}

const counted = () => {
  const { bookUpdates, quotes, trades } = kernel.view.counters;
  return bookUpdates + quotes + trades;
};

/** What so many milliseconds brought: messages, processor time of the whole process, orders, memory, collections. */
async function measure({ ms }) {
  memory.reset();
  const { orders } = kernel.view;
  const [before, sent, cpu, start] = [counted(), orders.counters.submitted, process.cpuUsage(), nanos()];
  cut = new AbortController();
  // Cut short: what there was until then.
  await sleep(ms, undefined, { signal: cut.signal }).catch(() => {});
  const { user, system } = process.cpuUsage(cpu);
  return {
    ...{ messages: counted() - before, ns: nanos() - start, cpuNs: (user + system) * 1_000 },
    ...{ sent: orders.counters.submitted - sent, ...memory.read() },
  };
}

/** Whether all is as it should be: a measurement of books that were broken meanwhile is none. */
function status() {
  const { view } = kernel;
  const { submitted, denied, rejected } = view.orders.counters;
  const broken = view.instruments.filter(({ index }) => !isValid(index)).map(({ symbol }) => symbol);
  return { messages: counted(), broken, submitted, denied, rejected, open: view.orders.openCount };
}

async function stop() {
  await session?.stop();
  await telemetry?.close();
  rmSync(folder, { recursive: true, force: true });
}
