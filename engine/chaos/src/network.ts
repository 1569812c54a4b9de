import type { FaultClass } from './coverage.js';
import type { Owner, World } from './world.js';

/** A place on the network: a node's host, the venue, the lease store. */
export type Place = string;

/** How long the way takes: a floor and an exponential tail, microseconds. */
export interface Latency {
  readonly floorUs: number;
  readonly meanUs: number;
}

/** A peer that stays silent behind a partition this long is given up by the transport, microseconds. */
const RETRANSMIT_US = 20_000;
/** A machine that does not answer at all is given up after this long. */
const SILENCE_US = 600_000;

/** What a run may do to the network, and what has been done. */
export class Network {
  readonly world: World;
  /** Cut pairs, by {@link key}. */
  readonly #cut = new Map<string, number>();
  /** Called with each fault that took effect. */
  onFault: (name: FaultClass) => void = () => {};
  /** Chances per message, where the transport allows it. */
  dropRate = 0;
  duplicateRate = 0;
  spikeRate = 0;

  constructor(world: World) {
    this.world = world;
  }

  /** Nothing passes between the two until `untilUs`. */
  cut(a: Place, b: Place, untilUs: number): void {
    this.#cut.set(key(a, b), untilUs);
  }

  /** A place that takes no new connections. */
  readonly #refusing = new Map<Place, number>();

  refuse(place: Place, untilUs: number): void {
    this.#refusing.set(place, untilUs);
  }

  refusing(place: Place): boolean {
    return (this.#refusing.get(place) ?? 0) > this.world.nowUs;
  }

  heal(): void {
    this.#refusing.clear();
    this.#cut.clear();
    this.dropRate = 0;
    this.duplicateRate = 0;
    this.spikeRate = 0;
  }

  /** When the two can reach each other again; now or earlier: they can. */
  cutUntil(a: Place, b: Place): number {
    return this.#cut.get(key(a, b)) ?? 0;
  }

  delay(latency: Latency): number {
    const { random } = this.world;
    if (this.spikeRate > 0 && random.chance(this.spikeRate)) {
      this.onFault('message delayed');
      return latency.floorUs + random.exponential(latency.meanUs) + random.exponential(150_000);
    }
    return latency.floorUs + random.exponential(latency.meanUs);
  }

  /**
   * One datagram, or one request of a protocol that keeps no order: it may be lost, come twice, or overtake another.
   */
  send(
    from: Place,
    to: Place,
    latency: Latency,
    sentUs: number,
    owner: Owner | undefined,
    deliver: () => void,
  ) {
    const { world } = this;
    const { random } = world;
    if (this.dropRate > 0 && random.chance(this.dropRate)) {
      this.onFault('message dropped');
      return;
    }
    const copies = this.duplicateRate > 0 && random.chance(this.duplicateRate) ? 2 : 1;
    if (copies === 2) this.onFault('message duplicated');
    for (let copy = 0; copy < copies; copy++) {
      world.at(sentUs + this.delay(latency), owner, `${from}>${to}`, () => {
        if (this.cutUntil(from, to) > world.nowUs) return void this.onFault('message dropped');
        deliver();
      });
    }
  }
}

/** A pair without order. */
function key(a: Place, b: Place): string {
  return a < b ? `${a}|${b}` : `${b}|${a}`;
}

/** What one end of a {@link Connection} hears. */
export interface Peer<T> {
  readonly owner: Owner | undefined;
  onMessage(message: T): void;
  onClose(why: string): void;
}

/** One end of a stream: what is sent arrives once and in order, or the connection breaks. */
export interface End<T> {
  readonly open: boolean;
  /** False when the connection is known to be gone. `sentUs`: the sender's own true time. */
  send(message: T, sentUs: number): boolean;
  close(sentUs: number): void;
}

/** In a stream: nothing more follows. */
const CLOSED = Symbol('closed');

/**
 * A TCP connection: both directions keep their order; a partition holds what is under way until it heals, or, as the plan
 * says, breaks the connection; an end whose machine died without a word leaves the other half open.
 */
export class Connection<T> {
  readonly #network: Network;
  readonly #places: readonly [Place, Place];
  readonly #latency: Latency;
  readonly #peers: readonly [Peer<T>, Peer<T>];
  /** Whether each end takes it for open. */
  readonly #open: [boolean, boolean] = [true, true];
  readonly #arrivesUs: [number, number] = [0, 0];
  /** On the way to each end, oldest first: whatever event is due next, the oldest arrives. */
  readonly #underway: [(T | typeof CLOSED)[], (T | typeof CLOSED)[]] = [[], []];
  #broken = false;
  readonly ends: readonly [End<T>, End<T>];

  constructor(
    network: Network,
    places: readonly [Place, Place],
    latency: Latency,
    peers: readonly [Peer<T>, Peer<T>],
  ) {
    this.#network = network;
    this.#places = places;
    this.#latency = latency;
    this.#peers = peers;
    this.ends = [this.#end(0), this.#end(1)];
  }

  /** Whether anything still gets through. */
  get alive(): boolean {
    return !this.#broken && this.#open[0] && this.#open[1];
  }

  /** The connection is reset: what is under way is lost, both ends learn of it when the news arrives. */
  reset(why: string): void {
    if (this.#broken) return;
    this.#broken = true;
    for (const side of [0, 1] as const) this.#tellBroken(side, why, this.#network.world.nowUs);
  }

  /** One end's machine is gone without a word: the other learns of it some time after it has sent something. */
  vanish(side: 0 | 1): void {
    if (this.alive) this.#network.onFault('half-open connection');
    this.#open[side] = false;
    this.#broken = true;
  }

  #end(side: 0 | 1): End<T> {
    const open = this.#open;
    return {
      get open() {
        return open[side];
      },
      send: (message, sentUs) => open[side] && this.#send(side, message, sentUs),
      close: (sentUs) => {
        if (!open[side]) return;
        this.#send(side, CLOSED, sentUs);
        open[side] = false;
      },
    };
  }

  #send(side: 0 | 1, message: T | typeof CLOSED, sentUs: number): boolean {
    const to = side === 0 ? 1 : 0;
    if (this.#broken) {
      // The network answers for a machine that is gone, in a while.
      if (!this.#open[to]) this.#tellBroken(side, 'no answer from the other side', sentUs + SILENCE_US);
      return true;
    }
    const at = Math.max(this.#arrivesUs[to], sentUs + this.#network.delay(this.#latency));
    this.#arrivesUs[to] = at;
    this.#underway[to].push(message);
    this.#arrive(to, at);
    return true;
  }

  #arrive(to: 0 | 1, atUs: number): void {
    const [a, b] = this.#places;
    const { world } = this.#network;
    world.at(atUs, undefined, `${a}=${b}`, () => {
      if (this.#broken) return;
      const cut = this.#network.cutUntil(a, b);
      if (cut > world.nowUs) {
        // Sent again until it gets through; what follows waits behind it.
        this.#arrivesUs[to] = Math.max(this.#arrivesUs[to], cut + RETRANSMIT_US);
        this.#network.onFault('message held by a partition');
        this.#arrive(to, cut + RETRANSMIT_US);
        return;
      }
      const peer = this.#peers[to];
      // In a turn of its own, so that a stopped process hears of it when it goes on.
      world.after(0, peer.owner, `to ${this.#places[to]}`, () => {
        const message = this.#underway[to].shift();
        if (!this.#open[to] || message === undefined) return;
        if (message !== CLOSED) return void peer.onMessage(message);
        this.#open[to] = false;
        peer.onClose('closed by the other side');
      });
    });
  }

  #tellBroken(side: 0 | 1, why: string, fromUs: number): void {
    const peer = this.#peers[side];
    this.#network.world.at(fromUs + this.#network.delay(this.#latency), peer.owner, 'reset', () => {
      if (!this.#open[side]) return;
      this.#open[side] = false;
      peer.onClose(why);
    });
  }
}
