import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  BookFault,
  type Command,
  CommandKind,
  ConnectionState,
  EventKind,
  type KernelEvent,
  LiquiditySide,
  OrderStatus,
  RejectReason,
  Side,
  VenueChannel,
} from '../../src/domain/index.js';
import { bookUpdate, instrument, opening, START } from '../kernel/support/fixtures.js';
import { kernelFor, SETTINGS } from '../kernel/support/session.js';

const { Orders, User, MarketData } = VenueChannel;
const { Up, Down } = ConnectionState;
const MAX_INVENTORY = 3000;

/** What a venue holds of an order: still on its way there, working, ended, or lost before it arrived. */
interface Held {
  readonly epoch: number;
  readonly sequence: number;
  readonly side: Side;
  readonly price: number;
  readonly quantity: number;
  state: 'travelling' | 'working' | OrderStatus;
}

/** An event without its time. */
type Loose = { readonly kind: KernelEvent['kind'] } & Readonly<Record<string, unknown>>;

/** A kernel with a market maker, and a venue that swears not to know an order which then arrives. */
class World {
  readonly kernel = kernelFor(SETTINGS);
  readonly wrong: string[] = [];
  readonly held: Held[] = [];
  readonly answers: Loose[] = [];
  now = START;
  #mid = 10_000_00;
  #updateId = 0;
  #trades = 0;

  constructor() {
    for (const event of opening([instrument()])) this.#feed(event);
    this.book(0);
  }

  working(side?: Side): Held[] {
    return this.held.filter((h) => h.state === 'working' && (side === undefined || h.side === side));
  }

  tell(event: Loose): void {
    this.#feed({ tsEvent: this.now, tsInit: this.now, ...event } as KernelEvent);
  }

  book(move: number): void {
    this.#mid += move;
    const id = ++this.#updateId;
    const [bids, asks] = [[[this.#mid - 50, 9000] as const], [[this.#mid + 50, 9000] as const]];
    this.#feed(bookUpdate(EventKind.BookSnapshot, this.now, 0, [id, id], bids, asks));
  }

  timer(later: number): void {
    this.now += later;
    this.tell({ kind: EventKind.Timer });
  }

  channel(channel: VenueChannel, state: ConnectionState): void {
    this.tell({ kind: EventKind.Connection, venue: 0, channel, state });
  }

  /** The next answer arrives, or gets lost. */
  answer(arrives = true): void {
    const event = this.answers.shift();
    if (event !== undefined && arrives) this.tell(event);
  }

  /** An order reaches the venue; `told`: and so does the word of it us. */
  arrive(which: number, told: boolean): void {
    const order = pick(this.held, 'travelling', which);
    if (order === undefined) return;
    order.state = 'working';
    if (told) this.tell({ kind: EventKind.OrderAccepted, ...idOf(order) });
  }

  lose(which: number): void {
    const order = pick(this.held, 'travelling', which);
    if (order !== undefined) order.state = OrderStatus.Rejected;
  }

  fill(which: number): void {
    const order = pick(this.held, 'working', which);
    if (order === undefined) return;
    order.state = OrderStatus.Filled;
    const { price, quantity } = order;
    const liquidity = LiquiditySide.Maker;
    const trade = { tradeId: `t${++this.#trades}`, price, quantity, liquidity, feeAsset: 'USDT', fee: 0n };
    this.tell({ kind: EventKind.OrderFilled, ...idOf(order), ...trade });
  }

  /** All is well from now on; as on any reconnect, the venue lists the orders that work. */
  recover(): void {
    for (const channel of [Orders, User, MarketData]) this.channel(channel, Down);
    this.now += 10_000;
    for (const order of this.held) if (order.state === 'travelling') order.state = 'working';
    for (const order of this.working()) this.answers.push(report(order));
    this.drain();
    for (const channel of [MarketData, Orders, User]) this.channel(channel, Up);
    this.book(0);
  }

  drain(): void {
    while (this.answers.length > 0) this.answer();
  }

  settle(seconds: number): void {
    for (let i = 0; i < seconds * 10; i++) {
      this.timer(100_000);
      this.drain();
    }
  }

  #feed(event: KernelEvent): void {
    const commands = this.kernel.apply(event);
    for (let i = 0; i < commands.length; i++) this.#handle(commands.at(i));
  }

  #handle(command: Command): void {
    if (command.kind === CommandKind.Submit) this.#submit(command.order);
    if (command.kind !== CommandKind.Cancel && command.kind !== CommandKind.Query) return;
    const order = this.held.find(({ sequence }) => sequence === command.order.sequence)!;
    if (command.kind === CommandKind.Query) {
      const isUnknown = order.state === 'travelling' || order.state === OrderStatus.Rejected;
      const notFound = { kind: EventKind.OrderNotFound, ...idOf(order), definitive: true };
      this.answers.push(isUnknown ? notFound : report(order));
    } else if (order.state === 'working') {
      order.state = OrderStatus.Canceled;
      this.answers.push({ kind: EventKind.OrderCanceled, ...idOf(order) });
    } else {
      const reason = RejectReason.UNKNOWN_ORDER;
      this.answers.push({ kind: EventKind.CancelRejected, ...idOf(order), reason });
    }
  }

  #submit({ epoch, sequence, side, price, quantity }: Omit<Held, 'state'>): void {
    const { orders, position } = this.kernel.view;
    let others = 0;
    for (let each = orders.firstOpen(); each !== null; each = orders.nextOpen(each)) {
      if (each.side === side && each.sequence !== sequence) others++;
    }
    if (others > 0) this.wrong.push(`${sequence} submitted beside ${others} on its side`);
    const { openBuyQuantity, openSellQuantity } = orders.totals(0);
    const held = position(0).quantity;
    const worst = side === Side.Buy ? held + openBuyQuantity : openSellQuantity - held;
    if (worst > MAX_INVENTORY) this.wrong.push(`${sequence} submitted past the inventory: ${worst}`);
    this.held.push({ epoch, sequence, side, price, quantity, state: 'travelling' });
  }
}

function pick(held: readonly Held[], state: Held['state'], which: number): Held | undefined {
  const all = held.filter((each) => each.state === state);
  return all[which % all.length];
}

function idOf({ epoch, sequence }: Held) {
  return { epoch, sequence, venueOrderId: `v${sequence}` };
}

function report(order: Held): Loose {
  const status = order.state === 'working' ? OrderStatus.Accepted : order.state;
  const cumQuantity = order.state === OrderStatus.Filled ? order.quantity : 0;
  return { kind: EventKind.OrderReport, ...idOf(order), status, cumQuantity };
}

type Step = (world: World) => void;
const small = fc.nat(5);
const STEPS: readonly fc.WeightedArbitrary<Step>[] = [
  {
    weight: 4,
    arbitrary: small.map(
      (n): Step =>
        (w) =>
          w.timer(n * 100_000),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.integer({ min: -300, max: 300 }).map(
      (move): Step =>
        (w) =>
          w.book(move),
    ),
  },
  {
    weight: 6,
    arbitrary: fc.boolean().map(
      (arrives): Step =>
        (w) =>
          w.answer(arrives),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(small, fc.boolean()).map(
      ([n, told]): Step =>
        (w) =>
          w.arrive(n, told),
    ),
  },
  {
    weight: 1,
    arbitrary: small.map(
      (n): Step =>
        (w) =>
          w.lose(n),
    ),
  },
  {
    weight: 1,
    arbitrary: small.map(
      (n): Step =>
        (w) =>
          w.fill(n),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom(Orders, Orders, User, MarketData), fc.constantFrom(Up, Down)).map(
      ([channel, state]): Step =>
        (w) =>
          w.channel(channel, state),
    ),
  },
];

describe('MarketMaker at a venue that denies orders which then arrive', () => {
  it('has at most one order working on a side in the end, and none once the book is broken', () => {
    let reopened = 0;
    fc.assert(
      fc.property(fc.array(fc.oneof(...STEPS), { minLength: 20, maxLength: 120 }), (steps) => {
        const world = new World();
        for (const step of steps) step(world);
        world.recover();
        world.settle(5);
        const { view } = world.kernel;
        expect(world.working(Side.Buy).length).toBeLessThanOrEqual(1);
        expect(world.working(Side.Sell).length).toBeLessThanOrEqual(1);
        world.tell({ kind: EventKind.BookStatus, instrument: 0, fault: BookFault.SEQUENCE_GAP });
        // What was sent last is still on its way.
        for (let i = 0; i < 4; i++) world.arrive(0, true);
        world.settle(5);
        expect(world.working()).toEqual([]);
        expect(view.orders.openCount).toBe(0);
        expect(world.wrong).toEqual([]);
        expect(view.counters.strategyFaults).toBe(0);
        reopened += view.orders.counters.reopened;
      }),
      { numRuns: 150 },
    );
    expect(reopened).toBeGreaterThan(20);
  });

  it('keeps neither of two bids when the first one, sworn unknown, arrives while no cancel can be sent', () => {
    const world = new World();
    const first = world.held.find(({ side }) => side === Side.Buy)!;
    world.timer(300_000);
    world.timer(10_000);
    world.drain();
    world.timer(1_000_000);
    world.book(0);
    const buys = world.held.filter(({ side }) => side === Side.Buy);
    expect(buys).toHaveLength(2);
    for (const order of world.held) {
      if (order !== first)
        world.arrive(world.held.filter((h) => h.state === 'travelling').indexOf(order), true);
    }
    world.channel(Orders, Down);
    world.arrive(0, true);
    world.tell(report(first));
    expect(world.working(Side.Buy)).toHaveLength(2);
    world.channel(Orders, Up);
    world.settle(1);
    expect(first.state).toBe(OrderStatus.Canceled);
    world.tell({ kind: EventKind.BookStatus, instrument: 0, fault: BookFault.SEQUENCE_GAP });
    world.settle(1);
    expect(world.working()).toEqual([]);
  });
});
