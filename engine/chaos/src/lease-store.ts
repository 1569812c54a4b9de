import type { LeaseRow, LeaseStore, WriteOutcome } from './engine.js';
import type { Latency, Network, Place } from './network.js';
import type { SimulatedProcess } from './process.js';

export const LEASE_STORE: Place = 'lease store';

const LATENCY: Latency = { floorUs: 300, meanUs: 500 };

/** Told of each change of the lease the moment it is one. */
export type LeaseWatcher = (row: LeaseRow, atUs: number) => void;

/**
 * One row, compared and set in one place: linearizable. Its clients reach it by requests that may be lost, come twice, be
 * late or overtake one another, so that a write may take effect long after its writer has given it up.
 */
export class SimulatedLeaseStore {
  readonly #network: Network;
  readonly #watcher: LeaseWatcher;
  #row: LeaseRow | undefined;

  constructor(network: Network, watcher: LeaseWatcher) {
    this.#network = network;
    this.#watcher = watcher;
  }

  get row(): LeaseRow | undefined {
    return this.#row;
  }

  /** The store as one process reaches it. A request is given up after `timeoutMs` of the process's own clock. */
  client(process: SimulatedProcess, place: Place, timeoutMs: number): LeaseStore {
    return {
      read: () =>
        this.#ask<LeaseRow | undefined>(
          process,
          place,
          timeoutMs,
          () => this.#row,
          () => new Error('the lease store does not answer'),
        ),
      write: async (row, expected): Promise<WriteOutcome> => {
        try {
          return await this.#ask<WriteOutcome>(
            process,
            place,
            timeoutMs,
            () => this.#write(row, expected),
            () => new Error('the lease store does not answer'),
          );
        } catch (error) {
          return { kind: 'unknown', error: String(error) };
        }
      },
    };
  }

  #write(row: LeaseRow, expected: number | undefined): WriteOutcome {
    if (this.#row?.version !== expected) return { kind: 'conflict' };
    this.#row = row;
    this.#watcher(row, this.#network.world.nowUs);
    return { kind: 'stored' };
  }

  #ask<T>(
    process: SimulatedProcess,
    place: Place,
    timeoutMs: number,
    serve: () => T,
    tooLate: () => Error,
  ): Promise<T> {
    const network = this.#network;
    const { world } = network;
    const { lease: thread } = process;
    process.boundary('before lease request');
    const sentUs = thread.nowUs;
    return new Promise<T>((resolve, reject) => {
      thread.after(process.host.trueUs(timeoutMs), 'lease timeout', () => {
        world.promised();
        reject(tooLate());
      });
      network.send(place, LEASE_STORE, LATENCY, sentUs, undefined, () => {
        if (network.refusing(LEASE_STORE)) return;
        const answer = serve();
        network.send(LEASE_STORE, place, LATENCY, world.nowUs, thread, () => {
          world.promised();
          resolve(answer);
        });
      });
    });
  }
}
