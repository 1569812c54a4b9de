import {
  amountToNumber,
  BookFault,
  BookState,
  ConnectionState,
  formatUnits,
  nameOf,
  Side,
  TradingState,
  VenueChannel,
} from '../domain/index.js';
import type { KernelView } from '../kernel/index.js';
import type { Histogram } from '../telemetry/index.js';

/** One instrument, ready to print. Prices and quantities are decimal text, empty when there is none. */
export interface SymbolStatus {
  readonly symbol: string;
  readonly book: string;
  readonly bid: string;
  readonly ask: string;
  /** Spread of the market in basis points of its middle; 0 when a side is empty. */
  readonly spreadBps: number;
  /** Our best open orders. */
  readonly ourBid: string;
  readonly ourAsk: string;
  readonly position: string;
  readonly base: string;
  readonly quote: string;
  /** Net of fees in base or quote; for display. */
  readonly realized: number;
  readonly unrealized: number;
}

/** What a process is in its pair. */
export interface PairStatus {
  readonly node: string;
  readonly role: 'leader' | 'standby';
  /** Node that holds the lease; empty before that was seen. */
  readonly leader: string;
  readonly epoch: number;
  readonly phase: string;
  /** Since the lease last changed, as seen here; Infinity before the first look. */
  readonly leaseAgeMs: number;
  readonly storeFailures: number;
  /** Records a standby is behind; undefined for a leader, and while no leader is heard. */
  readonly lag: number | undefined;
}

export interface SessionStatus {
  /** Of one of a pair. */
  readonly pair?: PairStatus;
  readonly elapsedMs: number;
  readonly marketData: string;
  readonly orders: string;
  readonly user: string;
  readonly tradingState: string;
  /** Why trading is not active; empty while it is. */
  readonly haltWhy: string;
  readonly symbols: readonly SymbolStatus[];
  readonly messages: number;
  readonly sent: number;
  readonly filled: number;
  readonly fills: number;
  readonly canceled: number;
  readonly denied: number;
  readonly rejected: number;
  readonly open: number;
  /** Microseconds; 0 before the first. */
  readonly tickToTradeUs: { readonly p50: number; readonly p99: number; readonly p999: number };
  readonly residentMb: number;
}

/** What a person wants to see now. Off the line: allocates. */
export function readStatus(
  view: KernelView,
  elapsedMs: number,
  messages: number,
  tickToTrade: Histogram,
): SessionStatus {
  const connection = (channel: VenueChannel) => nameOf(ConnectionState, view.connection(0, channel));
  const { counters } = view.orders;
  return {
    elapsedMs,
    marketData: connection(VenueChannel.MarketData),
    orders: connection(VenueChannel.Orders),
    user: connection(VenueChannel.User),
    tradingState: nameOf(TradingState, view.tradingState),
    haltWhy: view.haltWhy,
    symbols: view.instruments.map(({ index }) => symbolStatus(view, index)),
    messages,
    sent: counters.submitted,
    filled: counters.filled,
    fills: counters.fills,
    canceled: counters.canceled,
    denied: counters.denied,
    rejected: counters.rejected,
    open: view.orders.openCount,
    tickToTradeUs: percentilesUs(tickToTrade),
    residentMb: Math.round(process.memoryUsage.rss() / 1e6),
  };
}

/** Percentiles of a histogram of nanoseconds, in microseconds to one decimal. */
export function percentilesUs(histogram: Histogram): { p50: number; p99: number; p999: number } {
  const at = (p: number) => (histogram.count === 0 ? 0 : Math.round(histogram.percentile(p) / 100) / 10);
  return { p50: at(50), p99: at(99), p999: at(99.9) };
}

function symbolStatus(view: KernelView, index: number): SymbolStatus {
  const instrument = view.instruments[index]!;
  const { symbol, base, quote, pricePrecision, sizePrecision } = instrument;
  const book = view.book(index);
  const position = view.position(index);
  const price = (units: number) =>
    units > 0
      ? shortened(formatUnits(units, pricePrecision), decimalsOf(instrument.priceIncrement, pricePrecision))
      : '';
  let ourBid = 0;
  let ourAsk = 0;
  for (let order = view.orders.firstOpen(); order !== null; order = view.orders.nextOpen(order)) {
    if (order.instrument !== index) continue;
    if (order.side === Side.Buy) ourBid = Math.max(ourBid, order.price);
    else ourAsk = ourAsk === 0 ? order.price : Math.min(ourAsk, order.price);
  }
  const twoSided = book.bid > 0 && book.ask > 0;
  const middle = (book.bid + book.ask) / 2;
  return {
    symbol,
    base,
    quote,
    book: book.fault === BookFault.NONE ? nameOf(BookState, book.state) : nameOf(BookFault, book.fault),
    bid: price(book.bid),
    ask: price(book.ask),
    spreadBps: twoSided ? ((book.ask - book.bid) / middle) * 10_000 : 0,
    ourBid: price(ourBid),
    ourAsk: price(ourAsk),
    position: shortened(
      formatUnits(position.quantity, sizePrecision),
      decimalsOf(instrument.sizeIncrement, sizePrecision),
    ),
    realized: amountToNumber(position.realized),
    unrealized: twoSided ? amountToNumber(position.unrealized(Math.floor(middle))) : 0,
  };
}

/** Decimals a multiple of `increment` needs: a venue prints more than its prices have. */
function decimalsOf(increment: number, precision: number): number {
  let decimals = precision;
  for (let rest = increment; decimals > 0 && rest % 10 === 0; rest /= 10) decimals--;
  return decimals;
}

/** Decimal text without zeros past `decimals`. */
function shortened(text: string, decimals: number): string {
  const dot = text.indexOf('.');
  if (dot < 0) return text;
  let end = text.length;
  while (end > dot + 1 + decimals && text[end - 1] === '0') end--;
  return text.slice(0, end === dot + 1 ? dot : end);
}
