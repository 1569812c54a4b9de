import { Connection, type End, type Latency, type Network, type Peer } from '../network.js';
import type { SimulatedProcess, Thread } from '../process.js';

const LATENCY: Latency = { floorUs: 100, meanUs: 120 };

/** One end of a stream of bytes between the two nodes. */
export interface LinkEnd {
  send(bytes: Uint8Array): void;
  close(): void;
}

/** Whoever holds an end. */
export interface LinkHolder {
  readonly thread: Thread;
  onBytes(bytes: Uint8Array): void;
  onClose(why: string): void;
}

/** A TCP connection between leader and standby. */
export class ReplicaLink {
  readonly #connection: Connection<Uint8Array>;

  constructor(
    network: Network,
    standby: { readonly name: string; readonly holder: LinkHolder },
    leader: { readonly name: string; readonly holder: LinkHolder },
  ) {
    const peers = [peerOf(standby.holder), peerOf(leader.holder)] as const;
    this.#connection = new Connection(network, [standby.name, leader.name], LATENCY, peers);
  }

  end(side: 0 | 1, holder: LinkHolder): LinkEnd {
    const end: End<Uint8Array> = this.#connection.ends[side];
    const process: SimulatedProcess = holder.thread.process;
    return {
      send: (bytes) => {
        process.boundary('before replication');
        end.send(bytes.slice(), holder.thread.nowUs);
        process.boundary('after replication');
      },
      close: () => end.close(holder.thread.nowUs),
    };
  }

  get alive(): boolean {
    return this.#connection.alive;
  }

  reset(): void {
    this.#connection.reset('reset');
  }

  /** One side's process is gone. Silently, when its machine is. */
  lost(side: 0 | 1, silent: boolean, nowUs: number): void {
    if (silent) this.#connection.vanish(side);
    else this.#connection.ends[side].close(nowUs);
  }
}

function peerOf(holder: LinkHolder): Peer<Uint8Array> {
  return {
    owner: holder.thread,
    onMessage: (bytes) => holder.onBytes(bytes),
    onClose: (why) => holder.onClose(why),
  };
}
