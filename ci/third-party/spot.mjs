import { assert, check, collector, ORDER, SYMBOL } from './harness.mjs';

export async function withSpot(load, sim) {
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
