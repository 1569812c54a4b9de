import { generateKeyPairSync } from 'node:crypto';
import type { Coverage, FaultClass } from '../coverage.js';
import {
  type ArmedFault,
  type Clock,
  Dispatcher,
  type ExecutionReport,
  encodeNonAscii,
  type Fault,
  FlowGenerator,
  METHODS,
  type Method,
  OrderType,
  type Outcome,
  parseUnits,
  type RawParams,
  readForm,
  resolveSimulator,
  Side,
  Venue,
  VenueSession,
  withoutSignature,
} from '../engine.js';
import type { Connection, Latency, Network, Place } from '../network.js';
import { START_UNIX_US } from '../process.js';
import type { World } from '../world.js';
import {
  type Frame,
  openSimulatedSocket,
  orderIn,
  type SimulatedSocket,
  type SocketHost,
} from './simulated-socket.js';

export const VENUE: Place = 'venue';
export const SYMBOL = {
  symbol: 'BTCUSDT',
  base: 'BTC',
  quote: 'USDT',
  tickSize: '0.01',
  stepSize: '0.00001',
  startPrice: '60000',
  maxOrders: 500,
} as const;
/** What our account begins with. */
export const BALANCES = { USDT: '1000000', BTC: '20' } as const;

const TO_VENUE: Latency = { floorUs: 800, meanUs: 600 };
const FLOW_TICK_US = 25_000;
const EVENTS_PER_SECOND = 35;
const ORDERS_PER_SIDE = 50;

/** Who sent a request, for the judge. */
export interface Sender {
  readonly node: string;
  /** Which life of the node. */
  readonly life: number;
}

/** A request of a node that would open an order, as it reached the venue. */
export interface OrderArrival {
  readonly sender: Sender;
  readonly clientOrderId: string;
  /** True times, microseconds. */
  readonly sentUs: number;
  readonly arrivedUs: number;
}

/** What the venue tells whoever watches over the run. */
export interface VenueWatcher {
  onArrival(arrival: OrderArrival): void;
  onExecution(report: ExecutionReport, atUs: number): void;
}

/** The simulator's own faults, as the coverage names them. */
const STRUCK: Readonly<Partial<Record<Fault['kind'], FaultClass>>> = {
  slowAck: 'slow ack',
  lostAck: 'lost ack',
  lostRequest: 'lost request',
  serverError: 'outcome unknown',
  stallUserStream: 'late fill',
};

const BY_HAND = 'by-hand-';

const routes = new Map<string, Method>();
for (const method of METHODS) {
  for (const [verb, path] of method.rest) routes.set(`${verb} ${path}`, method);
}

/** One pair of keys for all runs: making one takes longer than many a run's step. */
const keys = generateKeyPairSync('ed25519');
export const API_KEY = 'chaos';
export const PRIVATE_KEY = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const PUBLIC_KEY = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();

/**
 * The venue of the simulator, protocol and all, on simulated time and wires. Its clock is the true one; whatever else
 * goes wrong with it is one of the simulator's own faults.
 */
export class SimulatedVenue {
  readonly venue: Venue;
  /** Index of our account in the exchange. */
  readonly account: number;
  readonly #world: World;
  readonly #network: Network;
  readonly #dispatcher: Dispatcher;
  readonly #flow: FlowGenerator;
  readonly #watcher: VenueWatcher;
  readonly #armed: ArmedFault[] = [];
  readonly #open = new Set<{
    readonly node: string;
    readonly connection: () => Connection<Frame> | undefined;
  }>();
  readonly #limits = resolveSimulator({}).sockets;

  constructor(world: World, network: Network, watcher: VenueWatcher) {
    this.#world = world;
    this.#network = network;
    this.#watcher = watcher;
    const clock: Clock = { nowUs: () => START_UNIX_US + world.nowUs, nanos: () => world.nowUs * 1000 };
    this.venue = new Venue(
      resolveSimulator({
        symbols: [SYMBOL],
        clock,
        limits: { ordersPer10Seconds: 10_000, connectionsPer5Minutes: 100_000, weightPerMinute: 1_000_000 },
      }),
    );
    this.account = this.venue.addAccount({
      name: 'ours',
      keys: [{ apiKey: API_KEY, kind: 'ed25519', publicKey: PUBLIC_KEY }],
      balances: BALANCES,
      makerBps: 2,
      takerBps: 5,
    }).index;
    this.#dispatcher = new Dispatcher(this.venue);
    this.venue.exchange.listen({
      onExecution: (report) => {
        if (report.order.account === this.account) watcher.onExecution(report, world.nowUs);
      },
    });
    const spec = this.venue.spec(0);
    this.#flow = new FlowGenerator({
      exchange: this.venue.exchange,
      symbol: 0,
      seed: world.random.bits(),
      startPrice: parseUnits(SYMBOL.startPrice, spec.pricePrecision),
      startUs: START_UNIX_US,
      eventsPerSecond: EVENTS_PER_SECOND,
      ordersPerSide: ORDERS_PER_SIDE,
      volatilityBps: 4,
    });
    this.venue.catchUp = () => this.#flow.advance(this.venue.exchangeUs());
    const tick = () => {
      this.venue.catchUp?.();
      this.venue.settle();
      world.after(FLOW_TICK_US, undefined, 'market', tick);
    };
    tick();
  }

  /** Others trade no more: what is left is between us and the venue. */
  quiet(): void {
    this.venue.catchUp = null;
  }

  arm(fault: Fault): void {
    this.#armed.push(this.venue.faults.arm(fault));
  }

  /** Adds how often each armed fault really struck. */
  count(coverage: Coverage): void {
    for (const { fault, applied } of this.#armed) {
      const name =
        fault.kind === 'stallUserStream' && fault.drop === true ? 'user event lost' : STRUCK[fault.kind];
      if (name !== undefined) coverage.hit(name, applied);
    }
  }

  /** The venue cancels one of our orders out of the blue. False when there is none. */
  cancelOne(): boolean {
    const { exchange } = this.venue;
    const open = exchange
      .openOrders(this.account)
      .filter(({ clientOrderId }) => !clientOrderId.startsWith(BY_HAND));
    if (open.length === 0) return false;
    const { orderId, clientOrderId, symbol } = open[this.#world.random.below(open.length)]!;
    const reference = { account: this.account, symbol, orderId, cancelClientOrderId: clientOrderId };
    exchange.cancel(reference, this.venue.exchangeUs());
    this.venue.settle();
    return true;
  }

  /** Somebody else uses our account: an order far from the market that is to be left alone. */
  placeForeign(): boolean {
    const { exchange } = this.venue;
    const price = Math.floor(exchange.levelPrice(0, Side.Buy, 0) * 0.9);
    const placed = exchange.place(
      {
        ...{ account: this.account, symbol: 0, side: Side.Buy, type: OrderType.Limit },
        ...{ price, quantity: 1_000, clientOrderId: `${BY_HAND}${this.foreign + 1}` },
      },
      this.venue.exchangeUs(),
    );
    this.venue.settle();
    if (placed.ok) this.foreign++;
    return placed.ok;
  }

  /** Orders of somebody else on our account. */
  foreign = 0;

  /** A socket of a node to the WebSocket API. */
  openSocket(place: Place, sender: Sender, host: SocketHost): SimulatedSocket {
    const opened = openSimulatedSocket(
      this.#network,
      [place, VENUE],
      TO_VENUE,
      host,
      (socket) => this.#accept(socket),
      (frame) => this.#tap(frame, sender),
    );
    const entry = { node: place, connection: opened.connection };
    this.#open.add(entry);
    opened.socket.once('close', () => this.#open.delete(entry));
    return opened.socket;
  }

  /** Resets every connection of a node, or of all. */
  disconnect(place?: Place): number {
    let count = 0;
    for (const { node, connection } of this.#open) {
      if (place !== undefined && node !== place) continue;
      if (connection()?.alive !== true) continue;
      connection()!.reset('reset by the venue');
      count++;
    }
    return count;
  }

  /** A node's machine is gone: the venue is not told when `silent`. */
  lost(place: Place, silent: boolean): void {
    for (const entry of this.#open) {
      if (entry.node !== place) continue;
      this.#open.delete(entry);
      const connection = entry.connection();
      if (silent) connection?.vanish(0);
      else connection?.ends[0].close(this.#world.nowUs);
    }
  }

  /** A REST request as it arrives; `reply` is called with the answer, unless there is none. */
  request(
    sender: Sender,
    verb: string,
    target: string,
    sentUs: number,
    reply: (status: number, body: string) => void,
    cut: () => void,
  ): void {
    const mark = target.indexOf('?');
    const path = mark < 0 ? target : target.slice(0, mark);
    const query = mark < 0 ? '' : target.slice(mark + 1);
    const method = routes.get(`${verb} ${path}`);
    if (method === undefined) throw new Error(`chaos: the simulated venue has no ${verb} ${path}`);
    const raw: RawParams = new Map();
    readForm(query, raw);
    if (method.name === 'order.place') this.#arrived(sender, raw.get('newClientOrderId'), sentUs);
    const outcome = this.#dispatcher.run({
      method,
      raw,
      ip: sender.node,
      unit: 'ms',
      header: API_KEY,
      session: null,
      payloads: () => {
        const payload = withoutSignature(query);
        return [payload, encodeNonAscii(payload)];
      },
    });
    this.#answer(outcome, reply, cut);
    this.venue.settle();
  }

  #answer(outcome: Outcome, reply: (status: number, body: string) => void, cut: () => void): void {
    if (outcome.answer === 'lose') return;
    if (outcome.answer === 'close') return void cut();
    const body = outcome.error === null ? outcome.result : outcome.error.restBody();
    const text = outcome.html ? '<html></html>' : JSON.stringify(body);
    this.#world.after(outcome.delayMs * 1000, undefined, 'answer', () => reply(outcome.status, text));
  }

  #accept(socket: SimulatedSocket): void {
    const wire = { cork() {}, uncork() {} };
    new VenueSession(
      this.venue,
      this.#dispatcher,
      socket as never,
      wire as never,
      this.#limits,
      { ip: 'node', unit: 'ms', returnRateLimits: false },
      () => {},
    );
  }

  #tap({ data, sentUs }: Extract<Frame, { kind: 'text' }>, sender: Sender): void {
    const order = orderIn(data.toString());
    if (order !== undefined) this.#arrived(sender, order, sentUs);
  }

  #arrived(sender: Sender, clientOrderId: string | undefined, sentUs: number): void {
    this.#watcher.onArrival({
      sender,
      clientOrderId: clientOrderId ?? '',
      sentUs,
      arrivedUs: this.#world.nowUs,
    });
  }
}
