import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { KeeperPhase, Predecessor } from '../keeper-types.js';
import { ENGINE_LEASE_TIMING, type LeaseTiming, timingProblems } from '../lease-timing.js';
import type { LeasePlace } from '../open-lease-store.js';
import { LeaseSlots } from './lease-slots.js';
import type { FromLease, LeaderSeen, LeaseWorkerData, ToLease } from './messages.js';
import { monotonicMs } from './monotonic.js';
import { SendGate } from './send-gate.js';

/** What the trading thread is told, each in a turn of its event loop. */
export interface LeadershipEvents {
  /**
   * The lease is this side's under `epoch`, higher than any before. Take over, then call {@link Leadership.promoted}; until
   * then the gate is closed. May be followed by `fenced` at any time.
   */
  promote(epoch: number, from: Predecessor): void;
  /** The term is over and the gate closed. When this returns, this side may claim a new term. */
  fenced(why: string): void;
  /**
   * The other side accepts the lease, asked for here or with `tradewind ha handover`: call {@link Leadership.stopSending},
   * give it the rest of the journal, and {@link Leadership.release}; within `acceptWithinMs`, or it is taken back.
   */
  handover(): void;
  /** The handover is over: the other side leads (with the times it took), or why it does not. Sending may go on then. */
  handoverEnded(
    result: { readonly done: Readonly<Record<string, unknown>> } | { readonly failed: string },
  ): void;
  /** Who holds the lease, this side included, whenever that or its address changes. */
  leader(leader: LeaderSeen): void;
  /** Something a person may want to know. */
  tell(what: string, detail: Readonly<Record<string, unknown>>): void;
  /** The lease thread is gone, and with it the right to send. The process should end. */
  failed(error: Error): void;
}

export interface LeadershipOptions {
  readonly place: LeasePlace;
  /** Name of this one of the pair. */
  readonly node: string;
  readonly timing?: LeaseTiming;
  /** A trading thread that did not call `heartbeat` for so long neither renews nor claims. Default 0.6 x `selfFenceMs`. */
  readonly stallMs?: number;
  /** Epochs begin here: above all that were used without a lease. Default 0. */
  readonly epochFloor?: number;
  /** Default 5000. */
  readonly acceptWithinMs?: number;
  /** Default 2000. */
  readonly handoverQuietMs?: number;
  /** Why this side does not claim at first, e.g. that it has no state yet. See {@link Leadership.willing}. */
  readonly unwilling?: string;
  readonly events: LeadershipEvents;
}

/** For status and metrics. */
export interface LeadershipStatus {
  readonly phase: KeeperPhase;
  /** Of the row as last seen, whoever holds it. */
  readonly epoch: number;
  /** Milliseconds since the row last changed, as seen here; Infinity before the first look. */
  readonly leaseAgeMs: number;
  /** Milliseconds this side may go on sending without another renewal; 0 when it may not. */
  readonly permittedForMs: number;
  /** Requests to the store that failed or were not answered in time. */
  readonly storeFailures: number;
}

/** The trading thread's hold on the lease, which a thread of its own keeps. */
export class Leadership {
  /** To be asked before each order is sent. */
  readonly gate: SendGate;
  readonly #worker: Worker;
  readonly #slots: LeaseSlots;
  readonly #options: LeadershipOptions;
  #epoch: number | undefined;
  #promoted = false;
  /** The trading thread wants to send, and may as far as it is known here. */
  #wantsToSend = false;
  /** The lease says that somebody has traded under it. */
  #hasHistory = false;
  /** The trading thread is about to make one: to be in the lease first. */
  #beginsHistory = false;
  #unwilling: string | undefined;
  /** Questions to the other side so far. */
  #asked = 0;
  #held = false;
  #letGo: (() => void)[] = [];
  #closing: Promise<void> | undefined;

  private constructor(options: LeadershipOptions, worker: Worker, slots: LeaseSlots) {
    this.#options = options;
    this.#worker = worker;
    this.#slots = slots;
    this.#unwilling = options.unwilling;
    this.gate = new SendGate(slots);
  }

  /**
   * Starts the lease thread. Rejects when the times do not go together or the store's settings are wrong; a store that does
   * not answer is asked again and again. Begin to call `heartbeat` at once.
   */
  static async start(options: LeadershipOptions): Promise<Leadership> {
    const timing = options.timing ?? ENGINE_LEASE_TIMING;
    const stallMs = options.stallMs ?? 0.6 * timing.selfFenceMs;
    const problems = [...timingProblems(timing)];
    if (stallMs >= timing.selfFenceMs) {
      problems.push(`stallMs ${stallMs}: give less than selfFenceMs ${timing.selfFenceMs}`);
    }
    if (problems.length > 0) throw new RangeError(`lease: ${problems.join('; ')}`);
    const slots = LeaseSlots.fresh();
    const { acceptWithinMs = 5_000, handoverQuietMs = 2_000, epochFloor = 0, node, unwilling } = options;
    const data: LeaseWorkerData = {
      place: options.place,
      slots: slots.buffer,
      options: {
        ...{ node, timing, stallMs, epochFloor, acceptWithinMs, handoverQuietMs, unwilling },
        instanceId: randomUUID(),
      },
    };
    const worker = new Worker(leaseWorkerUrl(), { workerData: data, name: 'lease' });
    const leadership = new Leadership(options, worker, slots);
    // One listener from the first message on: what follows `started` comes at any time.
    await new Promise<void>((resolve, reject) => {
      worker.on('error', reject);
      worker.on('message', (message: FromLease) => {
        if (message.kind === 'started') resolve();
        else if (message.kind === 'not-started') reject(new Error(`lease: ${message.error}`));
        else leadership.#onMessage(message);
      });
    });
    worker.on('error', (error) => leadership.#onGone(error));
    worker.on('exit', () => leadership.#onGone(new Error('the lease thread ended')));
    return leadership;
  }

  /** The epoch to send under; undefined when this side does not lead. */
  get epoch(): number | undefined {
    return this.#epoch;
  }

  status(): LeadershipStatus {
    const { phase, epoch, seenAtMs, deadlineMs, storeFailures } = this.#slots;
    const now = monotonicMs();
    const permittedForMs = Math.max(0, deadlineMs - now);
    return { phase, epoch, leaseAgeMs: now - seenAtMs, permittedForMs, storeFailures };
  }

  /** The trading thread turns. To be called several times within `stallMs`, leader or not; costs one store. */
  heartbeat(): void {
    this.#slots.beat();
  }

  /** The takeover is done: from now on the gate is open while the lease holds. False when the term is over already. */
  promoted(): boolean {
    if (this.#epoch === undefined) return false;
    this.#promoted = true;
    this.#send(true);
    return this.gate.open();
  }

  /** Closes the gate; the lease is still held and renewed. */
  stopSending(): void {
    this.#send(false);
  }

  /** Where this side's journal can be had while it leads, `host:port`; the other side reads it in the lease. */
  announce(address: string | undefined): void {
    this.#tell({ kind: 'announce', address });
  }

  /**
   * This side trades under its epoch: from now on there is a history that a side without one must not replace. Where it is
   * the first one, the gate is closed until the lease says so: for one write.
   */
  trading(): void {
    if (this.#epoch === undefined) return;
    this.#beginsHistory = !this.#hasHistory;
    this.#send(this.#wantsToSend);
    this.#tell({ kind: 'trading', epoch: this.#epoch });
  }

  /** Asks the other side to take over; `handover` or `handoverEnded` follows. Whoever asks again hears of the last question. */
  askHandover(): void {
    this.#tell({ kind: 'ask-handover', serial: ++this.#asked });
  }

  /**
   * Closes the gate and lets the lease go, so that the other side may claim at once. Resolves when that is written, or the
   * lease is lost or was not held. This side does not claim for `quietMs`; by default for `handoverQuietMs`, or until the
   * other side has it.
   */
  async release(why: string, quietMs?: number): Promise<void> {
    this.stopSending();
    if (this.#closing !== undefined) return;
    await new Promise<void>((resolve) => {
      this.#letGo.push(resolve);
      this.#tell({ kind: 'release', why, quietMs });
    });
  }

  /** A held side does not claim, nor accept a handover; a leader goes on. */
  hold(held: boolean): void {
    this.#held = held;
    this.#tellWill();
  }

  /** False, and why: this side could not take over as it is, e.g. it is behind while the leader lives. */
  willing(willing: boolean, why = 'not willing'): void {
    this.#unwilling = willing ? undefined : why;
    this.#tellWill();
  }

  /** Releases the lease if it is held, and ends the thread. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    this.stopSending();
    const exited = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    await new Promise<void>((resolve) => {
      this.#letGo.push(resolve);
      this.#tell({ kind: 'release', why: 'stopping', quietMs: Number.POSITIVE_INFINITY });
    });
    this.#tell({ kind: 'close' });
    await exited;
  }

  #onMessage(message: FromLease): void {
    const { events } = this.#options;
    switch (message.kind) {
      case 'promote':
        this.#endTerm();
        this.#epoch = message.epoch;
        events.promote(message.epoch, message.from);
        break;
      case 'fenced':
        this.#endTerm();
        events.fenced(message.why);
        this.#tell({ kind: 'fence-heard', serial: message.serial });
        break;
      case 'leader': {
        const knewHistory = this.#hasHistory;
        this.#hasHistory = message.leader.historyEpoch !== undefined;
        if (this.#hasHistory) this.#beginsHistory = false;
        this.#send(this.#wantsToSend);
        events.leader(message.leader);
        // The will is that of somebody who knows it now.
        if (knewHistory !== this.#hasHistory) this.#tellWill();
        break;
      }
      case 'handover':
        events.handover();
        break;
      case 'handover-done':
        events.handoverEnded({ done: message.result });
        break;
      case 'handover-failed':
        // Whoever stopped sending for it goes on.
        if (this.#promoted && this.#letGo.length === 0) this.#send(true);
        if (message.serial === this.#asked) events.handoverEnded({ failed: message.why });
        else events.tell('handover failed, and was asked for anew', { why: message.why });
        break;
      case 'let-go':
        this.#endTerm();
        this.#answerLetGo();
        break;
      case 'tell':
        events.tell(message.what, message.detail);
    }
  }

  #send(wanted: boolean): void {
    this.#wantsToSend = wanted;
    this.gate.arm(wanted && !this.#beginsHistory);
  }

  #endTerm(): void {
    this.#beginsHistory = false;
    this.#send(false);
    this.#epoch = undefined;
    this.#promoted = false;
  }

  #answerLetGo(): void {
    for (const resolve of this.#letGo.splice(0)) resolve();
  }

  /** Slots that nobody renews run out by themselves; closing the gate here is only sooner. */
  #onGone(error: Error): void {
    const led = this.#epoch !== undefined;
    this.#endTerm();
    this.#answerLetGo();
    if (this.#closing !== undefined) return;
    this.#closing = Promise.resolve();
    if (led) this.#options.events.fenced(error.message);
    this.#options.events.failed(error);
  }

  #tellWill(): void {
    const why = this.#held ? 'on hold' : this.#unwilling;
    this.#tell({ kind: 'unwilling', why, knowsHistory: this.#hasHistory });
  }

  #tell(message: ToLease): void {
    this.#worker.postMessage(message);
  }
}

/** Where the worker's JavaScript is: beside this file, or in the build when this file is still TypeScript. */
function leaseWorkerUrl(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('../../../../dist/ha/lease/thread/lease-worker.js', import.meta.url)
    : new URL('./lease-worker.js', import.meta.url);
}
