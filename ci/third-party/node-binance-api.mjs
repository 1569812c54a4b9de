import { assert, check, collector, ORDER, SYMBOL } from './harness.mjs';

export async function withNodeBinanceApi(load, sim) {
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
