/**
 * The loopback venue, a process of its own: Binance's REST, market streams and WebSocket API, as much of them as an engine
 * needs, and next to no work behind them, so that what is measured is the engine. Clients that are compared with it connect
 * under other paths and are sent the same bytes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { serve } from '../child.mjs';
import { loadFrames } from '../frames.mjs';
import { Latencies } from '../latency.mjs';
import { nanos } from '../measure.mjs';
import { OpenSchedule } from '../open-schedule.mjs';
import { LoopbackAccount } from './account.mjs';
import { corkForTurn } from './cork.mjs';
import { LapStream, makeLap } from './lap.mjs';
import { restServer } from './rest.mjs';
import { keepSchedule, LapSender, pace } from './senders.mjs';
import { slotOf, TICK_PRICES, TickMarket } from './tick-market.mjs';

/** How long the last answers are waited for. */
const PATIENCE_MS = 2_000;

const account = new LoopbackAccount();
const servers = new WebSocketServer({ noServer: true, perMessageDeflate: false, skipUTF8Validation: true });
/** By path: `stream` is the engine's. */
const clients = new Map();
/** The market of ticks as it is before the first; undefined: recorded or synthetic frames. */
let market;
let items;
let laps;
let pacing;
/** Of the counted ticks, by who was sent them. */
const latencies = { stream: new Latencies(), echo: new Latencies() };

const rest = restServer({ snapshot, openOrders: () => account.openOrders() });
rest.on('upgrade', (request, socket, head) => {
  socket.setNoDelay(true);
  servers.handleUpgrade(request, socket, head, (connection) => {
    const url = new URL(request.url, 'http://loopback');
    const path = url.pathname.slice(1);
    if (path === 'ws-api') account.accept(connection, socket);
    else acceptStream(path, url, connection, socket);
  });
});

function acceptStream(path, url, connection, socket) {
  const streams = (url.searchParams.get('streams') ?? '').split('/').filter((name) => name !== '');
  const client = {
    connection,
    socket,
    symbols: new Set(streams.map(symbolOf)),
    sender: undefined,
    market: new TickMarket(),
  };
  clients.set(path, [...(clients.get(path) ?? []), client]);
  connection.on('error', () => {});
  connection.on('close', () =>
    clients.set(
      path,
      clients.get(path).filter((other) => other !== client),
    ),
  );
  connection.on('message', (data) => {
    if (client.onAnswer !== undefined) {
      client.onAnswer();
      return;
    }
    const { id, params } = JSON.parse(data.toString('latin1'));
    for (const stream of params) client.symbols.add(symbolOf(stream));
    connection.send(`{"result":null,"id":${id}}`);
  });
}

const symbolOf = (stream) => stream.slice(0, stream.indexOf('@')).toUpperCase();

/** The most frames of a round, all markets of a connection together. */
const ROUND = 20_000;

function lapOf(symbol, markets) {
  const count = Math.max(100, Math.ceil(ROUND / markets));
  laps ??= new Map();
  if (!laps.has(symbol)) laps.set(symbol, makeLap(items.slice(0, count), symbol));
  return laps.get(symbol);
}

function snapshot() {
  return Buffer.from(market?.snapshot() ?? items[0].bytes);
}

function senderOf(client) {
  const symbols = client.symbols.size === 0 ? ['BTCUSDT'] : [...client.symbols];
  client.sender ??= new LapSender(
    client.socket,
    new LapStream(symbols.map((symbol) => lapOf(symbol, symbols.length))),
  );
  return client.sender;
}

function clientsOf(path) {
  const found = clients.get(path) ?? [];
  if (found.length === 0) throw new Error(`nobody is connected to /${path}`);
  return found;
}

serve({
  /** `ticks`: the market of tick-to-trade, else recorded or synthetic frames. */
  async start({ ticks = false }) {
    let source = 'ticks made for the purpose';
    if (ticks) market = new TickMarket();
    else {
      const frames = await loadFrames('spot', ROUND);
      items = frames.items;
      source = `${items.length} messages, ${frames.source}, again and again`;
    }
    await new Promise((resolve) => rest.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${rest.address().port}`;
    return { rest: `http://${host}`, stream: `ws://${host}`, wsApi: `ws://${host}/ws-api`, source };
  },

  /** Everything the client can take, for `ms`. */
  async flood({ to, ms }) {
    const senders = clientsOf(to).map(senderOf);
    for (const sender of senders) sender.flood();
    await sleep(ms);
    await Promise.all(senders.map((sender) => sender.stop()));
  },

  /** At a rate, all connections together, for `ms` or until `hush`. */
  async pace({ to, perSecond, ms = Number.POSITIVE_INFINITY }) {
    const senders = clientsOf(to).map(senderOf);
    const end = nanos() + ms * 1e6;
    pacing = true;
    let turn = 0;
    return await pace(
      perSecond,
      () => !pacing || nanos() > end,
      (count) => senders[turn++ % senders.length].send(count),
    );
  },

  hush() {
    pacing = false;
  },

  /** Ticks at a rate; how many of them were not answered. */
  async ticks({ to, perSecond, ms, counted }) {
    const [client] = clientsOf(to);
    const due = new Float64Array(TICK_PRICES);
    let [answered, first] = [0, 0];
    const answer = (slot) => {
      const at = due[slot];
      if (!(at > 0)) return;
      due[slot] = 0;
      answered++;
      if (counted) latencies[to].add(nanos() - at);
    };
    if (to === 'stream') account.onOrder = (price) => answer(slotOf(price));
    // What is echoed comes back in order.
    else client.onAnswer = () => answer(first++ % TICK_PRICES);
    first = client.market.slot;
    const total = Math.floor((perSecond * ms) / 1_000);
    const schedule = new OpenSchedule(nanos() + 1e6, perSecond, total);
    await keepSchedule(schedule, (i) => {
      const { slot } = client.market;
      if (due[slot] > 0) throw new Error('an answer is overdue by thousands of ticks');
      due[slot] = schedule.at(i);
      client.socket.write(client.market.next());
    });
    for (const end = nanos() + PATIENCE_MS * 1e6; answered < total && nanos() < end; ) await sleep(1);
    account.onOrder = () => {};
    return total - answered;
  },

  /** From when each counted tick was to be sent until its answer was here, microseconds. */
  latenciesUs: ({ to }) => latencies[to].summaryUs(),

  /** As many orders as are answered, `window` on their way at a time: each one's answer is followed by the next tick. */
  async orders({ window, ms }) {
    const [client] = clientsOf('stream');
    const before = account.orders;
    const began = nanos();
    let running = true;
    account.onOrder = () => {
      if (!running) return;
      corkForTurn(client.socket);
      client.socket.write(client.market.next());
    };
    for (let i = 0; i < window; i++) client.socket.write(client.market.next());
    await sleep(ms);
    running = false;
    const [orders, took] = [account.orders - before, nanos() - began];
    await sleep(100);
    return { orders, ns: took };
  },

  counts: () => ({ orders: account.orders, cancels: account.cancels, open: account.openOrders().length }),

  stop() {
    rest.close();
    for (const connection of servers.clients) connection.terminate();
  },
});
