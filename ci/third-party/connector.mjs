import { assert, check, collector, ORDER, SYMBOL } from './harness.mjs';

export async function withConnector(load, sim) {
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
