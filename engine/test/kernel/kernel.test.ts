import { describe, expect, it } from '@jest/globals';
import {
  BookFault,
  BookState,
  type CommandKind,
  type CommandList,
  ConnectionState,
  DenialReason,
  EventKind,
  type KernelEvent,
  CommandKind as Kinds,
  LiquiditySide,
  nameOf,
  type Order,
  OrderStatus,
  parseAmount,
  RejectReason,
  Side,
  TradingState,
  VenueChannel,
} from '../../src/domain/index.js';
import { Kernel, type KernelOptions } from '../../src/kernel/index.js';
import type { StrategyContext } from '../../src/strategies/index.js';
import { bookUpdate, instrument, opening, openLimits, START } from './support/fixtures.js';
import { intent, ScriptedStrategy } from './support/scripted-strategy.js';

const SECOND = 1_000_000;

/** An event without what the bench fills in. */
interface Loose {
  readonly kind: KernelEvent['kind'];
  readonly [field: string]: unknown;
}

class Bench {
  readonly strategy = new ScriptedStrategy();
  readonly kernel: Kernel;
  now = START;
  #updateId = 0;

  constructor(options: Partial<KernelOptions> = {}, others: readonly ScriptedStrategy[] = []) {
    this.kernel = new Kernel({
      limits: openLimits,
      strategies: [this.strategy, ...others],
      staleAfterUs: SECOND,
      queryAfterUs: SECOND,
      ...options,
    });
    for (const event of opening([instrument()])) this.kernel.apply(event);
    this.book();
    this.strategy.calls.length = 0;
  }

  get view() {
    return this.kernel.view;
  }

  /** Applies an event at the bench's time; answers with the names of the commands. */
  apply(event: Loose): string[] {
    return names(this.kernel.apply({ tsEvent: 0, tsInit: this.now, ...event } as KernelEvent));
  }

  book(bid = 9_999_00, ask = 10_001_00): string[] {
    const id = ++this.#updateId;
    const kind = EventKind.BookSnapshot;
    return names(
      this.kernel.apply(bookUpdate(kind, this.now, 0, [id, id], [[bid, 50_000]], [[ask, 50_000]])),
    );
  }

  timer(later = 0): string[] {
    this.now += later;
    return this.apply({ kind: EventKind.Timer });
  }

  /** Does something inside a strategy's call, and answers with the commands of the event. */
  act(what: (context: StrategyContext) => void): string[] {
    this.strategy.on.trade = what;
    const commands = this.apply({
      kind: EventKind.Trade,
      instrument: 0,
      tradeId: 1,
      price: 1,
      quantity: 1,
      aggressor: Side.Buy,
    });
    this.strategy.on.trade = undefined;
    return commands;
  }

  /** A submitted order. */
  submit(changes: Parameters<typeof intent>[0] = {}): Order {
    let order: Order | undefined;
    this.act((context) => {
      order = context.submit(intent(changes));
    });
    return order!;
  }

  tell(order: Order, event: Loose): string[] {
    return this.apply({ epoch: order.epoch, sequence: order.sequence, ...event });
  }

  accept(order: Order): string[] {
    return this.tell(order, { kind: EventKind.OrderAccepted, venueOrderId: `v${order.sequence}` });
  }

  fill(order: Order, quantity = order.leavesQuantity, tradeId = 't1'): string[] {
    return this.tell(order, {
      kind: EventKind.OrderFilled,
      tradeId,
      price: order.price,
      quantity,
      liquidity: LiquiditySide.Maker,
      feeAsset: 'USDT',
      fee: 0n,
    });
  }

  connection(channel: VenueChannel, state: ConnectionState): string[] {
    return this.apply({ kind: EventKind.Connection, venue: 0, channel, state });
  }

  state(state: TradingState): string[] {
    return this.apply({ kind: EventKind.TradingStateSet, state, who: 'test', why: 'test' });
  }
}

function names(commands: CommandList): string[] {
  return Array.from({ length: commands.length }, (_, i) => {
    const command = commands.at(i);
    const name = nameOf(Kinds, command.kind as CommandKind);
    if (command.kind === Kinds.Deny) return `${name} ${nameOf(DenialReason, command.reason)}`;
    return `${name} ${command.order.sequence}`;
  });
}

describe('Kernel orders', () => {
  it('go through risk to a command, and every answer reaches the strategy', () => {
    const bench = new Bench();
    const order = bench.submit();
    expect(order).toMatchObject({ status: OrderStatus.Submitted, epoch: 7, sequence: 1, strategy: 0 });
    expect(order.tsSubmitted).toBe(START);
    bench.strategy.calls.length = 0;
    bench.accept(order);
    bench.fill(order, 400);
    bench.fill(order, 600, 't2');
    expect(bench.strategy.calls).toEqual(['order', 'fill', 'order', 'fill', 'order']);
    expect(order.status).toBe(OrderStatus.Filled);
    expect(bench.view.position(0)).toMatchObject({ quantity: 1000, fills: 2 });
  });

  it('book a fill once, however often it is told, and tell the portfolio before the strategy', () => {
    const bench = new Bench();
    const order = bench.submit();
    let held = 0;
    bench.strategy.on.fill = (context) => {
      held = context.position(0).quantity;
    };
    bench.fill(order, 400);
    expect(held).toBe(400);
    bench.fill(order, 400);
    expect(bench.view.position(0).quantity).toBe(400);
    expect(bench.view.orders.counters.duplicates).toBe(1);
  });

  it('count a late fill after a cancel, and nothing for an order nobody knows', () => {
    const bench = new Bench();
    const order = bench.submit();
    bench.accept(order);
    bench.tell(order, { kind: EventKind.OrderCanceled });
    bench.fill(order, 300);
    expect(bench.view.position(0).quantity).toBe(300);
    bench.apply({ kind: EventKind.OrderCanceled, epoch: 3, sequence: 1 });
    expect(bench.view.orders.counters.unknown).toBe(1);
  });

  it('are denied with a record and without a call back', () => {
    const bench = new Bench();
    let status: number | undefined;
    const commands = bench.act((context) => {
      status = context.submit(intent({ price: 0 })).status;
    });
    expect(commands).toEqual(['Deny PRICE_NOT_POSITIVE']);
    expect(status).toBe(OrderStatus.Denied);
    expect(bench.strategy.calls).toEqual(['trade']);
    expect(bench.view.counters).toMatchObject({ denials: 1, submits: 0 });
    expect(bench.view.counters.denialsByReason[DenialReason.PRICE_NOT_POSITIVE]).toBe(1);
  });

  it('cannot be sent for an instrument that is none, nor in another strategy’s name', () => {
    const bench = new Bench();
    expect(bench.act((context) => void context.submit(intent({ instrument: Number.NaN })))).toEqual([
      'Deny INSTRUMENT_NOT_FOUND',
    ]);
    expect(bench.submit({ strategy: 5 }).strategy).toBe(0);
  });

  it('count what is already open against the limits within one event', () => {
    const bench = new Bench({ limits: { ...openLimits, maxPosition: { BTCUSDT: '0.02' } } });
    const commands = bench.act((context) => {
      for (let i = 0; i < 3; i++) context.submit(intent());
    });
    expect(commands).toEqual(['Submit 1', 'Submit 2', 'Deny POSITION_LIMIT']);
  });

  it('are cancelled once, by their own strategy alone', () => {
    const other = new ScriptedStrategy('other');
    const bench = new Bench({}, [other]);
    const order = bench.submit();
    other.on.trade = (context) => expect(context.cancel(order)).toBe(false);
    expect(
      bench.act((context) => {
        expect(context.cancel(order)).toBe(true);
        expect(context.cancel(order)).toBe(false);
      }),
    ).toEqual(['Cancel 1']);
    bench.tell(order, { kind: EventKind.CancelRejected, reason: RejectReason.RATE_LIMITED });
    expect(bench.act((context) => void context.cancel(order))).toEqual(['Cancel 1']);
  });

  it('are asked about when the answer is overdue, ever less often', () => {
    const bench = new Bench();
    bench.submit();
    expect(bench.timer(SECOND - 1)).toEqual([]);
    expect(bench.timer(1)).toEqual(['Query 1']);
    expect(bench.timer(SECOND)).toEqual([]);
    expect(bench.timer(SECOND)).toEqual(['Query 1']);
  });
});

describe('Kernel connections', () => {
  it.each([
    [VenueChannel.Orders, ConnectionState.Down, 'VENUE_DISCONNECTED', false],
    [VenueChannel.User, ConnectionState.Down, 'VENUE_DISCONNECTED', true],
    [VenueChannel.User, ConnectionState.Reconciling, 'STREAM_RECONCILING', true],
    [VenueChannel.Orders, ConnectionState.Reconciling, 'STREAM_RECONCILING', true],
  ] as const)('channel %i in state %i: orders are %s, cancels possible %s', (channel, state, reason, can) => {
    const bench = new Bench();
    const order = bench.submit();
    bench.connection(channel, state);
    expect(
      bench.act((context) => {
        expect(context.ready(0)).toBe(false);
        context.submit(intent());
        expect(context.cancel(order)).toBe(can);
      }),
    ).toEqual([`Deny ${reason}`, ...(can ? ['Cancel 1'] : [])]);
  });

  it('in doubt are asked about as soon as there is a wire again, however long that took', () => {
    const bench = new Bench();
    const order = bench.submit();
    bench.accept(order);
    bench.connection(VenueChannel.Orders, ConnectionState.Down);
    bench.tell(order, { kind: EventKind.OutcomeUnknown });
    // Long enough for many a pause between questions to double.
    for (let i = 0; i < 100; i++) expect(bench.timer(SECOND)).toEqual([]);
    bench.connection(VenueChannel.Orders, ConnectionState.Up);
    expect(bench.timer(10_000)).toEqual([`Query ${order.sequence}`]);
  });

  it('assume nothing of orders while down, and ask about those in flight when back', () => {
    const bench = new Bench();
    const inFlight = bench.submit();
    const working = bench.submit();
    const canceling = bench.submit();
    bench.accept(working);
    bench.accept(canceling);
    bench.act((context) => void context.cancel(canceling));
    bench.connection(VenueChannel.Orders, ConnectionState.Down);
    bench.connection(VenueChannel.User, ConnectionState.Down);
    expect(bench.timer(10 * SECOND)).toEqual([]);
    expect([inFlight, working, canceling].map(({ status }) => status)).toEqual([
      OrderStatus.Submitted,
      OrderStatus.Accepted,
      OrderStatus.PendingCancel,
    ]);
    expect(bench.connection(VenueChannel.Orders, ConnectionState.Up)).toEqual([]);
    expect(bench.connection(VenueChannel.User, ConnectionState.Reconciling)).toEqual([]);
    expect(bench.connection(VenueChannel.User, ConnectionState.Up)).toEqual(['Query 1', 'Query 3']);
    expect(bench.connection(VenueChannel.User, ConnectionState.Up)).toEqual([]);
  });
});

describe('Kernel books', () => {
  it('tell the strategy of every change, faults and staleness included', () => {
    const bench = new Bench();
    const states: BookState[] = [];
    bench.strategy.on.book = (context) => void states.push(context.book(0).state);
    bench.book(9_998_00);
    bench.timer(SECOND + 1);
    bench.book();
    bench.apply({ kind: EventKind.BookStatus, instrument: 0, fault: BookFault.DISCONNECTED });
    bench.apply({ kind: EventKind.BookStatus, instrument: 0, fault: BookFault.DISCONNECTED });
    bench.apply({ kind: EventKind.BookStatus, instrument: 0, fault: BookFault.NONE });
    expect(states).toEqual([
      BookState.Valid,
      BookState.Stale,
      BookState.Valid,
      BookState.Invalid,
      BookState.Syncing,
    ]);
    expect(bench.view.counters).toMatchObject({ booksInvalidated: 1, booksStale: 1, bookUpdates: 3 });
  });

  it('take quotes, and ignore events about instruments nobody defined', () => {
    const bench = new Bench();
    const quote = { kind: EventKind.Quote, bidSize: 1, askSize: 1, updateId: 50 };
    bench.apply({ ...quote, instrument: 0, bid: 10_000_00, ask: 10_000_50 });
    expect(bench.view.book(0)).toMatchObject({ bid: 10_000_00, ask: 10_000_50 });
    bench.apply({ ...quote, instrument: 4, bid: 1, ask: 2 });
    bench.apply({ kind: EventKind.BookStatus, instrument: -1, fault: BookFault.NONE });
    expect(bench.view.counters.unknownInstruments).toBe(2);
    expect(() => bench.view.book(4)).toThrow(/no instrument 4/);
  });

  it('define instruments in order, once', () => {
    const bench = new Bench();
    bench.apply({ kind: EventKind.InstrumentDefined, instrument: instrument(0) });
    expect(bench.view.counters.redefinitions).toBe(1);
    expect(() => bench.apply({ kind: EventKind.InstrumentDefined, instrument: instrument(2) })).toThrow(
      /index must be 1/,
    );
  });
});

describe('Kernel halts', () => {
  it('cancel everything at once, deny everything, and try again until nothing is open', () => {
    const bench = new Bench();
    const first = bench.submit();
    const second = bench.submit();
    bench.accept(first);
    bench.accept(second);
    expect(bench.state(TradingState.Halted)).toEqual(['Cancel 1', 'Cancel 2']);
    expect(bench.act((context) => void context.submit(intent()))).toEqual(['Deny TRADING_HALTED']);
    bench.tell(first, { kind: EventKind.OrderCanceled });
    bench.tell(second, {
      kind: EventKind.SendFailed,
      submit: false,
      reason: DenialReason.SUBMIT_FAILED,
    });
    expect(bench.timer(400_000)).toEqual([]);
    expect(bench.timer(100_000)).toEqual(['Cancel 2']);
    expect(bench.state(TradingState.Active)).toEqual([]);
    expect(bench.submit().status).toBe(OrderStatus.Submitted);
  });

  it('come with the fill that breaks the limit, before the strategy hears of it', () => {
    const bench = new Bench({ limits: { ...openLimits, maxDailyLoss: parseAmount('5') } });
    const order = bench.submit({ price: 9_998_00, quantity: 1_00000 });
    const resting = bench.submit({ price: 9_000_00 });
    bench.strategy.on.fill = (context) => {
      expect(context.tradingState).toBe(TradingState.Halted);
      context.submit(intent());
    };
    const commands = bench.tell(order, {
      kind: EventKind.OrderFilled,
      tradeId: 't',
      price: 9_998_00,
      quantity: 1_00000,
      liquidity: LiquiditySide.Taker,
      feeAsset: 'USDT',
      fee: parseAmount('6'),
    });
    expect(commands).toEqual(['Deny DAILY_LOSS_LIMIT', `Cancel ${resting.sequence}`]);
    expect(bench.view).toMatchObject({
      tradingState: TradingState.Halted,
      haltReason: DenialReason.DAILY_LOSS_LIMIT,
      haltWhy: 'daily loss limit reached in USDT',
    });
    expect(bench.view.counters.halts).toBe(1);
  });

  it('come with the mark that trips the circuit breaker', () => {
    const limits = { ...openLimits, circuitBreakerBps: 100, circuitBreakerWindowMs: 1000 };
    const bench = new Bench({ limits });
    const order = bench.submit();
    expect(bench.book(10_099_00, 10_103_00)).toEqual([`Cancel ${order.sequence}`]);
    expect(bench.view.haltWhy).toBe('circuit breaker: BTCUSDT moved 100 bps');
  });
});

describe('Kernel stop', () => {
  it('stops strategies, cancels what they left, retries what failed, and never sends an order again', () => {
    const bench = new Bench();
    const order = bench.submit();
    bench.accept(order);
    bench.strategy.on.stop = (context) => void context.submit(intent());
    bench.strategy.calls.length = 0;
    expect(bench.apply({ kind: EventKind.StrategiesStopped })).toEqual(['Submit 2', 'Cancel 1', 'Cancel 2']);
    bench.tell(order, { kind: EventKind.CancelRejected, reason: RejectReason.RATE_LIMITED });
    expect(bench.timer(SECOND / 2)).toEqual(['Cancel 1']);
    bench.connection(VenueChannel.Orders, ConnectionState.Down);
    bench.tell(order, { kind: EventKind.CancelRejected, reason: RejectReason.RATE_LIMITED });
    expect(bench.timer(SECOND / 2)).toEqual([]);
    expect(bench.connection(VenueChannel.Orders, ConnectionState.Up)).toContain('Cancel 1');
    bench.book();
    expect(bench.strategy.calls).toEqual(['stop']);
    expect(bench.view).toMatchObject({ stopped: true });
    expect(bench.view.strategies[0]).toMatchObject({ running: false, error: '' });
  });
});

describe('Kernel strategies', () => {
  it('that throw are ended: their orders cancelled, the others and the kernel unharmed', () => {
    const other = new ScriptedStrategy('other');
    const bench = new Bench({}, [other]);
    const order = bench.submit();
    const commands = bench.act((context) => {
      context.submit(intent());
      throw new TypeError('boom');
    });
    expect(commands).toEqual(['Submit 2', 'Cancel 1', 'Cancel 2']);
    expect(bench.view.strategies).toMatchObject([
      { name: 'scripted', running: false, error: 'boom' },
      { name: 'other', running: true, error: '' },
    ]);
    expect(bench.view.counters.strategyFaults).toBe(1);
    const calls = bench.strategy.calls.length;
    other.calls.length = 0;
    bench.tell(order, { kind: EventKind.CancelRejected, reason: RejectReason.RATE_LIMITED });
    expect(bench.timer(SECOND / 2)).toEqual(['Cancel 1']);
    expect(bench.strategy.calls).toHaveLength(calls);
    expect(other.calls).toEqual(['timer']);
  });

  it.each(['instrument', 'book', 'order', 'fill', 'timer', 'stop'])('may throw in any call: %s', (name) => {
    const bench = new Bench();
    const order = bench.submit();
    bench.strategy.on[name] = () => {
      throw 'no error object';
    };
    bench.apply({ kind: EventKind.InstrumentDefined, instrument: instrument(1) });
    bench.fill(order, 10);
    bench.book();
    bench.timer();
    bench.apply({ kind: EventKind.StrategiesStopped });
    expect(bench.view.counters.strategyFaults).toBe(1);
    expect(bench.view.strategies[0]).toMatchObject({ running: false, error: 'no error object' });
  });

  it('hear of their own instruments alone', () => {
    const eth = new ScriptedStrategy('eth', ['ETHUSDT']);
    const bench = new Bench({}, [eth]);
    bench.book();
    expect(eth.calls).toEqual([]);
    bench.timer();
    expect(eth.calls).toEqual(['timer']);
  });
});

describe('Kernel time and identity', () => {
  it('never goes back, and a lower epoch is fatal', () => {
    const bench = new Bench();
    bench.timer(SECOND);
    bench.now -= 10 * SECOND;
    bench.timer();
    expect(bench.view.now).toBe(START + SECOND);
    expect(() =>
      bench.apply({ kind: EventKind.SessionStarted, epoch: 6, version: '', configDigest: '' }),
    ).toThrow(/epoch/);
  });

  it('hashes differently after every event that matters', () => {
    const bench = new Bench();
    const seen = new Set([bench.kernel.stateHash()]);
    const order = bench.submit();
    const steps: (() => void)[] = [
      () => bench.accept(order),
      () => bench.fill(order, 1),
      () => bench.book(9_000_00),
      () => bench.timer(1),
      () => bench.connection(VenueChannel.User, ConnectionState.Down),
      () => bench.apply({ kind: EventKind.Balance, venue: 0, asset: 'BTC', free: 1n, locked: 0n }),
      () => bench.state(TradingState.Reducing),
      () => bench.apply({ kind: EventKind.StrategiesStopped }),
    ];
    for (const step of steps) {
      step();
      seen.add(bench.kernel.stateHash());
    }
    expect(seen.size).toBe(steps.length + 1);
  });

  it('refuses to give commands it does not have', () => {
    const bench = new Bench();
    const commands = bench.kernel.apply({ kind: EventKind.Timer, tsEvent: 0, tsInit: START });
    expect(commands.length).toBe(0);
    expect(() => commands.at(0)).toThrow(/no command 0 of 0/);
  });
});
