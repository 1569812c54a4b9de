import {
  type Amount,
  amountToNumber,
  BookFault,
  BookState,
  CommandKind,
  type CommandList,
  ConnectionState,
  DenialReason,
  EventKind,
  type KernelEvent,
  nameOf,
  RejectReason,
  TradingState,
  VenueChannel,
} from '../domain/index.js';
import type { KernelView } from '../kernel/index.js';
import type { Counter, MetricRegistry } from '../telemetry/index.js';
import { AskedCancels } from './asked-cancels.js';
import type { EngineObserver } from './engine.js';

/** A total that some room keeps, brought to the registry when sampled. */
interface Mirror {
  readonly counter: Counter;
  readonly read: () => number;
}

/**
 * The engine in numbers. On the line it bumps one slot per event and per command; everything that is a matter of state
 * (positions, profit, open orders, totals of the order manager) is read from the kernel's view by {@link sample}.
 */
export class MetricsObserver implements EngineObserver {
  readonly #registry: MetricRegistry;
  readonly #view: KernelView;
  /** By event kind and by command kind. */
  readonly #events: Counter[] = [];
  readonly #commands: Counter[] = [];
  readonly #rejections: Counter[] = [];
  readonly #mirrors: Mirror[] = [];
  readonly #asked = new AskedCancels();
  readonly #unasked: Counter;
  #instruments = 0;
  #quotes = 0;
  readonly #samplers: (() => void)[] = [];

  constructor(registry: MetricRegistry, view: KernelView) {
    this.#registry = registry;
    this.#view = view;
    for (const [name, kind] of Object.entries(EventKind)) {
      this.#events[kind] = registry.counter('tradewind_events_total', 'Events applied by the kernel', {
        kind: snake(name),
      });
    }
    for (const [name, kind] of Object.entries(CommandKind)) {
      this.#commands[kind] = registry.counter('tradewind_commands_total', 'Commands decided by the kernel', {
        kind: snake(name),
      });
    }
    for (const [name, reason] of Object.entries(RejectReason)) {
      this.#rejections[reason] = registry.counter(
        'tradewind_order_rejections_total',
        'Orders refused by the venue, by reason',
        { reason: name },
      );
    }
    this.#unasked = registry.counter(
      'tradewind_unasked_cancels_total',
      'Orders the venue canceled although we had not asked for it',
    );
    this.#mirrorOrders();
    this.#sampleState();
  }

  onEvent(event: KernelEvent, commands: CommandList): void {
    this.#events[event.kind]!.add(1);
    for (let i = 0; i < commands.length; i++) {
      const command = commands.at(i);
      this.#commands[command.kind]!.add(1);
      if (command.kind === CommandKind.Cancel) this.#asked.asked(command.order.sequence);
    }
    if (event.kind === EventKind.OrderCanceled && !this.#asked.has(event.sequence)) this.#unasked.add(1);
    else if (event.kind === EventKind.OrderRejected) this.#rejections[event.reason]?.add(1);
    else if (event.kind === EventKind.BookStatus && event.fault !== BookFault.NONE) {
      const symbol = this.#view.instruments[event.instrument]?.symbol ?? 'unknown';
      // Faults are rare: looking the series up by name costs nothing that matters.
      const labels = { symbol, fault: nameOf(BookFault, event.fault) };
      this.#registry.counter('tradewind_book_faults_total', 'Books made invalid, by reason', labels).add(1);
    }
  }

  /** Reads the kernel's state into the slots. Off the line, a few times a second. */
  sample(): void {
    while (this.#instruments < this.#view.instruments.length) this.#addInstrument(this.#instruments++);
    while (this.#quotes < this.#view.portfolio.pnl.length) this.#addQuoteAsset(this.#quotes++);
    for (const { counter, read } of this.#mirrors) counter.add(Math.max(0, read() - counter.value));
    for (const take of this.#samplers) take();
  }

  #mirror(name: string, help: string, read: () => number, labels: Record<string, string> = {}): void {
    this.#mirrors.push({ counter: this.#registry.counter(name, help, labels), read });
  }

  #mirrorOrders(): void {
    const { orders, counters } = this.#view;
    for (const outcome of [
      'submitted',
      'acked',
      'filled',
      'canceled',
      'denied',
      'rejected',
      'expired',
    ] as const) {
      const read = () => orders.counters[outcome];
      this.#mirror('tradewind_orders_total', 'Orders by what became of them', read, { outcome });
    }
    for (const oddity of [
      'illegal',
      'duplicates',
      'unknown',
      'overfills',
      'fillsMissing',
      'reopened',
    ] as const) {
      const read = () => orders.counters[oddity];
      this.#mirror('tradewind_order_oddities_total', 'Order events that should not happen, by kind', read, {
        kind: snake(oddity),
      });
    }
    this.#mirror(
      'tradewind_unpriced_fees_total',
      'Fills whose fee was in an asset without a price here: missing from net profit and from the loss limits',
      () => this.#view.portfolio.unpricedFees,
    );
    this.#mirror('tradewind_fills_total', 'Fills booked', () => orders.counters.fills);
    this.#mirror(
      'tradewind_order_queries_total',
      'Questions asked of the venue',
      () => orders.counters.queries,
    );
    for (const [name, reason] of Object.entries(DenialReason)) {
      if (reason === DenialReason.NONE) continue;
      const read = () => counters.denialsByReason[reason] ?? 0;
      this.#mirror('tradewind_order_denials_total', 'Orders refused by us, by reason', read, {
        reason: name,
      });
    }
    this.#mirror(
      'tradewind_books_invalidated_total',
      'Times a book became invalid',
      () => counters.booksInvalidated,
    );
    this.#mirror('tradewind_books_stale_total', 'Times a book became stale', () => counters.booksStale);
    this.#mirror(
      'tradewind_strategy_faults_total',
      'Strategies ended by an exception',
      () => counters.strategyFaults,
    );
    this.#mirror('tradewind_halts_total', 'Times trading was halted', () => counters.halts);
  }

  #sampleState(): void {
    const view = this.#view;
    const gauge = (name: string, help: string, read: () => number, labels: Record<string, string> = {}) => {
      const slot = this.#registry.gauge(name, help, labels);
      this.#samplers.push(() => slot.set(read()));
    };
    gauge('tradewind_orders_open', 'Orders that may be open at the venue', () => view.orders.openCount);
    gauge('tradewind_orders_in_flight', 'Orders awaiting an answer', () => view.orders.inFlightCount);
    gauge('tradewind_epoch', 'Fencing epoch of this run', () => view.orders.epoch);
    for (const [name, state] of Object.entries(TradingState)) {
      const read = () => (view.tradingState === state ? 1 : 0);
      gauge('tradewind_trading_state', 'Trading state: 1 for the one in force', read, { state: snake(name) });
    }
    for (const [name, channel] of Object.entries(VenueChannel)) {
      const read = () => (view.connection(0, channel) === ConnectionState.Up ? 1 : 0);
      gauge('tradewind_connection_up', 'Whether a venue connection is up', read, { channel: snake(name) });
    }
  }

  /** What the loss limits are about. */
  #addQuoteAsset(index: number): void {
    const pnl = this.#view.portfolio.pnl[index]!;
    const gauge = (name: string, help: string, read: () => Amount) => {
      const slot = this.#registry.gauge(name, help, { asset: pnl.asset });
      this.#samplers.push(() => slot.set(amountToNumber(read())));
    };
    gauge('tradewind_pnl_net', 'Realized and unrealized profit less fees, quote asset', () => pnl.net);
    gauge('tradewind_pnl_day', 'Net profit since 00:00 UTC, quote asset', () => pnl.dayPnl);
    gauge('tradewind_pnl_drawdown', 'Fall of net profit from its peak, quote asset', () => pnl.drawdown);
  }

  #addInstrument(index: number): void {
    const view = this.#view;
    const { symbol, sizePrecision } = view.instruments[index]!;
    const gauge = (name: string, help: string, read: () => number) => {
      const slot = this.#registry.gauge(name, help, { symbol });
      this.#samplers.push(() => slot.set(read()));
    };
    gauge('tradewind_book_valid', 'Whether the book may be traded on', () =>
      view.book(index).state === BookState.Valid ? 1 : 0,
    );
    gauge('tradewind_book_age_seconds', 'Time since the last message for the book', () => {
      const { tsLast } = view.book(index);
      return tsLast === 0 ? 0 : Math.max(0, (view.now - tsLast) / 1e6);
    });
    gauge(
      'tradewind_position',
      'Position in the base asset; short is negative',
      () => view.position(index).quantity / 10 ** sizePrecision,
    );
    gauge('tradewind_pnl_realized', 'Realized profit before fees, quote asset', () =>
      amountToNumber(view.position(index).realized),
    );
    gauge('tradewind_pnl_unrealized', 'Unrealized profit at the middle of the book, quote asset', () => {
      const { bid, ask } = view.book(index);
      return bid > 0 && ask > 0
        ? amountToNumber(view.position(index).unrealized(Math.floor((bid + ask) / 2)))
        : 0;
    });
    gauge('tradewind_fees_paid', 'Fees paid, quote asset', () =>
      amountToNumber(view.position(index).feesInQuote),
    );
  }
}

/** `BookDelta` as `book_delta`. */
function snake(name: string): string {
  return name.replace(/[a-z][A-Z]/g, (pair) => `${pair[0]}_${pair[1]}`).toLowerCase();
}
