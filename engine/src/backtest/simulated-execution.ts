import {
  type Amount,
  type ApprovedOrder,
  CLIENT_ORDER_ID_FORMATS,
  type ClientOrderIdFormat,
  ConnectionState,
  EventKind,
  type EventSink,
  formatClientOrderId,
  type Instrument,
  type KernelEvent,
  type Order,
  parseAmount,
  parseClientOrderId,
  type StateHash,
  VenueChannel,
} from '../domain/index.js';
import type { ExecutionPort, ResumeState, VenueOpenOrder } from '../venues/index.js';
import { type FeeModel, percentageFees } from './fee-model.js';
import { constantLatency, type LatencyModel } from './latency-model.js';
import { type QueueModelOptions, queueModel } from './queue-model.js';
import { RequestLine, type Timed } from './request-line.js';
import { type Funding, SimulatedAccount } from './simulated-account.js';
import { SimulatedOrder } from './simulated-order.js';
import { SimulatedVenue } from './simulated-venue.js';

export interface SimulatedExecutionOptions {
  /** Starting balances by asset: decimal text or an {@link Amount}. */
  readonly balances: Readonly<Record<string, string | Amount>>;
  /** Default `cash`. */
  readonly funding?: Funding;
  /** Default 5 ms there and 1 ms back; see {@link LatencyModel} for what to count. */
  readonly latency?: LatencyModel;
  /** Default 10 bps maker and taker of what is received: Binance spot's regular rate. */
  readonly fees?: FeeModel;
  /** Default risk averse. */
  readonly queue?: QueueModelOptions;
  /** Default true: displayed quantity we took is gone until the venue displays new. */
  readonly consumeLiquidity?: boolean;
  /** Default 200 ms: how long after a level shrank the trade that explains it may still arrive. */
  readonly tradeLagUs?: number;
  /** Open orders allowed per instrument. Default 200. */
  readonly maxOpenOrders?: number;
  /** Closed orders that a query still finds. Default 10,000. */
  readonly closedOrders?: number;
  /** Called when a new order or a cancel has been taken, where a real venue's connector would have written it to its socket. */
  readonly onSend?: () => void;
  /** How client order ids are written in `openOrders`. Default Binance's. */
  readonly clientOrderIds?: ClientOrderIdFormat;
}

interface Request extends Timed {
  readonly kind: 'place' | 'cancel' | 'query';
  readonly order: SimulatedOrder;
}

interface Report extends Timed {
  readonly event: KernelEvent;
}

/**
 * Order execution against public market data, without a venue: orders are matched with the recorded or live book and
 * trades by the rules of `SimulatedMarket`, after the latency of a {@link LatencyModel}.
 *
 * Time. The owner passes every public event to {@link onMarketEvent}, in the order and with the `tsInit` the kernel sees,
 * and may call {@link advance} in between; there is no other clock and no randomness. A request made while the kernel
 * handles an event of time T reaches the simulated venue at T + entry latency. By then all public events with
 * `tsInit` up to and including that time have been matched against what rested before; so an order is affected only by
 * events after the one it was decided on. What the venue does at V is reported at V + response latency, with `tsEvent` V
 * and `tsInit` V + response (an engine on a real clock overwrites it). Passing an event here *before* the kernel applies
 * it delivers reports at their exact simulated time; passing it after is as safe, and delivers them one event late.
 *
 * `submit`, `cancel` and `query` never call the sink: reports come only from `onMarketEvent`, `advance`, `start` and `stop`.
 */
export class SimulatedExecution implements ExecutionPort {
  readonly #latency: LatencyModel;
  readonly #clientOrderIds: ClientOrderIdFormat;
  readonly #onSend: (() => void) | undefined;
  readonly #venue: SimulatedVenue;
  readonly #requests = new RequestLine<Request>();
  readonly #reports = new RequestLine<Report>();
  #instruments: readonly Instrument[] = [];
  #sink: EventSink | undefined;
  #now = 0;
  #scheduled = 0;
  #running = false;
  #lastReportUs = 0;

  constructor(options: SimulatedExecutionOptions) {
    const balances = Object.fromEntries(
      Object.entries(options.balances).map(([asset, amount]) => [
        asset,
        typeof amount === 'bigint' ? amount : parseAmount(amount),
      ]),
    );
    this.#onSend = options.onSend;
    this.#latency = options.latency ?? constantLatency({ entryUs: 5_000, responseUs: 1_000 });
    this.#clientOrderIds = options.clientOrderIds ?? CLIENT_ORDER_ID_FORMATS.binance;
    this.#venue = new SimulatedVenue(
      {
        account: new SimulatedAccount(balances, options.funding ?? 'cash'),
        fees: options.fees ?? percentageFees({ makerBps: 10, takerBps: 10, asset: 'received' }),
        queue: queueModel(options.queue),
        consumeLiquidity: options.consumeLiquidity ?? true,
        tradeLagUs: options.tradeLagUs ?? 200_000,
        maxOpenOrders: options.maxOpenOrders ?? 200,
        closedOrders: options.closedOrders ?? 10_000,
      },
      (event) => this.#schedule(event),
    );
  }

  /**
   * Tells that the order and user channels are up, and the starting balances, before it resolves. The venue is a new one
   * each time: what an earlier run left open is not here, and never will be. Its account is no witness to earlier fills
   * either, so nothing is ever told as reconciled.
   */
  async start(instruments: readonly Instrument[], sink: EventSink, resume?: ResumeState): Promise<void> {
    const gone = (resume?.openOrders ?? []).map(({ epoch, sequence }) => ({ epoch, sequence }));
    this.#instruments = instruments;
    this.#sink = sink;
    const venue = instruments[0]?.venue ?? 0;
    for (const channel of [VenueChannel.Orders, VenueChannel.User]) {
      const state = ConnectionState.Up;
      this.#deliver({
        kind: EventKind.Connection,
        tsEvent: this.#now,
        tsInit: this.#now,
        venue,
        channel,
        state,
      });
    }
    this.#venue.open(instruments, this.#now);
    for (const id of gone) {
      const kind = EventKind.OrderNotFound;
      this.#deliver({ kind, tsEvent: this.#now, tsInit: this.#now, ...id, definitive: true });
    }
    // Logging on includes learning the balances: no need to wait for them.
    for (let report = this.#reports.take(); report !== undefined; report = this.#reports.take()) {
      this.#deliver(report.event);
    }
  }

  submit(order: ApprovedOrder): void {
    this.#request('place', order, order.tsSubmitted);
    this.#onSend?.();
  }

  cancel(order: Order): void {
    this.#request('cancel', order, order.tsLast);
    this.#onSend?.();
  }

  query(order: Order): void {
    this.#request('query', order, 0);
  }

  /** What rests at the simulated venue now; requests on their way are not in it. */
  async openOrders(): Promise<VenueOpenOrder[]> {
    return [...this.#venue.openOrders].map((order) => ({
      symbol: this.#instruments.find(({ index }) => index === order.instrument)!.symbol,
      clientOrderId: formatClientOrderId(this.#clientOrderIds, order.epoch, order.sequence),
      venueOrderId: order.venueOrderId,
      own: true,
    }));
  }

  /** Cancels at the venue at once; the report follows in its time. */
  async cancelOpen(open: VenueOpenOrder): Promise<void> {
    const id = parseClientOrderId(this.#clientOrderIds, open.clientOrderId);
    if (id !== undefined) this.#venue.cancel(id, this.#now);
  }

  /** Lets every request on its way arrive and every report be delivered, whatever their time. */
  async stop(): Promise<void> {
    this.#run(Number.POSITIVE_INFINITY);
    this.#sink = undefined;
  }

  /** Requests and reports that are on their way. */
  get inFlight(): number {
    return this.#requests.length + this.#reports.length;
  }

  /** Open orders at the simulated venue. */
  get openCount(): number {
    return [...this.#venue.openOrders].length;
  }

  /** Any event the kernel sees: public ones change the market, all of them move time on. */
  onMarketEvent(event: KernelEvent): void {
    const now = Math.max(this.#now, event.tsInit);
    this.#run(now, event.kind === EventKind.Timer);
    this.#now = now;
    switch (event.kind) {
      case EventKind.BookSnapshot:
      case EventKind.BookDelta: {
        const market = this.#venue.market(event.instrument);
        if (market !== undefined) this.#venue.observe(now, () => market.onBookUpdate(event, now));
        break;
      }
      case EventKind.Quote: {
        const market = this.#venue.market(event.instrument);
        if (market !== undefined) this.#venue.observe(now, () => market.onQuote(event, now));
        break;
      }
      case EventKind.Trade: {
        const market = this.#venue.market(event.instrument);
        if (market !== undefined) this.#venue.observe(now, () => market.onTrade(event, now));
        break;
      }
      case EventKind.BookStatus:
        this.#venue.market(event.instrument)?.onBookStatus(event);
        break;
    }
  }

  /** Time has passed without a public event: everything due up to and including `nowUs` happens. */
  advance(nowUs: number): void {
    this.#run(nowUs, true);
    this.#now = Math.max(this.#now, nowUs);
  }

  hashInto(hash: StateHash): void {
    hash.int(this.#now).int(this.#requests.length).int(this.#reports.length);
    this.#venue.hashInto(hash);
  }

  #request(kind: Request['kind'], order: Order, madeUs: number): void {
    const now = Math.max(this.#now, madeUs);
    const dueUs = this.#requests.dueNoEarlier(now + this.#latency.entryUs(now));
    this.#requests.put({ kind, dueUs, order: new SimulatedOrder(order), sequence: ++this.#scheduled });
  }

  #schedule(event: KernelEvent): void {
    const at = event.tsEvent;
    const dueUs = this.#reports.dueNoEarlier(at + this.#latency.responseUs(at));
    this.#reports.put({ dueUs, event, sequence: ++this.#scheduled });
  }

  /**
   * Lets happen, in order of time, what is due before `untilUs` (at it too when `inclusive`). A sink that answers a
   * report with new requests is part of it; a call from within a sink is left to the outer one.
   */
  #run(untilUs: number, inclusive = true): void {
    if (this.#running) return;
    this.#running = true;
    try {
      for (;;) {
        const request = this.#requests.next;
        const report = this.#reports.next;
        const first = earlier(request, report);
        if (first === undefined || first.dueUs > untilUs || (!inclusive && first.dueUs === untilUs)) break;
        this.#now = Math.max(this.#now, first.dueUs);
        if (first === request) this.#act(this.#requests.take()!);
        else this.#deliver(this.#reports.take()!.event);
      }
    } finally {
      this.#running = false;
    }
  }

  #act({ kind, order, dueUs }: Request): void {
    if (kind === 'place') this.#venue.place(order, dueUs);
    else if (kind === 'cancel') this.#venue.cancel(order, dueUs);
    else this.#venue.query(order, dueUs);
  }

  #deliver(event: KernelEvent): void {
    this.#lastReportUs = Math.max(this.#lastReportUs, this.#now);
    event.tsInit = this.#lastReportUs;
    this.#sink?.(event);
  }
}

function earlier(a: Timed | undefined, b: Timed | undefined): Timed | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  if (a.dueUs !== b.dueUs) return a.dueUs < b.dueUs ? a : b;
  return a.sequence < b.sequence ? a : b;
}
