import { type KeeperAction, LeaseKeeper, type LeaseStore, type LeaseTiming } from '../engine.js';
import type { Mutation } from '../mutation.js';
import type { SimulatedProcess } from '../process.js';

/** What the loop asks of the node it runs in. */
export interface LeaseHost {
  /** The lease is ours under `epoch`. */
  promote(epoch: number): void;
  /** No longer leader, or about to be no longer: stop, then call `done`. */
  stopLeading(how: 'graceful' | 'kill', reason: string, done: () => void): void;
}

/** The lease's thread of one process: the engine's own keeper over a simulated store. */
export class LeaseLoop {
  readonly keeper: LeaseKeeper;
  /** Until when orders may be sent, milliseconds of the host's monotonic clock. */
  permittedUntilMs = Number.NEGATIVE_INFINITY;
  readonly #process: SimulatedProcess;
  readonly #store: LeaseStore;
  readonly #host: LeaseHost;
  readonly #timing: LeaseTiming;

  constructor(
    process: SimulatedProcess,
    store: LeaseStore,
    host: LeaseHost,
    name: string,
    timing: LeaseTiming,
    mutation: Mutation | undefined,
  ) {
    this.#process = process;
    this.#store = store;
    this.#host = host;
    this.#timing = timing;
    let writes = 0;
    this.keeper = new LeaseKeeper({
      identity: { host: name, instanceId: process.name },
      timing: mutation === 'no-self-fence' ? { ...timing, selfFenceMs: 1e9 } : timing,
      nextWriteId: () => `${process.name}-${++writes}`,
      wallClock: () => new Date(process.clock.nowUs() / 1000).toISOString(),
      epochFloor: 1,
    });
    this.#run(this.keeper.begin());
    this.#tick();
  }

  /** Whether this process may send orders now: the gate of its trading thread. */
  get open(): boolean {
    return this.#process.monotonicMs() < this.permittedUntilMs;
  }

  /** The engine is ready to trade. */
  ready(epoch: number): void {
    this.#run(this.keeper.startEngine(this.#nowMs, epoch));
  }

  #tick(): void {
    this.#process.lease.after(this.#timing.tickMs * 1000, 'lease tick', () => {
      this.#run(this.keeper.tick(this.#nowMs));
      this.#tick();
    });
  }

  get #nowMs(): number {
    return this.#process.monotonicMs();
  }

  #run(actions: readonly KeeperAction[]): void {
    for (const action of actions) {
      switch (action.kind) {
        case 'read':
          this.#read();
          break;
        case 'write':
          this.#store.write(action.row, action.expected).then((outcome) => {
            this.#run(this.keeper.onWritten(this.#nowMs, outcome));
          });
          break;
        case 'promote':
          this.#host.promote(action.epoch);
          break;
        case 'permit':
          this.permittedUntilMs = action.deadlineMs;
          break;
        case 'start-engine':
          break;
        case 'stop-engine':
          this.permittedUntilMs = Number.NEGATIVE_INFINITY;
          this.#host.stopLeading(action.how, action.reason, () => {
            this.#run(this.keeper.onEngineDead(this.#nowMs, action.serial));
          });
          break;
        case 'tell':
          this.#process.world.note(
            `${action.what} ${JSON.stringify(action.detail)}`,
            this.#process.lease.name,
          );
          break;
      }
    }
  }

  #read(): void {
    this.#store.read().then(
      (row) => this.#run(this.keeper.onRead(this.#nowMs, row)),
      (error: Error) => this.#run(this.keeper.onRead(this.#nowMs, error)),
    );
  }
}
