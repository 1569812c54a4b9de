import type { Latency, Network } from '../network.js';
import type { SocketHost } from './simulated-socket.js';
import { type Sender, type SimulatedVenue, VENUE } from './simulated-venue.js';

const LATENCY: Latency = { floorUs: 900, meanUs: 900 };

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Stands where the engine keeps its pool of REST connections: requests travel over the simulated network. */
export class SimulatedRest {
  readonly prefix = '';
  readonly #network: Network;
  readonly #venue: SimulatedVenue;
  readonly #sender: Sender;
  readonly #host: SocketHost;
  readonly #gate: () => void;

  /** `gate` throws when requests that change orders must not be sent. */
  constructor(network: Network, venue: SimulatedVenue, sender: Sender, host: SocketHost, gate: () => void) {
    this.#network = network;
    this.#venue = venue;
    this.#sender = sender;
    this.#host = host;
    this.#gate = gate;
  }

  hold(): void {}

  async release(): Promise<void> {}

  async request(
    options: { method: string; path: string; signal: AbortSignal },
    gated = false,
  ): Promise<Answer> {
    if (gated) this.#gate();
    const network = this.#network;
    const { world } = network;
    const { node } = this.#sender;
    const sentUs = this.#host.nowUs();
    const order = /^\/api\/v3\/order\?.*newClientOrderId=([^&]*)/.exec(options.path);
    if (options.method === 'POST' && order !== null) this.#host.onOrder?.(order[1]!);
    return new Promise((resolve, reject) => {
      const back = (deliver: () => void) =>
        network.send(VENUE, node, LATENCY, world.nowUs, this.#host.owner, () => {
          world.promised();
          deliver();
        });
      options.signal.addEventListener('abort', () => {
        world.promised();
        reject(options.signal.reason as Error);
      });
      network.send(node, VENUE, LATENCY, sentUs, undefined, () => {
        if (network.refusing(VENUE)) return void back(() => reject(failure('ECONNREFUSED')));
        this.#venue.request(
          this.#sender,
          options.method,
          options.path,
          sentUs,
          (status, body) => back(() => resolve(answer(status, body))),
          () => back(() => reject(failure('UND_ERR_SOCKET'))),
        );
      });
      this.#host.boundary('after request');
    });
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function answer(statusCode: number, body: string): Answer {
  const bytes = Buffer.from(body);
  return {
    statusCode,
    headers: {},
    body: {
      async *[Symbol.asyncIterator]() {
        yield bytes;
      },
    },
  };
}
