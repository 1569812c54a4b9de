import { EventEmitter } from 'node:events';
import { Connection, type End, type Latency, type Network, type Place } from '../network.js';
import type { Owner } from '../world.js';

/** What travels between the two ends of a WebSocket. */
export type Frame =
  | { readonly kind: 'text'; readonly data: Buffer; readonly sentUs: number }
  | { readonly kind: 'ping' | 'pong' }
  | { readonly kind: 'close'; readonly code: number };

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** Who holds an end, and how it knows the time and may be stopped while it sends. */
export interface SocketHost {
  readonly owner: Owner | undefined;
  /** True time as the holder lives it. */
  readonly nowUs: () => number;
  /** Around everything that leaves the process. */
  readonly boundary: (what: string) => void;
  /** Sees each order as it leaves, by its client order id. */
  readonly onOrder?: (clientOrderId: string) => void;
}

const PLACE = /"method":"order\.place".*"newClientOrderId":"([^"]*)"/;

/** The client order id in a request that opens an order; undefined in any other. */
export function orderIn(text: string): string | undefined {
  return text.includes('order.place') ? (PLACE.exec(text)?.[1] ?? '') : undefined;
}

/** One end of a simulated WebSocket: as much of `ws` as the engine and the simulator use. */
export class SimulatedSocket extends EventEmitter {
  readonly OPEN = OPEN;
  readyState = CONNECTING;
  readonly bufferedAmount = 0;
  readonly host: SocketHost;
  #end: End<Frame> | undefined;
  #paused = false;

  constructor(host: SocketHost) {
    super();
    this.host = host;
    // An error event nobody listens to would end the run.
    this.on('error', () => {});
  }

  /** @internal */
  attach(end: End<Frame>): void {
    this.#end = end;
    this.readyState = OPEN;
  }

  send(data: Uint8Array | string, _options?: unknown): void {
    if (this.readyState !== OPEN) return;
    // No boundary before: the gate was asked in this very moment, and what no gate can close is not its fault.
    const sentUs = this.host.nowUs();
    const bytes = Buffer.from(data as Uint8Array);
    const order = this.host.onOrder === undefined ? undefined : orderIn(bytes.toString());
    if (order !== undefined) this.host.onOrder!(order);
    this.#end!.send({ kind: 'text', data: bytes, sentUs }, sentUs);
    this.host.boundary('after send');
  }

  ping(): void {
    if (this.readyState === OPEN) this.#end!.send({ kind: 'ping' }, this.host.nowUs());
  }

  close(code = 1000): void {
    if (this.readyState !== OPEN) return void this.terminate();
    this.readyState = CLOSING;
    this.#end!.send({ kind: 'close', code }, this.host.nowUs());
  }

  terminate(): void {
    if (this.readyState === CLOSED) return;
    this.#end?.close(this.host.nowUs());
    this.closed(1006);
  }

  pause(): void {
    this.#paused = true;
  }

  /** @internal */
  received(frame: Frame): void {
    if (this.readyState === CLOSED || this.#paused) return;
    if (frame.kind === 'text') this.emit('message', frame.data, false);
    else if (frame.kind === 'close') {
      if (this.readyState === OPEN) this.#end!.send(frame, this.host.nowUs());
      this.#end!.close(this.host.nowUs());
      this.closed(frame.code);
    } else if (frame.kind === 'ping') {
      this.emit('ping');
      if (this.readyState === OPEN) this.#end!.send({ kind: 'pong' }, this.host.nowUs());
    } else this.emit('pong');
  }

  /** @internal */
  closed(code: number): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.emit('close', code);
  }
}

/** How long a connection may take to come about, microseconds. */
const CONNECT_TIMEOUT_US = 1_000_000;

/**
 * A socket from `client` to `server` that opens after a round trip, if the network lets it. `accept` is called with the
 * server's end; `tap` sees every text frame the client sent, as it arrives.
 */
export function openSimulatedSocket(
  network: Network,
  places: readonly [Place, Place],
  latency: Latency,
  client: SocketHost,
  accept: (socket: SimulatedSocket) => void,
  tap: (frame: Extract<Frame, { kind: 'text' }>) => void,
): { readonly socket: SimulatedSocket; readonly connection: () => Connection<Frame> | undefined } {
  const { world } = network;
  const near = new SimulatedSocket(client);
  let connection: Connection<Frame> | undefined;
  const fail = (why: string) => {
    if (near.readyState !== CONNECTING) return;
    near.emit('error', new Error(why));
    near.closed(1006);
  };
  const startUs = client.nowUs();
  world.at(startUs + network.delay(latency), undefined, 'connect', () => {
    if (network.cutUntil(places[0], places[1]) > world.nowUs || network.refusing(places[1])) {
      world.at(startUs + CONNECT_TIMEOUT_US, client.owner, 'connect timeout', () => {
        world.promised();
        fail('connect timeout');
      });
      return;
    }
    const far = new SimulatedSocket({ owner: undefined, nowUs: () => world.nowUs, boundary: () => {} });
    const peer = (socket: SimulatedSocket) => ({
      owner: socket.host.owner,
      onMessage: (frame: Frame) => {
        world.promised();
        if (socket === far && frame.kind === 'text') tap(frame);
        socket.received(frame);
      },
      onClose: () => {
        world.promised();
        socket.closed(1006);
      },
    });
    connection = new Connection<Frame>(network, places, latency, [peer(near), peer(far)]);
    far.attach(connection.ends[1]);
    accept(far);
    world.after(network.delay(latency), client.owner, 'connected', () => {
      if (near.readyState !== CONNECTING) return void connection!.ends[0].close(client.nowUs());
      near.attach(connection!.ends[0]);
      world.promised();
      near.emit('open');
    });
  });
  return { socket: near, connection: () => connection };
}
