#!/usr/bin/env node
// Points Binance clients nobody here wrote at the simulator, and checks that they can load instruments, place, query and
// cancel orders, watch a book and follow the account. One line per check, a count at the end, exit 1 on failure.
//
//   node ci/third-party-clients.mjs [--dir FOLDER] [--only NAME]
//
// The clients are installed, pinned and without install scripts, into a temporary folder (or FOLDER, kept). Every address
// they use is overridden, and this process refuses to connect to anything but loopback.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const CLIENTS = {
  ccxt: '4.5.84',
  binance: '3.6.5',
  'node-binance-api': '1.0.33',
  '@binance/connector': '3.6.1',
  '@binance/spot': '32.0.4',
};
const DEADLINE_MS = 10_000;

const { values: flags } = parseArgs({ options: { dir: { type: 'string' }, only: { type: 'string' } } });
const root = resolve(fileURLToPath(import.meta.url), '../..');

function install() {
  const dir = flags.dir === undefined ? mkdtempSync(join(tmpdir(), 'clients-')) : resolve(flags.dir);
  if (!existsSync(join(dir, 'node_modules', 'ccxt'))) {
    writeFileSync(join(dir, 'package.json'), JSON.stringify({ private: true, dependencies: CLIENTS }));
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: dir,
      stdio: 'ignore',
    });
  }
  return dir;
}

/** From here on every connection that is not to loopback fails, whoever makes it. */
function stayLocal() {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (...args) {
    const first = Array.isArray(args[0]) ? args[0][0] : args[0];
    const host = typeof first === 'object' ? (first.host ?? 'localhost') : args[1];
    if (first?.path === undefined && host !== '127.0.0.1' && host !== 'localhost') {
      throw new Error(`refused to connect to ${host}`);
    }
    return connect.apply(this, args);
  };
}

let passed = 0;
let failed = 0;

async function check(client, name, run) {
  let timer;
  const deadline = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing within ${DEADLINE_MS} ms`)), DEADLINE_MS);
  });
  try {
    const seen = await Promise.race([run(), deadline]);
    passed++;
    console.log(`ok    ${client}: ${name}${seen === undefined ? '' : ` (${seen})`}`);
  } catch (error) {
    failed++;
    const text =
      error instanceof Error ? error.message : (JSON.stringify(error?.body ?? error) ?? String(error));
    console.log(`FAIL  ${client}: ${name}: ${text}`);
    if (process.env.DEBUG) console.log(error);
  } finally {
    clearTimeout(timer);
  }
}

function assert(condition, message) {
  if (!condition) throw new Error(message);
}

/** Resolves with the first message that `accept` accepts. */
function collector() {
  const seen = [];
  const waiting = new Set();
  return {
    push(message) {
      seen.push(message);
      for (const wait of waiting) wait();
    },
    find: (accept) =>
      new Promise((done) => {
        const look = () => {
          const found = seen.find(accept);
          if (found === undefined) return;
          waiting.delete(look);
          done(found);
        };
        waiting.add(look);
        look();
      }),
  };
}

const SYMBOL = 'BTCUSDT';
const ORDER = { quantity: 0.001, price: 50000 };

async function withCcxt(load, sim, label, keys) {
  const ccxt = (await load('ccxt')).default;
  const local = (urls) => {
    for (const [name, url] of Object.entries(urls)) {
      if (typeof url === 'object') local(url);
      else
        urls[name] = url
          .replace(/^http[s]?:\/\/[^/]+/, sim.restUrl)
          .replace(/^ws[s]?:\/\/[^/]+/, sim.streamUrl);
    }
  };
  const exchange = new ccxt.pro.binance({ ...keys, newUpdates: true });
  // ccxt wants this for ws:// addresses; no proxy is involved.
  await exchange.loadHttpProxyAgent();
  for (const part of ['api', 'test', 'demo'])
    if (exchange.urls[part] !== undefined) local(exchange.urls[part]);

  await check(label, 'loadMarkets', async () => {
    const markets = await exchange.loadMarkets();
    const market = markets['BTC/USDT'];
    assert(market?.active && market.precision.price === 0.01, 'BTC/USDT is not as listed');
    assert(market.limits.cost.min === 5, 'minimum notional missing');
    return `${Object.keys(markets).length} markets`;
  });
  await check(label, 'fetchBalance', async () => {
    const balance = await exchange.fetchBalance();
    assert(balance.USDT.free > 0 && balance.BTC.free > 0, 'no balances');
  });
  await check(label, 'fetchOrderBook, fetchTicker, fetchTrades, fetchOHLCV, fetchTime', async () => {
    const book = await exchange.fetchOrderBook('BTC/USDT', 20);
    assert(book.bids.length === 20 && book.bids[0][0] < book.asks[0][0], 'book is wrong');
    const ticker = await exchange.fetchTicker('BTC/USDT');
    assert(ticker.last > 0 && ticker.bid < ticker.ask, 'ticker is wrong');
    const trades = await exchange.fetchTrades('BTC/USDT', undefined, 10);
    assert(trades.length === 10, 'trades are wrong');
    const candles = await exchange.fetchOHLCV('BTC/USDT', '1m');
    assert(candles.length > 0 && candles[0][2] >= candles[0][3], 'candles are wrong');
    assert(Math.abs((await exchange.fetchTime()) - Date.now()) < 2_000, 'time is wrong');
  });
  let order;
  await check(label, 'createOrder, fetchOrder, fetchOpenOrders, cancelOrder', async () => {
    order = await exchange.createOrder('BTC/USDT', 'limit', 'buy', ORDER.quantity, ORDER.price);
    assert(order.status === 'open' && order.amount === ORDER.quantity, 'order is not open');
    const queried = await exchange.fetchOrder(order.id, 'BTC/USDT');
    assert(queried.clientOrderId === order.clientOrderId, 'query disagrees');
    const open = await exchange.fetchOpenOrders('BTC/USDT');
    assert(
      open.some((one) => one.id === order.id),
      'not among open orders',
    );
    const canceled = await exchange.cancelOrder(order.id, 'BTC/USDT');
    assert(canceled.status === 'canceled', 'not canceled');
  });
  await check(label, 'editOrder, cancelAllOrders', async () => {
    const placed = await exchange.createOrder('BTC/USDT', 'limit', 'buy', ORDER.quantity, ORDER.price, {
      postOnly: true,
    });
    const edited = await exchange.editOrder(
      placed.id,
      'BTC/USDT',
      'limit',
      'buy',
      ORDER.quantity,
      ORDER.price + 10,
    );
    assert(edited.id !== placed.id && edited.price === ORDER.price + 10, 'not replaced');
    await exchange.cancelAllOrders('BTC/USDT');
    assert((await exchange.fetchOpenOrders('BTC/USDT')).length === 0, 'orders left');
  });
  await check(label, 'market order, fetchMyTrades, fetchOrders', async () => {
    const bought = await exchange.createOrder('BTC/USDT', 'market', 'buy', ORDER.quantity);
    assert(
      bought.status === 'closed' && bought.filled === ORDER.quantity && bought.average > 0,
      'not filled',
    );
    const trades = await exchange.fetchMyTrades('BTC/USDT');
    assert(
      trades.some((trade) => trade.order === bought.id && trade.fee.cost > 0),
      'trade missing',
    );
    assert((await exchange.fetchOrders('BTC/USDT')).length >= 3, 'history missing');
  });
  await check(label, 'errors are typed', async () => {
    const expect = async (type, run) => {
      try {
        await run();
      } catch (error) {
        assert(error instanceof type, `${error.constructor.name} instead of ${type.name}: ${error.message}`);
        return;
      }
      throw new Error(`no ${type.name}`);
    };
    await expect(ccxt.OrderNotFound, () => exchange.cancelOrder('1', 'BTC/USDT'));
    await expect(ccxt.OrderNotFound, () => exchange.fetchOrder('1', 'BTC/USDT'));
    await expect(ccxt.InsufficientFunds, () => exchange.createOrder('BTC/USDT', 'limit', 'buy', 100, 50000));
    await expect(ccxt.OrderImmediatelyFillable, () =>
      exchange.createOrder('BTC/USDT', 'limit', 'buy', ORDER.quantity, 70000, { postOnly: true }),
    );
    await expect(ccxt.InvalidOrder, () =>
      exchange.createOrder('BTC/USDT', 'limit', 'buy', ORDER.quantity, 1_000),
    );
  });
  await check(label, 'pro: watchOrderBook stays in step', async () => {
    let book;
    for (let i = 0; i < 15; i++) book = await exchange.watchOrderBook('BTC/USDT');
    assert(book.bids[0][0] < book.asks[0][0] && book.nonce > 0, 'book is wrong');
    return `nonce ${book.nonce}`;
  });
  await check(label, 'pro: watchTrades, watchTicker, watchOHLCV, watchBidsAsks', async () => {
    assert((await exchange.watchTrades('BTC/USDT')).length > 0, 'no trades');
    assert((await exchange.watchTicker('BTC/USDT')).last > 0, 'no ticker');
    assert((await exchange.watchOHLCV('BTC/USDT', '1m')).length > 0, 'no candles');
    assert((await exchange.watchBidsAsks(['BTC/USDT']))['BTC/USDT'].bid > 0, 'no best prices');
  });
  await check(label, 'pro: watchOrders, watchMyTrades, watchBalance', async () => {
    const orders = exchange.watchOrders('BTC/USDT');
    const balance = exchange.watchBalance();
    const trades = exchange.watchMyTrades('BTC/USDT');
    await new Promise((done) => setTimeout(done, 1_000));
    const placed = await exchange.createOrder('BTC/USDT', 'market', 'sell', ORDER.quantity);
    const seen = await orders;
    assert(
      seen.some((one) => one.id === placed.id),
      'order event missing',
    );
    assert(
      (await trades).some((trade) => trade.order === placed.id),
      'trade event missing',
    );
    assert((await balance).BTC.total > 0, 'balance event missing');
  });
  await check(label, 'pro: createOrderWs, fetchOrderWs, cancelOrderWs', async () => {
    const placed = await exchange.createOrderWs('BTC/USDT', 'limit', 'buy', ORDER.quantity, ORDER.price);
    assert(placed.status === 'open', 'not open');
    assert((await exchange.fetchOrderWs(placed.id, 'BTC/USDT')).id === placed.id, 'query disagrees');
    assert((await exchange.cancelOrderWs(placed.id, 'BTC/USDT')).status === 'canceled', 'not canceled');
  });
  await exchange.close();
}

async function withTiagosiebler(load, sim) {
  const label = 'binance';
  const { MainClient, WebsocketClient, WebsocketAPIClient } = await load('binance');
  const { hmac, ed25519 } = sim.demo;
  const rest = new MainClient({ api_key: hmac.apiKey, api_secret: hmac.secret, baseUrl: sim.restUrl });
  await check(label, 'getExchangeInfo, getOrderBook, getBalances', async () => {
    const info = await rest.getExchangeInfo({ symbol: SYMBOL });
    assert(info.symbols[0].symbol === SYMBOL, 'symbol missing');
    const book = await rest.getOrderBook({ symbol: SYMBOL, limit: 50 });
    assert(book.bids.length === 50, 'book is wrong');
    assert((await rest.getAccountInformation()).balances.length > 0, 'no balances');
    assert(
      (await rest.getBalances()).some((one) => one.coin === 'BTC'),
      'no coins',
    );
  });
  await check(label, 'submitNewOrder, getOrder, cancelOrder', async () => {
    const order = await rest.submitNewOrder({
      symbol: SYMBOL,
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: ORDER.quantity,
      price: ORDER.price,
      newOrderRespType: 'FULL',
    });
    assert(order.status === 'NEW', 'not accepted');
    assert(
      (await rest.getOrder({ symbol: SYMBOL, orderId: order.orderId })).status === 'NEW',
      'query disagrees',
    );
    assert(
      (await rest.cancelOrder({ symbol: SYMBOL, orderId: order.orderId })).status === 'CANCELED',
      'not canceled',
    );
  });
  await check(label, 'errors carry the code', async () => {
    const error = await rest.cancelOrder({ symbol: SYMBOL, orderId: 1 }).then(
      () => null,
      (reason) => reason,
    );
    assert(error?.code === -2011, `got ${JSON.stringify(error)}`);
  });
  const market = new WebsocketClient({ wsUrl: sim.streamUrl, beautify: false }, silent);
  const events = collector();
  market.on('message', (message) => events.push(message));
  market.on('exception', (error) => events.push(error));
  await check(label, 'WebsocketClient: depth and trades', async () => {
    await market.subscribe(['btcusdt@depth@100ms', 'btcusdt@trade'], 'main');
    await events.find((message) => (message.e ?? message.data?.e) === 'depthUpdate');
    await events.find((message) => (message.e ?? message.data?.e) === 'trade');
  });
  market.closeAll(true);
  const api = new WebsocketAPIClient(
    {
      api_key: ed25519.apiKey,
      api_secret: ed25519.privateKey,
      wsUrl: sim.streamUrl,
      attachEventListeners: false,
    },
    silent,
  );
  const user = collector();
  api.getWSClient().on('message', (message) => user.push(message));
  api.getWSClient().on('exception', (error) => user.push(error));
  await check(label, 'WebsocketAPIClient: Ed25519 session, order, user stream', async () => {
    await api.subscribeUserDataStream('mainWSAPI');
    const { result } = await api.submitNewSpotOrder({
      symbol: SYMBOL,
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: ORDER.quantity,
      price: ORDER.price,
      timestamp: Date.now(),
    });
    assert(result.status === 'NEW', 'not accepted');
    await user.find((message) => (message.event ?? message).i === result.orderId);
    const canceled = await api.cancelSpotOrder({
      symbol: SYMBOL,
      orderId: result.orderId,
      timestamp: Date.now(),
    });
    assert(canceled.result.status === 'CANCELED', 'not canceled');
  });
  api.getWSClient().closeAll(true);
}

const silent = { trace() {}, info() {}, error() {} };

async function withNodeBinanceApi(load, sim) {
  const label = 'node-binance-api';
  const module = await load('node-binance-api');
  const Binance = module.default?.default ?? module.default ?? module;
  const { hmac } = sim.demo;
  const client = new Binance().options({
    APIKEY: hmac.apiKey,
    APISECRET: hmac.secret,
    verbose: false,
    log: () => {},
    urls: {
      base: `${sim.restUrl}/api/`,
      wapi: `${sim.restUrl}/wapi/`,
      sapi: `${sim.restUrl}/sapi/`,
      stream: `${sim.streamUrl}/ws/`,
      combineStream: `${sim.streamUrl}/stream?streams=`,
    },
  });
  client.wsApi = sim.wsApiUrl;
  await check(label, 'exchangeInfo, depth, balance', async () => {
    const info = await client.exchangeInfo();
    assert(
      info.symbols.some((one) => one.symbol === SYMBOL),
      'symbol missing',
    );
    const depth = await client.depth(SYMBOL);
    assert(Object.keys(depth.bids).length > 0, 'book is empty');
    assert(Number((await client.balance()).USDT.available) > 0, 'no balance');
  });
  await check(label, 'buy, orderStatus, cancel', async () => {
    const order = await client.buy(SYMBOL, ORDER.quantity, ORDER.price);
    assert(order.status === 'NEW', 'not accepted');
    assert((await client.orderStatus(SYMBOL, order.orderId)).status === 'NEW', 'query disagrees');
    assert((await client.cancel(SYMBOL, order.orderId)).status === 'CANCELED', 'not canceled');
  });
  const depth = collector();
  await check(label, 'websockets.depthCache', async () => {
    client.websockets.depthCache([SYMBOL], (symbol, book) => depth.push({ symbol, book }));
    const { book } = await depth.find(({ book }) => Object.keys(book.bids).length > 100);
    return `${Object.keys(book.bids).length} bids`;
  });
  const user = collector();
  await check(label, 'websockets.userData', async () => {
    client.websockets.userData(
      (event) => user.push(event),
      (event) => user.push(event),
      (event) => user.push(event),
    );
    await new Promise((done) => setTimeout(done, 1_000));
    const order = await client.buy(SYMBOL, ORDER.quantity, ORDER.price);
    await user.find((event) => (event.orderId ?? event.i) === order.orderId);
    await client.cancelAll(SYMBOL);
  });
  for (const endpoint of Object.keys(client.websockets.subscriptions()))
    client.websockets.terminate(endpoint);
}

async function withConnector(load, sim) {
  const label = '@binance/connector';
  const module = await load('@binance/connector');
  const { Spot, WebsocketStream, WebsocketAPI } = module.default ?? module;
  const { hmac } = sim.demo;
  const client = new Spot(hmac.apiKey, hmac.secret, { baseURL: sim.restUrl });
  await check(label, 'exchangeInfo, depth, account', async () => {
    assert((await client.exchangeInfo({ symbol: SYMBOL })).data.symbols.length === 1, 'symbol missing');
    assert((await client.depth(SYMBOL, { limit: 10 })).data.bids.length === 10, 'book is wrong');
    assert((await client.account()).data.canTrade === true, 'cannot trade');
  });
  await check(label, 'newOrder, getOrder, cancelOrder', async () => {
    const { data } = await client.newOrder(SYMBOL, 'BUY', 'LIMIT', { ...ORDER, timeInForce: 'GTC' });
    assert(
      (await client.getOrder(SYMBOL, { orderId: data.orderId })).data.status === 'NEW',
      'query disagrees',
    );
    const canceled = await client.cancelOrder(SYMBOL, { orderId: data.orderId });
    assert(canceled.data.status === 'CANCELED', 'not canceled');
  });
  const quiet = { logger: { info() {}, error() {}, warn() {}, debug() {}, log() {} } };
  const events = collector();
  await check(label, 'WebsocketStream: diffBookDepth', async () => {
    const stream = new WebsocketStream({
      ...quiet,
      wsURL: sim.streamUrl,
      callbacks: { message: (text) => events.push(JSON.parse(text)) },
    });
    stream.diffBookDepth('btcusdt', '100ms');
    const first = await events.find((event) => event.e === 'depthUpdate');
    await events.find((event) => event.U === first.u + 1);
    stream.disconnect();
  });
  await check(label, 'listenKey user stream', async () => {
    const { data } = await client.createListenKey();
    const stream = new WebsocketStream({
      ...quiet,
      wsURL: sim.streamUrl,
      callbacks: { message: (text) => events.push(JSON.parse(text)) },
    });
    stream.userData(data.listenKey);
    await new Promise((done) => setTimeout(done, 300));
    const order = await client.newOrder(SYMBOL, 'BUY', 'LIMIT', { ...ORDER, timeInForce: 'GTC' });
    await events.find((event) => event.e === 'executionReport' && event.i === order.data.orderId);
    await client.cancelOpenOrders(SYMBOL);
    stream.disconnect();
  });
  await check(label, 'WebsocketAPI: newOrder, cancelOrder', async () => {
    const answers = collector();
    const opened = collector();
    const api = new WebsocketAPI(hmac.apiKey, hmac.secret, {
      ...quiet,
      wsURL: sim.wsApiUrl,
      callbacks: { open: () => opened.push(true), message: (text) => answers.push(JSON.parse(text)) },
    });
    await opened.find(Boolean);
    api.newOrder(SYMBOL, 'BUY', 'LIMIT', { ...ORDER, timeInForce: 'GTC', id: 'place' });
    const placed = await answers.find((answer) => answer.id === 'place');
    assert(placed.status === 200, JSON.stringify(placed));
    api.cancelOrder(SYMBOL, { orderId: placed.result.orderId, id: 'cancel' });
    const canceled = await answers.find((answer) => answer.id === 'cancel');
    assert(canceled.result?.status === 'CANCELED', JSON.stringify(canceled));
    api.disconnect();
  });
}

async function withSpot(load, sim) {
  const label = '@binance/spot';
  const { Spot } = await load('@binance/spot');
  const { hmac, ed25519 } = sim.demo;
  const client = new Spot({
    configurationRestAPI: { apiKey: hmac.apiKey, apiSecret: hmac.secret, basePath: sim.restUrl },
    configurationWebsocketAPI: {
      apiKey: ed25519.apiKey,
      privateKey: ed25519.privateKey,
      wsURL: sim.wsApiUrl,
    },
    configurationWebsocketStreams: { wsURL: sim.streamUrl },
  });
  await check(label, 'exchangeInfo, depth, getAccount', async () => {
    const info = await (await client.restAPI.exchangeInfo({ symbol: SYMBOL })).data();
    assert(info.symbols[0].symbol === SYMBOL, 'symbol missing');
    assert(
      (await (await client.restAPI.depth({ symbol: SYMBOL, limit: 5 })).data()).asks.length === 5,
      'book',
    );
    assert((await (await client.restAPI.getAccount()).data()).balances.length > 0, 'no balances');
  });
  await check(label, 'newOrder, getOrder, deleteOrder', async () => {
    const order = await (
      await client.restAPI.newOrder({
        symbol: SYMBOL,
        side: 'BUY',
        type: 'LIMIT',
        timeInForce: 'GTC',
        ...ORDER,
      })
    ).data();
    const { orderId } = order;
    assert(
      (await (await client.restAPI.getOrder({ symbol: SYMBOL, orderId })).data()).status === 'NEW',
      'query',
    );
    const canceled = await (await client.restAPI.deleteOrder({ symbol: SYMBOL, orderId })).data();
    assert(canceled.status === 'CANCELED', 'not canceled');
  });
  await check(label, 'websocketStreams: diffBookDepth', async () => {
    const connection = await client.websocketStreams.connect();
    const events = collector();
    connection
      .diffBookDepth({ symbol: 'btcusdt', updateSpeed: '100ms' })
      .on('message', (event) => events.push(event));
    const first = await events.find((event) => event.e === 'depthUpdate');
    await events.find((event) => BigInt(event.U) === BigInt(first.u) + 1n);
    await connection.disconnect();
  });
  await check(
    label,
    'websocketAPI: sessionLogon, userDataStreamSubscribe, orderPlace, orderCancel',
    async () => {
      const connection = await client.websocketAPI.connect();
      await connection.sessionLogon();
      const { stream } = await connection.userDataStreamSubscribe();
      const events = collector();
      stream.on('message', (event) => events.push(event));
      const placed = await connection.orderPlace({
        symbol: SYMBOL,
        side: 'BUY',
        type: 'LIMIT',
        timeInForce: 'GTC',
        ...ORDER,
      });
      const { orderId } = placed.data;
      await events.find((event) => event.e === 'executionReport' && String(event.i) === String(orderId));
      const canceled = await connection.orderCancel({ symbol: SYMBOL, orderId });
      assert(canceled.data.status === 'CANCELED', 'not canceled');
      await connection.disconnect();
    },
  );
}

// @binance/spot logs every connection otherwise.
process.env.LOG_LEVEL = 'error';
const dir = install();
const require = createRequire(join(dir, 'package.json'));
const { createSimulator } = await import(pathToFileURL(join(root, 'engine/dist/simulator/index.js')).href);
stayLocal();
const unhandled = (error) => {
  failed++;
  console.log(`FAIL  unhandled: ${error instanceof Error ? error.message : JSON.stringify(error)}`);
};
process.on('unhandledRejection', unhandled);
process.on('uncaughtException', unhandled);

const load = async (name) =>
  name === 'ccxt' ? import(pathToFileURL(require.resolve(name)).href) : require(name);
const runs = {
  'ccxt-hmac': (sim) =>
    withCcxt(load, sim, 'ccxt (HMAC)', { apiKey: sim.demo.hmac.apiKey, secret: sim.demo.hmac.secret }),
  'ccxt-ed25519': (sim) =>
    withCcxt(load, sim, 'ccxt (Ed25519)', {
      apiKey: sim.demo.ed25519.apiKey,
      secret: sim.demo.ed25519.privateKey,
    }),
  binance: (sim) => withTiagosiebler(load, sim),
  'node-binance-api': (sim) => withNodeBinanceApi(load, sim),
  '@binance/connector': (sim) => withConnector(load, sim),
  '@binance/spot': (sim) => withSpot(load, sim),
};
for (const [name, run] of Object.entries(runs)) {
  if (flags.only !== undefined && flags.only !== name) continue;
  const sim = await createSimulator();
  try {
    await run(sim);
  } catch (error) {
    unhandled(error);
  }
  await sim.close();
}
if (flags.dir === undefined) rmSync(dir, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
