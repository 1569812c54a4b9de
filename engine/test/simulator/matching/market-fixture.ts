import { OrderType, parseAmount, Side } from '../../../src/domain/index.js';
import type {
  AssetBalance,
  ExchangeOrder,
  ExchangeTrade,
  ExecutionReport,
  PlaceRequest,
  PlaceResult,
  SymbolFilters,
  TopOfBook,
} from '../../../src/simulator/matching/index.js';
import { Exchange } from '../../../src/simulator/matching/index.js';

const OPEN_FILTERS: SymbolFilters = {
  price: { min: 1, max: 0, step: 1 },
  lot: { min: 1, max: 0, step: 1 },
};

/** BTCUSDT in cents and thousandths, two clients with 10 BTC and 100,000 USDT each, and ears for everything. */
export class TestMarket {
  readonly exchange: Exchange;
  readonly alice: number;
  readonly bob: number;
  readonly trades: ExchangeTrade[] = [];
  readonly reports: ExecutionReport[] = [];
  readonly balances: { account: number; balances: readonly AssetBalance[] }[] = [];
  readonly tops: TopOfBook[] = [];
  now = 1_700_000_000_000_000;

  constructor(filters: Partial<SymbolFilters> = {}, rates: { maker?: number; taker?: number } = {}) {
    this.exchange = new Exchange({
      symbols: [
        {
          symbol: 'BTCUSDT',
          base: 'BTC',
          quote: 'USDT',
          pricePrecision: 2,
          sizePrecision: 3,
          filters: { ...OPEN_FILTERS, ...filters },
        },
      ],
    });
    const funds = { BTC: parseAmount('10'), USDT: parseAmount('100000') };
    const account = { balances: funds, makerRate: rates.maker ?? 0, takerRate: rates.taker ?? 0 };
    this.alice = this.exchange.addAccount(account);
    this.bob = this.exchange.addAccount(account);
    this.exchange.listen({
      onTrade: (trade) => this.trades.push(trade),
      onExecution: (report) => this.reports.push(report),
      onBalance: (who, balances) => this.balances.push({ account: who, balances }),
      onBest: (_, top) => this.tops.push(top),
    });
  }

  place(account: number, side: Side, type: OrderType, rest: Partial<PlaceRequest> = {}): PlaceResult {
    this.now += 1000;
    return this.exchange.place({ account, symbol: 0, side, type, ...rest }, this.now);
  }

  /** Places an order that must be accepted. */
  accept(account: number, side: Side, type: OrderType, rest: Partial<PlaceRequest> = {}): ExchangeOrder {
    const result = this.place(account, side, type, rest);
    if (!result.ok) throw new Error(`refused: ${result.error.message}`);
    return result.order;
  }

  buy(account: number, price: number, quantity: number, rest: Partial<PlaceRequest> = {}): ExchangeOrder {
    return this.accept(account, Side.Buy, OrderType.Limit, { price, quantity, ...rest });
  }

  sell(account: number, price: number, quantity: number, rest: Partial<PlaceRequest> = {}): ExchangeOrder {
    return this.accept(account, Side.Sell, OrderType.Limit, { price, quantity, ...rest });
  }

  /** Why an order is refused; undefined when it is not. */
  refusal(
    account: number,
    side: Side,
    type: OrderType,
    rest: Partial<PlaceRequest> = {},
  ): string | undefined {
    const result = this.place(account, side, type, rest);
    return result.ok ? undefined : result.error.message;
  }

  /** Free and locked, as decimal text. */
  funds(account: number, asset: string): [string, string] {
    const { free, locked } = this.exchange.balance(account, asset);
    return [text(free), text(locked)];
  }

  /** `execution status` of every report of an order. */
  story(order: ExchangeOrder): string[] {
    return this.reports
      .filter((report) => report.order.orderId === order.orderId)
      .map((report) => `${report.execution} ${report.order.status}`);
  }
}

function text(amount: bigint): string {
  const digits = amount.toString().padStart(19, '0');
  return `${digits.slice(0, -18)}.${digits.slice(-18)}`.replace(/\.?0+$/, '');
}
