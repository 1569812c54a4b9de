import {
  CLIENT_ORDER_ID_FORMATS,
  type ExchangeFill,
  type ExchangeOrder,
  type ExecutionReport,
  parseClientOrderId,
  Side,
} from './engine.js';
import type { OrderArrival, Sender, SimulatedVenue, VenueWatcher } from './venue/simulated-venue.js';
import { type Invariant, Violation } from './violation.js';

/** What the engine was told to keep to, in the instrument's units. */
export interface JudgedLimits {
  readonly maxPosition: number;
  readonly maxOpenOrders: number;
  readonly ratePerSecond: number;
  readonly rateBurst: number;
}

/** A change of who leads, as the lease store saw it. */
interface Term {
  readonly epoch: number;
  readonly sinceUs: number;
}

/** Clocks differ by parts per million and times are rounded: one order more in a window is no breach. */
const RATE_SLACK = 1;
const RATE_WINDOW_US = 1_000_000;

/**
 * Stands at the venue with true time in hand and sees what reaches it: who sent it, when, and what it made of our limits.
 * Whatever the engine believes counts for nothing here.
 */
export class Judge implements VenueWatcher {
  readonly #limits: JudgedLimits;
  readonly #terms: Term[] = [];
  /** By client order id: the order as first accepted. */
  readonly accepted = new Map<string, ExchangeOrder>();
  readonly fills: ExchangeFill[] = [];
  readonly #sent = new Map<number, number[]>();
  /** Set once the exchange exists. */
  venue: SimulatedVenue | undefined;
  /** The first breach seen. */
  violation: Violation | undefined;
  /** Called with the first breach. */
  onBreach: () => void = () => {};
  /** Orders that reached the venue. */
  arrivals = 0;
  /** Net of our fills, size units. */
  position = 0;
  /** True time at which something last happened to an order on our account at the venue. */
  executedUs = 0;

  constructor(limits: JudgedLimits) {
    this.#limits = limits;
  }

  /** The lease was given to `epoch`. */
  leads(epoch: number, atUs: number): void {
    if (this.#terms.at(-1)?.epoch !== epoch) this.#terms.push({ epoch, sinceUs: atUs });
  }

  breach(invariant: Invariant, detail: string): void {
    if (this.violation !== undefined) return;
    this.violation = new Violation(invariant, detail);
    this.onBreach();
  }

  onArrival(arrival: OrderArrival): void {
    this.arrivals++;
    const id = parseClientOrderId(CLIENT_ORDER_ID_FORMATS.binance, arrival.clientOrderId);
    if (id === undefined) {
      return void this.breach('sent under another epoch', `${describe(arrival)} bears no id of ours`);
    }
    for (const { epoch, sinceUs } of this.#terms) {
      if (epoch <= id.epoch || arrival.sentUs < sinceUs) continue;
      this.breach(
        'sent after the lease had passed on',
        `${describe(arrival)} although epoch ${epoch} held the lease since ${sinceUs} us`,
      );
    }
    this.#checkRate(id.epoch, arrival);
  }

  onExecution({ execution, order, fill }: ExecutionReport, atUs: number): void {
    this.executedUs = atUs;
    const id = parseClientOrderId(CLIENT_ORDER_ID_FORMATS.binance, order.clientOrderId);
    if (execution === 'NEW') {
      if (id === undefined) return;
      if (this.accepted.has(order.clientOrderId)) {
        this.breach('accepted twice', `${order.clientOrderId} at ${atUs} us`);
      }
      this.accepted.set(order.clientOrderId, order);
    }
    if (fill !== undefined) {
      this.fills.push(fill);
      this.position += fill.side === Side.Buy ? fill.quantity : -fill.quantity;
    }
    this.#checkLimits(order, atUs);
  }

  /** Our orders that are open at the venue, foreign ones left out. */
  openOrders(): ExchangeOrder[] {
    const venue = this.venue!;
    return venue.venue.exchange.openOrders(venue.account).filter(isOurs);
  }

  /** Orders on our account that somebody else placed and that still rest. */
  foreignOrders(): number {
    const venue = this.venue!;
    return venue.venue.exchange.openOrders(venue.account).length - this.openOrders().length;
  }

  /**
   * Resting at the limit is allowed, a unit more is not. The execution that is being told may not be in the list of open
   * orders yet, or still be.
   */
  #checkLimits(order: ExchangeOrder, atUs: number): void {
    const { maxPosition, maxOpenOrders } = this.#limits;
    const open = this.openOrders().filter(({ orderId }) => orderId !== order.orderId);
    if (order.leavesQuantity > 0 && isOurs(order) && isOpen(order)) open.push(order);
    let buys = 0;
    let sells = 0;
    for (const { side, leavesQuantity } of open) {
      if (side === Side.Buy) buys += leavesQuantity;
      else sells += leavesQuantity;
    }
    const long = this.position + buys;
    const short = this.position - sells;
    if (Math.max(long, -short) > maxPosition) {
      this.breach(
        'position limit',
        `${this.position} with ${buys} to buy and ${sells} to sell, at most ${maxPosition}, at ${atUs} us after ${order.clientOrderId}`,
      );
    }
    if (open.length > maxOpenOrders) {
      this.breach('open order limit', `${open.length} open, at most ${maxOpenOrders}, at ${atUs} us`);
    }
  }

  /** By when it was sent: on the way orders may gather. */
  #checkRate(epoch: number, { sentUs }: OrderArrival): void {
    const { ratePerSecond, rateBurst } = this.#limits;
    const sent = this.#sent.get(epoch) ?? [];
    this.#sent.set(epoch, sent);
    sent.push(sentUs);
    sent.sort((a, b) => a - b);
    while (sent.at(-1)! - sent[0]! > RATE_WINDOW_US) sent.shift();
    const allowed = rateBurst + (ratePerSecond * (sent.at(-1)! - sent[0]!)) / 1e6 + RATE_SLACK;
    if (sent.length > allowed) {
      this.breach('order rate', `${sent.length} orders of epoch ${epoch} in a second, at ${sentUs} us`);
    }
  }
}

function isOurs({ clientOrderId }: ExchangeOrder): boolean {
  return parseClientOrderId(CLIENT_ORDER_ID_FORMATS.binance, clientOrderId) !== undefined;
}

function isOpen({ status }: ExchangeOrder): boolean {
  return status === 'NEW' || status === 'PARTIALLY_FILLED';
}

function describe({ clientOrderId, sender, sentUs }: OrderArrival): string {
  return `${clientOrderId} sent at ${sentUs} us by ${nameOf(sender)}`;
}

function nameOf({ node, life }: Sender): string {
  return `${node}#${life}`;
}
