import { formatAmount, formatUnits, type Instrument } from '../domain/index.js';
import type { OrderCounters } from '../oms/index.js';
import type { Portfolio } from '../portfolio/index.js';
import type { Histogram } from '../telemetry/index.js';

/** Microseconds, to one decimal; 0 before the first. */
export interface LatencySummary {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** Profit and loss in one quote asset: exact decimal text. */
export interface PnlSummary {
  readonly asset: string;
  readonly realized: string;
  /** At the price positions could be closed at: long at the bid, short at the ask. */
  readonly unrealized: string;
  /** In this asset, fees paid in a base asset valued at their fill's price. */
  readonly fees: string;
  /** realized + unrealized - fees. */
  readonly net: string;
}

/** What one instrument came to. Quantities are decimal text in the base asset, money in the quote asset. */
export interface InstrumentSummary {
  readonly position: string;
  /** For display; 0 when flat. */
  readonly averagePrice: number;
  readonly bought: string;
  readonly sold: string;
  readonly fills: number;
  readonly realized: string;
  readonly fees: string;
}

/** What a session of trading came to, as plain JSON: exact quantities are decimal text, the rest numbers. */
export interface SessionSummary {
  /** Messages received from the venue. */
  readonly messages: number;
  /** Book snapshots, deltas and quotes given to the books. */
  readonly bookUpdates: number;
  readonly orders: {
    readonly sent: number;
    readonly acked: number;
    /** Orders filled in full. */
    readonly filled: number;
    readonly canceled: number;
    /** Refused by us. */
    readonly denied: number;
    /** Refused by the venue. */
    readonly rejected: number;
    readonly expired: number;
  };
  readonly fills: number;
  /** Orders filled in full per order sent, 0 to 1. */
  readonly fillRatio: number;
  /** Position by symbol (`SYMBOL.VENUE` where two venues trade the same symbol), in the base asset. */
  readonly position: Readonly<Record<string, string>>;
  /** In the quote asset of the first instrument; `byAsset` has every quote asset. */
  readonly pnl: PnlSummary & { readonly byAsset: Readonly<Record<string, PnlSummary>> };
  /** Paid so far, by asset; a rebate is negative. */
  readonly fees: Readonly<Record<string, string>>;
  readonly instruments: Readonly<Record<string, InstrumentSummary>>;
  readonly tickToTradeUs: LatencySummary;
  readonly wallMs: number;
  readonly messagesPerSecond: number;
  readonly stateHash: string;
}

/** The part of a kernel's view that a summary is made of. */
export interface SummarySource {
  readonly instruments: readonly Instrument[];
  readonly portfolio: Pick<Portfolio, 'pnl' | 'fees' | 'position'>;
  readonly orders: { readonly counters: OrderCounters };
}

/** What the kernel does not know of the session. */
export interface SessionFigures {
  readonly messages: number;
  readonly bookUpdates: number;
  readonly wallMs: number;
  readonly tickToTradeUs: LatencySummary;
  readonly stateHash: string;
}

/** Sums up a session. Pure; off the line. */
export function summarizeSession(view: SummarySource, figures: SessionFigures): SessionSummary {
  const { instruments, portfolio } = view;
  const { submitted, acked, filled, fills, canceled, denied, rejected, expired } = view.orders.counters;
  const { messages, bookUpdates, wallMs, tickToTradeUs, stateHash } = figures;
  const name = namer(instruments);
  const byAsset = Object.fromEntries(portfolio.pnl.map((pnl) => [pnl.asset, pnlSummary(pnl)]));
  const summaries = instruments.map(
    (instrument) => [name(instrument), instrumentSummary(portfolio, instrument)] as const,
  );
  const first = instruments[0]?.quote ?? '';
  return {
    messages,
    bookUpdates,
    orders: { sent: submitted, acked, filled, canceled, denied, rejected, expired },
    fills,
    fillRatio: submitted === 0 ? 0 : rounded(filled / submitted, 4),
    position: Object.fromEntries(summaries.map(([symbol, { position }]) => [symbol, position])),
    pnl: { ...(byAsset[first] ?? NO_PNL), byAsset },
    fees: Object.fromEntries([...portfolio.fees].map(([asset, fee]) => [asset, formatAmount(fee)])),
    instruments: Object.fromEntries(summaries),
    tickToTradeUs,
    wallMs: rounded(wallMs, 1),
    messagesPerSecond: wallMs > 0 ? Math.round((messages / wallMs) * 1000) : 0,
    stateHash,
  };
}

/** A histogram of nanoseconds as microseconds. */
export function latencySummary(histogram: Histogram): LatencySummary {
  const us = (ns: number) => rounded(ns / 1000, 1);
  return {
    count: histogram.count,
    p50: us(histogram.percentile(50)),
    p99: us(histogram.percentile(99)),
    p999: us(histogram.percentile(99.9)),
    max: us(histogram.max),
  };
}

const NO_PNL: PnlSummary = { asset: '', realized: '0', unrealized: '0', fees: '0', net: '0' };

function pnlSummary(pnl: Portfolio['pnl'][number]): PnlSummary {
  const { asset, realized, unrealized, fees, net } = pnl;
  return {
    asset,
    realized: formatAmount(realized),
    unrealized: formatAmount(unrealized),
    fees: formatAmount(fees),
    net: formatAmount(net),
  };
}

function instrumentSummary(portfolio: SummarySource['portfolio'], instrument: Instrument): InstrumentSummary {
  const position = portfolio.position(instrument.index);
  const quantity = (units: number) => formatUnits(units, instrument.sizePrecision);
  return {
    position: quantity(position.quantity),
    averagePrice: rounded(position.averagePrice, instrument.pricePrecision),
    bought: quantity(position.buyQuantity),
    sold: quantity(position.sellQuantity),
    fills: position.fills,
    realized: formatAmount(position.realized),
    fees: formatAmount(position.feesInQuote),
  };
}

/** By symbol, unless two venues have it. */
function namer(instruments: readonly Instrument[]): (instrument: Instrument) => string {
  const seen = new Map<string, number>();
  for (const { symbol } of instruments) seen.set(symbol, (seen.get(symbol) ?? 0) + 1);
  return ({ symbol, id }) => (seen.get(symbol) === 1 ? symbol : id);
}

function rounded(value: number, decimals: number): number {
  const unit = 10 ** decimals;
  return Math.round(value * unit) / unit;
}
