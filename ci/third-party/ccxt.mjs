import { assert, check, ORDER } from './harness.mjs';

export async function withCcxt(load, sim, label, keys) {
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
