import { randomUUID } from 'node:crypto';
import type { KeeperAction, KeeperIdentity } from '../keeper-types.js';
import { LeaseKeeper } from '../lease-keeper.js';
import type { LeaseRow } from '../lease-row.js';
import type { LeaseStore } from '../lease-store.js';
import { HandoverDriver } from './handover-driver.js';
import type { LeaseSlots } from './lease-slots.js';
import type { FromLease, LeaderSeen, RunnerOptions, ToLease } from './messages.js';
import { exactMonotonicMs } from './monotonic.js';

/** A release that cannot be written is left to run out. */
const RELEASE_PATIENCE_MS = 10_000;

/**
 * Drives the {@link LeaseKeeper} of an engine: performs its reads and writes, keeps the shared slots, and speaks with the
 * trading thread. To stop the engine is to close the gate, which is done before anybody is told; but the lease is not
 * claimed again until the trading thread has heard that the last term is over, so that a permission never meets a trading
 * thread of an earlier term.
 */
export class LeaseRunner {
  readonly #options: RunnerOptions;
  readonly #store: LeaseStore;
  readonly #slots: LeaseSlots;
  readonly #post: (message: FromLease) => void;
  readonly #keeper: LeaseKeeper;
  readonly #handover: HandoverDriver;
  readonly #identity: KeeperIdentity;
  #leader: LeaderSeen | undefined;
  /** The permission of the keeper's present term is the trading thread's. */
  #open = false;
  #beats = -1;
  #beatAtMs = Number.NEGATIVE_INFINITY;
  #stalled = false;
  #releasing = false;
  #unwilling: string | undefined;
  /** The trading thread knew of the history when it said so; the lease tells of one. */
  #knowsHistory = false;
  #hasHistory = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    options: RunnerOptions,
    store: LeaseStore,
    slots: LeaseSlots,
    post: (message: FromLease) => void,
  ) {
    this.#options = options;
    this.#store = store;
    this.#slots = slots;
    this.#post = post;
    this.#identity = { host: options.node, instanceId: options.instanceId };
    this.#keeper = new LeaseKeeper({
      identity: this.#identity,
      timing: options.timing,
      nextWriteId: randomUUID,
      wallClock: () => new Date().toISOString(),
      epochFloor: options.epochFloor,
      heedsRequests: true,
    });
    this.#handover = new HandoverDriver(options, this.#keeper, post);
    this.#unwilling = options.unwilling;
    this.#hold();
  }

  start(): void {
    this.#perform(this.#keeper.begin());
    this.#timer = setInterval(() => this.tick(), this.#options.timing.tickMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#slots.deadlineMs = Number.NEGATIVE_INFINITY;
  }

  tick(): void {
    const now = exactMonotonicMs();
    this.#watchBeats(now);
    this.#perform(this.#keeper.tick(now));
    this.#handover.drive(now);
  }

  onMessage(message: Exclude<ToLease, { kind: 'close' }>): void {
    const now = exactMonotonicMs();
    switch (message.kind) {
      case 'fence-heard':
        this.#perform(this.#keeper.onEngineDead(now, message.serial));
        break;
      case 'unwilling':
        this.#unwilling = message.why;
        this.#knowsHistory = message.knowsHistory;
        this.#hold();
        break;
      case 'ask-handover':
        this.#handover.ask(now, message.serial);
        break;
      case 'release': {
        this.#releasing = true;
        const request = {
          how: 'graceful' as const,
          reason: message.why,
          quietMs: message.quietMs ?? this.#options.handoverQuietMs,
          untilTaken: message.quietMs === undefined,
          patienceMs: RELEASE_PATIENCE_MS,
        };
        this.#perform(this.#keeper.yieldLease(now, request));
        break;
      }
      case 'announce':
        this.#identity.address = message.address;
        break;
      case 'trading':
        this.#identity.historyEpoch = message.epoch;
        this.#keeper.lookNow();
        this.tick();
    }
  }

  /**
   * A side that knows nothing of what was traded must not lead, and whether it would is decided on the other thread: until
   * that one has heard what the lease says of it, its will is of no account.
   */
  #hold(): void {
    const isUnheard = this.#hasHistory && !this.#knowsHistory;
    const why = this.#unwilling ?? (isUnheard ? 'yet to hear that there is a history' : undefined);
    this.#keeper.hold(why !== undefined, why);
  }

  /** Only a trading thread that turns may keep the lease, or take it. */
  #watchBeats(now: number): void {
    const { beats } = this.#slots;
    if (beats !== this.#beats) {
      this.#beats = beats;
      this.#beatAtMs = now;
    }
    const stalled = now - this.#beatAtMs > this.#options.stallMs;
    if (stalled === this.#stalled) return;
    this.#stalled = stalled;
    this.#keeper.stall(stalled);
    if (stalled) this.#tell('the trading thread stands still: not renewing', {});
  }

  #perform(actions: readonly KeeperAction[]): void {
    for (const action of actions) {
      switch (action.kind) {
        case 'read':
          this.#read();
          break;
        case 'write':
          void this.#store.write(action.row, action.expected).then((outcome) => {
            if (outcome.kind === 'unknown') this.#slots.countStoreFailure();
            this.#perform(this.#keeper.onWritten(exactMonotonicMs(), outcome));
          });
          break;
        case 'promote':
          this.#open = true;
          this.#publish();
          this.#post({ kind: 'promote', epoch: action.epoch, from: action.from });
          break;
        case 'stop-engine':
          this.#stop(action.how, action.serial, action.reason);
          break;
        case 'tell':
          if (action.what === 'lease released') this.#handover.onReleased(exactMonotonicMs());
          this.#tell(action.what, action.detail);
          break;
        case 'permit':
        case 'start-engine':
          // The slots carry the permission.
          break;
      }
    }
    this.#publish();
  }

  #read(): void {
    this.#store.read().then(
      (row) => {
        this.#hasHistory = row?.historyEpoch !== undefined;
        this.#hold();
        this.#perform(this.#keeper.onRead(exactMonotonicMs(), row));
      },
      (error: unknown) => {
        this.#slots.countStoreFailure();
        const problem = error instanceof Error ? error : new Error(String(error));
        this.#tell('lease not read', { error: problem.message });
        this.#perform(this.#keeper.onRead(exactMonotonicMs(), problem));
      },
    );
  }

  #stop(how: 'graceful' | 'kill', serial: number, reason: string): void {
    const wasOpen = this.#open;
    this.#open = false;
    this.#publish();
    if (how === 'kill' && wasOpen) this.#post({ kind: 'fenced', serial, why: reason });
    // Nobody was told of a term, or it was the trading thread that ended it.
    else this.#perform(this.#keeper.onEngineDead(exactMonotonicMs(), serial));
  }

  #publish(): void {
    const { phase, row, leaseAgeMs, permittedUntilMs } = this.#keeper.view(exactMonotonicMs());
    const slots = this.#slots;
    slots.deadlineMs = this.#open ? permittedUntilMs : Number.NEGATIVE_INFINITY;
    slots.phase = phase;
    this.#tellLeader(row);
    slots.epoch = row?.epoch ?? slots.epoch;
    slots.seenAtMs = exactMonotonicMs() - leaseAgeMs;
    if (this.#releasing && phase !== 'yielding' && phase !== 'leading') {
      this.#releasing = false;
      this.#post({ kind: 'let-go' });
    }
  }

  #tellLeader(row: LeaseRow | undefined): void {
    if (row === undefined) return;
    const { holder, epoch, address, historyEpoch } = row;
    const last = this.#leader;
    const isSame = last?.holder === holder && last.epoch === epoch && last.address === address;
    if (isSame && last.historyEpoch === historyEpoch) return;
    this.#leader = { holder, epoch, address, historyEpoch };
    this.#post({ kind: 'leader', leader: this.#leader });
  }

  #tell(what: string, detail: Readonly<Record<string, unknown>>): void {
    this.#post({ kind: 'tell', what, detail });
  }
}
