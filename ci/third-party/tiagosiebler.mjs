import { assert, check, collector, ORDER, SYMBOL, silent } from './harness.mjs';

export async function withTiagosiebler(load, sim) {
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
