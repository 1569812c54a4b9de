import {
  type FromLease,
  type LeaderSeen,
  LeaseRunner,
  LeaseSlots,
  type LeaseStore,
  type LeaseTiming,
  monotonicMs,
  SendGate,
  type ToLease,
} from '../engine.js';
import type { Mutation } from '../mutation.js';
import type { SimulatedProcess, Thread } from '../process.js';

/** What the trading thread is told of the lease. */
export interface LeaseEvents {
  promote(epoch: number): void;
  /** The term is over: stop before returning. */
  fenced(why: string): void;
  /** The other side takes over: give it the rest, then {@link LeaseLoop.release}. */
  handover(): void;
  letGo(): void;
  /** Who leads, as the lease says, whenever that changes. */
  leads(leader: LeaderSeen): void;
}

const STALL_MS = 150;
const BEAT_MS = 10;
const HANDOVER_MS = 700;
/** From one thread to the other, microseconds. */
const POST_US = 15;
/** Before it says whether it would lead. */
const UNTOLD = 'starting';

/**
 * The lease's thread and the trading thread's hold on it: the engine's own runner and gate, with messages that take a
 * moment. The trading thread's half does what `Leadership` does with a real thread.
 */
export class LeaseLoop {
  readonly #process: SimulatedProcess;
  readonly #runner: LeaseRunner;
  readonly #events: LeaseEvents;
  readonly #gate: SendGate;
  readonly #slots: LeaseSlots;
  readonly #toLease: (() => void)[] = [];
  readonly #toTrading: (() => void)[] = [];
  #epoch: number | undefined;
  #unwilling: string | undefined = UNTOLD;
  #knowsHistory = false;
  #asked = 0;

  constructor(
    process: SimulatedProcess,
    store: LeaseStore,
    events: LeaseEvents,
    name: string,
    timing: LeaseTiming,
    mutation: Mutation | undefined,
  ) {
    this.#process = process;
    this.#events = events;
    this.#slots = LeaseSlots.fresh();
    this.#gate = new SendGate(this.#slots);
    this.#runner = new LeaseRunner(
      {
        node: name,
        instanceId: process.name,
        timing: mutation === 'no-self-fence' ? { ...timing, selfFenceMs: 1e9 } : timing,
        stallMs: STALL_MS,
        epochFloor: 1,
        acceptWithinMs: HANDOVER_MS,
        handoverQuietMs: HANDOVER_MS,
        unwilling: UNTOLD,
      },
      store,
      this.#slots,
      (message) => this.#post(process.trading, () => this.#onMessage(message)),
    );
    process.lease.after(0, 'lease', () => this.#runner.start());
    process.trading.after(0, 'heartbeat', () => {
      setInterval(() => this.#slots.beat(), BEAT_MS);
    });
  }

  /** Whether an order may be sent at this instant. */
  maySend(): boolean {
    return this.#gate.open();
  }

  /** How long ago the lease was seen to change. */
  ageMs(): number {
    return monotonicMs() - this.#slots.seenAtMs;
  }

  /** Whether this side would lead: undefined, or why not. */
  will(why: string | undefined): void {
    this.#unwilling = why;
    this.#tellWill();
  }

  /** It begins to trade: from now on there is a history that a side without one must not replace. */
  trading(epoch: number): void {
    this.#tell({ kind: 'trading', epoch });
  }

  /** The takeover is done. */
  promoted(epoch: number): void {
    if (this.#epoch === epoch) this.#gate.arm(true);
  }

  askHandover(): void {
    this.#tell({ kind: 'ask-handover', serial: ++this.#asked });
  }

  stopSending(): void {
    this.#gate.arm(false);
  }

  release(why: string): void {
    this.stopSending();
    this.#tell({ kind: 'release', why, quietMs: HANDOVER_MS });
  }

  #onMessage(message: FromLease): void {
    const { world, name } = this.#process;
    switch (message.kind) {
      case 'promote':
        this.#endTerm();
        this.#epoch = message.epoch;
        this.#events.promote(message.epoch);
        break;
      case 'fenced':
        this.#endTerm();
        world.note(`fenced: ${message.why}`, name);
        this.#events.fenced(message.why);
        this.#tell({ kind: 'fence-heard', serial: message.serial });
        break;
      case 'handover':
        this.#events.handover();
        break;
      case 'let-go':
        this.#endTerm();
        this.#events.letGo();
        break;
      case 'leader':
        this.#onLeader(message.leader);
        break;
      case 'handover-done':
        world.note('handed over', name);
        break;
      case 'handover-failed':
        world.note(`handover failed: ${message.why}`, name);
        break;
      case 'tell':
        world.note(`lease: ${message.what} ${JSON.stringify(message.detail)}`, name);
        break;
      default:
        break;
    }
  }

  /** The will is that of somebody who knows of the history once he has heard of it here. */
  #onLeader(leader: LeaderSeen): void {
    const knew = this.#knowsHistory;
    this.#knowsHistory = leader.historyEpoch !== undefined;
    this.#events.leads(leader);
    if (knew !== this.#knowsHistory) this.#tellWill();
  }

  #tellWill(): void {
    this.#tell({ kind: 'unwilling', why: this.#unwilling, knowsHistory: this.#knowsHistory });
  }

  #endTerm(): void {
    this.#gate.arm(false);
    this.#epoch = undefined;
  }

  #tell(message: Exclude<ToLease, { kind: 'close' }>): void {
    this.#post(this.#process.lease, () => this.#runner.onMessage(message));
  }

  /** Messages to a thread arrive in the order they were posted, however long it stood still. */
  #post(to: Thread, action: () => void): void {
    const { world, thread } = this.#process;
    const queue = to === this.#process.lease ? this.#toLease : this.#toTrading;
    queue.push(action);
    world.at(thread.nowUs + POST_US, to, 'message', () => {
      world.promised();
      queue.shift()!();
    });
  }
}
