import {
  BinaryReader,
  BinaryWriter,
  CLIENT_ORDER_ID_FORMATS,
  CommandKind,
  type CommandList,
  ConnectionState,
  EventKind,
  formatClientOrderId,
  type KernelEvent,
  type Order,
  OrderType,
  parseAmount,
  type Side,
  TimeInForce,
  type Trade,
  VenueChannel,
} from '../../../src/domain/index.js';
import { decodeEvent, encodeEvent } from '../../../src/journal/index.js';
import { Kernel } from '../../../src/kernel/index.js';
import {
  accountPositionEvent,
  executionReportEvent,
  myTradeView,
  queryView,
} from '../../../src/simulator/binance/protocol/orders.js';
import { Exchange, type ExchangeFill, type SymbolSpec } from '../../../src/simulator/matching/index.js';
import { MetricRegistry, nullLogger } from '../../../src/telemetry/index.js';
import type {
  AccountQueries,
  AccountRow,
  OrderRow,
  OrderTarget,
  TradeRow,
} from '../../../src/venues/binance/account-queries.js';
import { EventOutlet } from '../../../src/venues/binance/event-outlet.js';
import { executionMetrics } from '../../../src/venues/binance/execution-metrics.js';
import { OrderClaims, ownIdOf } from '../../../src/venues/binance/order-claims.js';
import { OrderRegistry } from '../../../src/venues/binance/order-registry.js';
import { ReconcileSchedule } from '../../../src/venues/binance/reconcile-schedule.js';
import { Reconciler } from '../../../src/venues/binance/reconciler.js';
import { RestError } from '../../../src/venues/binance/rest-client.js';
import { SymbolIndex } from '../../../src/venues/binance/symbol-index.js';
import { UserStream, UserStreamAction } from '../../../src/venues/binance/user-stream.js';
import type { ResumeState } from '../../../src/venues/index.js';
import type { Timers } from '../../../src/venues/timers.js';
import { resumeOf } from '../../../src/wiring/resume.js';
import { bookUpdate, instrument, openLimits, START } from '../../kernel/support/fixtures.js';
import { intent, ScriptedStrategy } from '../../kernel/support/scripted-strategy.js';

export const BTC = instrument(0);
const SPEC: SymbolSpec = {
  ...{ symbol: 'BTCUSDT', base: 'BTC', quote: 'USDT', pricePrecision: 2, sizePrecision: 5 },
  filters: { price: { min: 0, max: 0, step: 0 }, lot: { min: 0, max: 0, step: 0 } },
};
const FORMAT = CLIENT_ORDER_ID_FORMATS.binance;
const RECV_WINDOW_MS = 5_000;
const MARGIN_MS = 10_000;

/** What becomes of a request on its way to the venue. */
export type Fate = 'arrives' | 'is lost';

/** A kernel whose strategy makes an order of every public trade: what it does is in the events alone. */
export function makeKernel(): Kernel {
  const strategy = new ScriptedStrategy();
  strategy.on.trade = (context, what) => {
    const { price, quantity, aggressor } = what as Trade;
    context.submit(intent({ side: aggressor, price, quantity }));
  };
  return new Kernel({ limits: openLimits, strategies: [strategy], staleAfterUs: 1e15 });
}

/** Replays a journal; answers with the ids of what it would have sent. */
export function replay(journal: readonly Uint8Array[]): { kernel: Kernel; sent: string[] } {
  const kernel = makeKernel();
  const sent: string[] = [];
  for (const bytes of journal) sent.push(...submitsOf(kernel.apply(decodeEvent(new BinaryReader(bytes)))));
  return { kernel, sent };
}

function submitsOf(commands: CommandList): string[] {
  const ids: string[] = [];
  for (let i = 0; i < commands.length; i++) {
    const command = commands.at(i);
    if (command.kind === CommandKind.Submit) ids.push(idOf(command.order));
  }
  return ids;
}

const idOf = ({ epoch, sequence }: Pick<Order, 'epoch' | 'sequence'>) =>
  formatClientOrderId(FORMAT, epoch, sequence);

/**
 * A venue, its wires, a journal, and one process after another that trades there: the real kernel, the real private half
 * of the connector up to its sockets, the simulator's matching engine. Single-threaded, on a clock of its own.
 */
export class World {
  readonly exchange = new Exchange({ symbols: [SPEC], retainedFills: 100_000, retainedOrders: 100_000 });
  readonly us: number;
  readonly #crowd: number;
  /** Private messages on their way. */
  readonly wire: string[] = [];
  /** Everything an engine has applied, as far as the disk goes. */
  journal: Uint8Array[] = [];
  /** Client ids of every order sent, whether it arrived or not. */
  readonly sent: string[] = [];
  /** What happens at the venue while it is being asked, one thing before each answer. */
  readonly meanwhile: (() => void)[] = [];
  /** Questions that will not be answered. */
  failures = 0;
  /** So long a fill takes to be listed among the trades. */
  lagMs = 0;
  /** Trades that are not listed yet, though later ones are. */
  readonly unlisted = new Set<number>();
  fate: Fate = 'arrives';
  now = START;
  epoch = 0;
  process: Process;
  #balanceUs = START;
  #foreign = 0;

  private constructor() {
    this.us = this.exchange.addAccount({
      balances: { BTC: parseAmount('1000'), USDT: parseAmount('10000000') },
      ...{ makerRate: 1_000, takerRate: 2_000 },
    });
    this.#crowd = this.exchange.addAccount({ internal: true });
    this.exchange.listen({
      onExecution: (report) => {
        if (report.order.account === this.us) this.#send(executionReportEvent(SPEC, report, this.now, 'ms'));
      },
      onBalance: (account, balances, timeUs) => {
        if (account !== this.us) return;
        this.#balanceUs = timeUs;
        this.#send(accountPositionEvent(balances, timeUs, this.now, 'ms'));
      },
    });
    this.process = new Process(this, makeKernel(), ++this.epoch, undefined);
  }

  /** With its first process up. */
  static async begin(): Promise<World> {
    const world = new World();
    await world.process.connect();
    return world;
  }

  /** Time passes, a millisecond at least: nothing at a venue happens twice at once. */
  tick(ms = 1): number {
    this.now += ms * 1_000;
    return this.now;
  }

  /** Somebody trades `quantity` with our best order on `side`. */
  fill(side: Side, quantity: number): void {
    const best = this.exchange
      .openOrders(this.us, 0)
      .filter((order) => order.side === side && ownIdOf(order.clientOrderId) !== undefined)
      .reduce<number | undefined>((at, { price }) => betterOf(side, at, price), undefined);
    if (best === undefined) return;
    this.exchange.place(
      {
        ...{ account: this.#crowd, symbol: 0, side: side === 0 ? 1 : 0, type: OrderType.Limit },
        ...{ timeInForce: TimeInForce.IOC, price: best, quantity },
      },
      this.tick(),
    );
  }

  /** An order of ours that this process knows nothing of. */
  placeUnknown(epoch: number, sequence: number, side: Side, price: number, quantity: number): void {
    const clientOrderId = formatClientOrderId(FORMAT, epoch, sequence);
    this.exchange.place(
      { account: this.us, symbol: 0, side, type: OrderType.Limit, price, quantity, clientOrderId },
      this.tick(),
    );
  }

  /** The venue cancels one of our orders by itself. */
  cancel(at: number): void {
    const orders = this.exchange.openOrders(this.us, 0);
    const order = orders[at % Math.max(1, orders.length)];
    if (order === undefined) return;
    this.exchange.cancel({ account: this.us, symbol: 0, orderId: order.orderId }, this.tick());
  }

  /** Somebody else uses our account, far from the market. */
  placeForeign(): string {
    const clientOrderId = `web_${++this.#foreign}`;
    this.exchange.place(
      {
        ...{ account: this.us, symbol: 0, side: 0, type: OrderType.Limit, clientOrderId },
        ...{ price: 100_00, quantity: 1_00000 },
      },
      this.tick(),
    );
    return clientOrderId;
  }

  /** The oldest `count` messages arrive. */
  deliver(count = Number.POSITIVE_INFINITY): void {
    for (let left = count; left > 0 && this.wire.length > 0; left--) this.process.receive(this.wire.shift()!);
  }

  async reconnect(): Promise<void> {
    this.wire.length = 0;
    await this.process.connect();
  }

  /** The process is gone, with the newest `lost` events of its journal; the next one goes on from the rest. */
  async crash(lost: number): Promise<void> {
    this.process.kill();
    this.wire.length = 0;
    const keep = Math.max(this.#firstReconciled(), this.journal.length - lost);
    this.journal = this.journal.slice(0, keep);
    const { kernel } = replay(this.journal);
    const epoch = ++this.epoch;
    const resume = resumeOf(kernel.view, epoch);
    this.process = new Process(this, kernel, epoch, resume);
    await this.process.connect();
  }

  /** Nothing happens any more until the venue has been asked about everything, also what only time can prove lost. */
  async settle(): Promise<void> {
    this.failures = 0;
    this.meanwhile.length = 0;
    this.fate = 'arrives';
    this.lagMs = 0;
    for (let i = 0; i < 3; i++) {
      this.deliver();
      await this.reconnect();
      this.tick(RECV_WINDOW_MS + MARGIN_MS + 1);
      // Cancels that could not be sent are tried again on the kernel's timer.
      this.process.sink({ kind: EventKind.Timer, tsEvent: 0, tsInit: 0 });
    }
    this.deliver();
  }

  /** Money comes (or goes, when negative) without a trade. */
  transfer(asset: string, amount: string): void {
    const now = this.tick();
    this.exchange.deposit(this.us, asset, parseAmount(amount), now);
    this.#send({ e: 'balanceUpdate', E: now / 1_000, a: asset, d: amount, T: now / 1_000 });
  }

  /** Our fills by the venue's own list, oldest first. */
  ownFills(): ExchangeFill[] {
    return this.exchange.fills(this.us, 0).filter(({ orderId }) => {
      const order = this.exchange.order({ account: this.us, symbol: 0, orderId })!;
      return ownIdOf(order.clientOrderId) !== undefined;
    });
  }

  /** Our open orders by the venue's own list. */
  ownOpen(): string[] {
    return this.exchange
      .openOrders(this.us, 0)
      .map(({ clientOrderId }) => clientOrderId)
      .filter((id) => ownIdOf(id) !== undefined)
      .sort();
  }

  /** When balances last changed, milliseconds. */
  get updateTime(): number {
    return Math.floor(this.#balanceUs / 1_000);
  }

  record(event: KernelEvent): void {
    const out = new BinaryWriter(256);
    encodeEvent(event, out);
    this.journal.push(out.bytes.slice());
  }

  #send(event: object): void {
    if (this.process?.listening === true) this.wire.push(JSON.stringify(event));
  }

  #firstReconciled(): number {
    const at = this.journal.findIndex(
      (bytes) => decodeEvent(new BinaryReader(bytes)).kind === EventKind.Reconciled,
    );
    return at + 1;
  }
}

function betterOf(side: Side, at: number | undefined, price: number): number {
  if (at === undefined) return price;
  return side === 0 ? Math.max(at, price) : Math.min(at, price);
}

/** One engine, from its start to its crash. */
export class Process {
  readonly kernel: Kernel;
  readonly metrics = executionMetrics(new MetricRegistry());
  readonly registry = new OrderRegistry();
  readonly outlet: EventOutlet;
  readonly schedule: ReconcileSchedule;
  readonly reconciler: Reconciler;
  /** Subscribed to private messages. */
  listening = false;
  /** Whether the kernel's questions about single orders are answered. */
  answering = false;
  superseded = 0;
  readonly #world: World;
  readonly #stream: UserStream;
  readonly #stop = new AbortController();
  readonly #waiting: KernelEvent[] = [];
  #busy = false;

  constructor(world: World, kernel: Kernel, epoch: number, resume: ResumeState | undefined) {
    this.#world = world;
    this.kernel = kernel;
    const { metrics, registry } = this;
    const logger = nullLogger;
    const outlet = new EventOutlet(0, registry, metrics);
    this.outlet = outlet;
    outlet.sink = this.sink;
    const onSuperseded = (by: number) => {
      this.superseded = by;
    };
    const claims = new OrderClaims({ registry, metrics, logger, onSuperseded });
    claims.resume = resume;
    const instruments = [BTC];
    const api = new AskedVenue(world);
    const timers = timersOf(world);
    this.reconciler = new Reconciler({
      ...{ venue: 0, instruments, api, registry, claims, outlet, timers, metrics, logger },
      nowMs: () => world.now / 1_000,
      ...{ recvWindowMs: RECV_WINDOW_MS, notFoundMarginMs: MARGIN_MS },
    });
    this.schedule = new ReconcileSchedule({
      ...{ reconciler: this.reconciler, registry, outlet, timers, metrics, logger },
      ...{ limits: { blockedForMs: 0 }, clock: { nowUs: () => world.now }, onClockSkew: () => {} },
      ...{ reconnect: { minDelayMs: 10, maxDelayMs: 100, maxAttempts: 0 }, random: () => 0.5 },
      stop: this.#stop.signal,
    });
    const symbols = new SymbolIndex(instruments);
    this.#stream = new UserStream({ venue: 0, instruments, symbols, registry, claims, outlet, metrics });
    if (resume !== undefined) {
      registry.resumeAfter(0, Number(resume.lastTradeIds[0]));
      for (const order of resume.openOrders) registry.restore(order).sentMs = world.now / 1_000;
    }
    this.sink({ kind: EventKind.SessionStarted, ...STAMP, epoch, version: 'test', configDigest: '' });
    this.sink({ kind: EventKind.InstrumentDefined, ...STAMP, instrument: BTC });
    const [channel, state] = [VenueChannel.MarketData, ConnectionState.Up];
    this.sink({ kind: EventKind.Connection, ...STAMP, venue: 0, channel, state });
    const snapshot = EventKind.BookSnapshot;
    this.sink(bookUpdate(snapshot, 0, 0, [1, 1], [[9_999_00, 50_000]], [[10_001_00, 50_000]]));
  }

  /** As the engine's. */
  readonly sink = (event: KernelEvent): void => {
    if (this.#stop.signal.aborted) return;
    this.#waiting.push(event);
    if (this.#busy) return;
    this.#busy = true;
    while (this.#waiting.length > 0) {
      const next = this.#waiting.shift()!;
      next.tsInit = this.#world.now;
      const commands = this.kernel.apply(next);
      this.#world.record(next);
      this.#dispatch(commands);
    }
    this.#busy = false;
  };

  /** The strategy gets a reason to send an order. */
  trade(aggressor: Side, price: number, quantity: number): void {
    this.sink({ kind: EventKind.Trade, ...STAMP, instrument: 0, tradeId: 1, price, quantity, aggressor });
  }

  /** Subscribes anew, compares, and is up again. */
  async connect(): Promise<void> {
    this.listening = false;
    this.schedule.blind();
    this.outlet.channels(ConnectionState.Connecting);
    this.listening = true;
    this.schedule.subscribed('connected');
    await this.settled();
  }

  /** Comparisons may cause others. */
  async settled(): Promise<void> {
    for (let last: Promise<void> | undefined; last !== this.schedule.settled; ) {
      last = this.schedule.settled;
      await last;
      // A comparison put off waits on a timer.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  receive(message: string): void {
    const bytes = Buffer.from(message);
    const action = this.#stream.receive(bytes, 0, bytes.length);
    if (action !== UserStreamAction.None) this.schedule.missed(`stream action ${action}`);
  }

  kill(): void {
    this.listening = false;
    this.#stop.abort();
  }

  #dispatch(commands: CommandList): void {
    for (let i = 0; i < commands.length; i++) {
      const command = commands.at(i);
      if (command.kind === CommandKind.Submit) this.#place(command.order);
      else if (command.kind === CommandKind.Cancel) this.#cancel(command.order);
      else if (command.kind === CommandKind.Query && this.answering) this.#query(command.order);
    }
  }

  #place(order: Order): void {
    const world = this.#world;
    const entry = this.registry.remember(order.epoch, order.sequence, order.instrument);
    entry.quantity = order.quantity;
    entry.sentMs = world.now / 1_000;
    world.sent.push(idOf(order));
    if (world.fate === 'is lost') return;
    const { side, price, quantity } = order;
    world.exchange.place(
      {
        account: world.us,
        symbol: 0,
        side,
        type: OrderType.Limit,
        price,
        quantity,
        clientOrderId: idOf(order),
      },
      world.tick(),
    );
  }

  #cancel(order: Order): void {
    const world = this.#world;
    const entry = this.registry.remember(order.epoch, order.sequence, order.instrument);
    entry.cancelSent = true;
    if (world.fate === 'is lost') return;
    world.exchange.cancel(
      { account: world.us, symbol: 0, clientOrderId: idOf(order), cancelClientOrderId: `${idOf(order)}-c` },
      world.tick(),
    );
  }

  #query(order: Order): void {
    const entry = this.registry.remember(order.epoch, order.sequence, order.instrument);
    this.reconciler.lookUp(entry, () => this.outlet.holding || this.#stop.signal.aborted).catch(() => {});
  }
}

const STAMP = { tsEvent: 0, tsInit: 0 };

/** The venue's lists, as it answers when asked; a question may fail, and things go on happening meanwhile. */
class AskedVenue implements AccountQueries {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  account(): Promise<AccountRow> {
    const { exchange, us } = this.#world;
    const text = (units: bigint) => `${units / 10n ** 18n}.${String(units % 10n ** 18n).padStart(18, '0')}`;
    return this.#answer(() => ({
      updateTime: this.#world.updateTime,
      balances: exchange
        .balances(us)
        .map(({ asset, free, locked }) => ({ asset, free: text(free), locked: text(locked) })),
    }));
  }

  openOrders(): Promise<OrderRow[]> {
    const { exchange, us } = this.#world;
    return this.#answer(() =>
      exchange.openOrders(us, 0).map((order) => queryView(SPEC, order, 'ms') as OrderRow),
    );
  }

  order(_symbol: string, target: OrderTarget): Promise<OrderRow | undefined> {
    const { exchange, us } = this.#world;
    return this.#answer(() => {
      const by =
        'orderId' in target ? { orderId: target.orderId } : { clientOrderId: target.origClientOrderId };
      const order = exchange.order({ account: us, symbol: 0, ...by });
      return order === undefined ? undefined : (queryView(SPEC, order, 'ms') as OrderRow);
    });
  }

  tradesOf(_symbol: string, orderId: number): Promise<TradeRow[]> {
    return this.#answer(() => this.#trades().filter((trade) => trade.orderId === orderId));
  }

  tradesFrom(_symbol: string, fromId: number): Promise<TradeRow[]> {
    return this.#answer(() => this.#trades().filter((trade) => trade.id >= fromId));
  }

  lastTrade(): Promise<TradeRow | undefined> {
    return this.#answer(() => this.#trades().at(-1));
  }

  #trades(): TradeRow[] {
    const { exchange, us, now, lagMs, unlisted } = this.#world;
    return exchange
      .fills(us, 0)
      .filter(({ timeUs, tradeId }) => timeUs <= now - lagMs * 1_000 && !unlisted.has(tradeId))
      .map((fill) => myTradeView(SPEC, fill, 'ms') as TradeRow);
  }

  async #answer<T>(read: () => T): Promise<T> {
    const world = this.#world;
    await Promise.resolve();
    world.meanwhile.shift()?.();
    world.tick();
    if (world.failures > 0) {
      world.failures--;
      throw new RestError('the venue does not answer', true);
    }
    return read();
  }
}

/** Waiting takes no time but the world's. */
function timersOf(world: World): Timers {
  return {
    after(ms, run) {
      const immediate = setImmediate(() => {
        world.tick(ms);
        run();
      });
      return () => clearImmediate(immediate);
    },
  };
}
