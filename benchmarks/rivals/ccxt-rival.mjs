import { pathToFileURL } from 'node:url';
import { inUnits } from './units.mjs';

/** By the name of the frames: the market ccxt knows them as, and the address of the stream they came from. */
const MARKETS = {
  spot: { id: 'BTCUSDT', symbol: 'BTC/USDT', type: 'spot', spot: true, stream: 'spot' },
  usdm: {
    ...{ id: 'BTCUSDT', symbol: 'BTC/USDT:USDT', type: 'swap', swap: true, contract: true, linear: true },
    ...{ settle: 'USDT', stream: 'future' },
  },
};

/**
 * ccxt.pro as its WebSocket client calls it: `onMessage` of the client parses the message, `handleMessage` of the exchange
 * finds its way to `handleOrderBook`. No connection, and nobody awaits `watchOrderBook`, whose promises cost extra.
 *
 * @param {NodeJS.Require} require
 * @param {keyof typeof MARKETS} market
 */
export async function ccxtRival(require, market) {
  const { default: ccxt } = await import(pathToFileURL(require.resolve('ccxt')).href);
  const { stream, ...described } = MARKETS[market];
  return class CcxtRival {
    #instrument;
    #exchange = new ccxt.pro.binance();
    #client;

    constructor(instrument) {
      this.#instrument = instrument;
      const exchange = this.#exchange;
      exchange.setMarkets([exchange.safeMarketStructure({ base: 'BTC', quote: 'USDT', ...described })]);
      this.#client = exchange.client(exchange.urls.api.ws[stream]);
      // What its handlers throw ends as a rejection that nobody here awaits.
      this.#client.reject = (error) => {
        throw error;
      };
    }

    onSnapshot(bytes) {
      const exchange = this.#exchange;
      const answer = JSON.parse(Buffer.from(bytes).toString());
      const snapshot = exchange.parseOrderBook(answer, described.symbol);
      snapshot.nonce = answer.lastUpdateId;
      exchange.orderbooks[described.symbol] = exchange.orderBook({});
      exchange.orderbooks[described.symbol].reset(snapshot);
    }

    onMessage(bytes) {
      this.#client.onMessage({ data: bytes });
    }

    levels() {
      const { bids, asks } = this.#exchange.orderbooks[described.symbol];
      return inUnits(this.#instrument, Array.from(bids), Array.from(asks));
    }
  };
}
