import {
  BookFault,
  type BookUpdate,
  ConnectionState,
  EventKind,
  type EventSink,
  type KernelEvent,
  Side,
  VenueChannel,
} from '../engine.js';
import type { Latency, Network, Place } from '../network.js';
import type { Owner } from '../world.js';
import { type SimulatedVenue, VENUE } from './simulated-venue.js';

const LATENCY: Latency = { floorUs: 500, meanUs: 300 };
const DEPTH = 200;

/**
 * The public half of the venue for one process: a snapshot, then every change. A message that is lost costs the book its
 * trust until the next snapshot, as with a real feed.
 */
export class MarketFeed {
  readonly #network: Network;
  readonly #venue: SimulatedVenue;
  readonly #place: Place;
  readonly #owner: Owner;
  readonly #sink: EventSink;
  readonly #stop: () => void;
  #arrivesUs = 0;
  #broken = false;
  #stopped = false;
  #pending: { side: Side; price: number; size: number; id: number }[] = [];

  constructor(network: Network, venue: SimulatedVenue, place: Place, owner: Owner, sink: EventSink) {
    this.#network = network;
    this.#venue = venue;
    this.#place = place;
    this.#owner = owner;
    this.#sink = sink;
    const { exchange } = venue.venue;
    this.#stop = exchange.listen({
      onLevel: (_symbol, side, price, size, id) => {
        this.#pending.push({ side, price, size, id });
        if (this.#pending.length === 1) network.world.after(0, undefined, 'book', () => this.#flush());
      },
      onTrade: ({ tradeId, price, quantity, aggressor, timeUs }) => {
        this.#deliver({
          ...{ kind: EventKind.Trade, tsEvent: timeUs, tsInit: 0, instrument: 0 },
          ...{ tradeId, price, quantity, aggressor },
        });
      },
    });
    this.#deliver(this.#connection(ConnectionState.Connecting));
    this.#deliver(this.#connection(ConnectionState.Up));
    this.#snapshot();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#stop();
  }

  /** Something on the way was lost: the book is invalid until the next snapshot. */
  breakBook(): void {
    if (this.#broken || this.#stopped) return;
    this.#broken = true;
    this.#deliver({
      ...{ kind: EventKind.BookStatus, tsEvent: 0, tsInit: 0 },
      ...{ instrument: 0, fault: BookFault.SEQUENCE_GAP },
    });
    this.#resync();
  }

  /** A new snapshot in a while; again while the venue is out of reach. */
  #resync(): void {
    this.#network.world.after(50_000, undefined, 'snapshot', () => {
      if (this.#isCut()) return void this.#resync();
      this.#broken = false;
      this.#snapshot();
    });
  }

  #isCut(): boolean {
    return this.#network.cutUntil(this.#place, VENUE) > this.#network.world.nowUs;
  }

  #connection(state: ConnectionState): KernelEvent {
    const channel = VenueChannel.MarketData;
    return { kind: EventKind.Connection, tsEvent: 0, tsInit: 0, venue: 0, channel, state };
  }

  #flush(): void {
    const changes = this.#pending;
    this.#pending = [];
    if (this.#stopped || this.#broken || changes.length === 0) return;
    this.#deliver(update(EventKind.BookDelta, changes[0]!.id, changes.at(-1)!.id, changes));
  }

  #snapshot(): void {
    if (this.#stopped) return;
    this.#pending.length = 0;
    const { bids, asks, lastUpdateId } = this.#venue.venue.exchange.depth(0, DEPTH);
    const levels = [
      ...bids.map(([price, size]) => ({ side: Side.Buy, price, size })),
      ...asks.map(([price, size]) => ({ side: Side.Sell, price, size })),
    ];
    this.#deliver(update(EventKind.BookSnapshot, lastUpdateId, lastUpdateId, levels));
  }

  #deliver(event: KernelEvent): void {
    const { world } = this.#network;
    if (this.#isCut() && event.kind !== EventKind.BookStatus) return void this.breakBook();
    this.#arrivesUs = Math.max(this.#arrivesUs + 1, world.nowUs + this.#network.delay(LATENCY));
    world.at(this.#arrivesUs, this.#owner, 'market data', () => {
      if (!this.#stopped) this.#sink(event);
    });
  }
}

function update(
  kind: BookUpdate['kind'],
  firstId: number,
  lastId: number,
  levels: readonly { side: Side; price: number; size: number }[],
): BookUpdate {
  const bids = levels.filter(({ side }) => side === Side.Buy);
  const asks = levels.filter(({ side }) => side === Side.Sell);
  return {
    ...{ kind, tsEvent: 0, tsInit: 0, instrument: 0, firstId, lastId },
    ...{ bidCount: bids.length, askCount: asks.length },
    bidPrices: Float64Array.from(bids, ({ price }) => price),
    bidSizes: Float64Array.from(bids, ({ size }) => size),
    askPrices: Float64Array.from(asks, ({ price }) => price),
    askSizes: Float64Array.from(asks, ({ size }) => size),
  };
}
