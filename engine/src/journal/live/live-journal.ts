import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type CommandList, JournalState, type KernelEvent } from '../../domain/index.js';
import { type Durability, JournalFront, type JournalPort } from './journal-front.js';
import type {
  FolderKeeping,
  FromJournalThread,
  JournalThreadSettings,
  JournalWorkerData,
  ToJournalThread,
} from './journal-protocol.js';

const CLOSE_MS = 10_000;
const STANDBY_PATIENCE_MS = 1_000;
const SETTLE_MS = 1;

export interface LiveJournalOptions extends JournalThreadSettings {
  readonly ringBytes: number;
  readonly spillBytes?: number | undefined;
  readonly durability: Durability;
  /** Called with each new failure to write, and with undefined when writing works again. */
  readonly onFailure?: ((why: string | undefined) => void) | undefined;
  /** Called when a standby has come or gone, with why. */
  readonly onStandby?: ((node: string, isConnected: boolean, why: string) => void) | undefined;
}

/** The thread of a journal that there is not yet: its code is loaded, it has opened nothing and writes nothing until told. */
export class JournalThread {
  readonly worker: Worker;
  readonly #ended: Promise<void>;
  #hasEnded = false;

  constructor(entry: URL) {
    this.worker = new Worker(entry, { name: 'journal' });
    this.worker.on('error', () => {});
    this.#ended = new Promise((resolve) => {
      this.worker.once('exit', () => {
        this.#hasEnded = true;
        resolve();
      });
    });
    // What only waits keeps no process up.
    this.worker.unref();
  }

  /** Whether it is of no use any more. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Has it compress and delete closed segments of a standby's folder, until it is given the journal there. */
  keep(folder: FolderKeeping): void {
    this.#tell({ type: 'keep', folder });
  }

  /** Ends one that has no journal, in its own time: one that is cut off could leave its folder taken. */
  async discard(): Promise<void> {
    this.#tell({ type: 'discard' });
    await this.#ended;
  }

  #tell(message: ToJournalThread): void {
    this.worker.postMessage(message);
  }
}

/** The journal of this process: shared memory on this side, a thread that writes and replicates on the other. */
export class LiveJournal implements JournalPort {
  readonly #front: JournalFront;
  readonly #worker: Worker;
  readonly #options: LiveJournalOptions;
  #port: number | undefined;
  /** Why the thread is gone. */
  #dead: Error | undefined;
  #isClosing = false;
  #isListening = false;
  #onSafe: ((safe: number) => void) | undefined;

  /** Has `thread`, which is then its own, begin; rejects when it cannot open its folder or port. */
  static async open(thread: JournalThread, options: LiveJournalOptions): Promise<LiveJournal> {
    const journal = new LiveJournal(thread.worker, options);
    await journal.#started();
    return journal;
  }

  private constructor(worker: Worker, options: LiveJournalOptions) {
    const {
      onFailure: _onFailure,
      onStandby: _onStandby,
      ringBytes,
      spillBytes,
      durability,
      ...settings
    } = options;
    this.#options = options;
    this.#front = new JournalFront({ ringBytes, spillBytes, durability, start: options.at.sequence });
    const journal: JournalWorkerData = {
      ...settings,
      ring: this.#front.ring.buffer,
      signals: this.#front.signalMemory,
    };
    this.#worker = worker;
    worker.ref();
    this.#tell({ type: 'begin', journal });
    this.#worker.on('message', (message: FromJournalThread) => this.#onMessage(message));
    this.#worker.on('error', (error) => this.#died(error));
    this.#worker.on('exit', (code) => this.#died(new Error(`the journal's thread ended with code ${code}`)));
  }

  /** Port on which standbys are served; undefined: none. */
  get replicationPort(): number | undefined {
    return this.#port;
  }

  /** What its thread tells, for another thread that follows it. */
  get signalMemory(): SharedArrayBuffer {
    return this.#front.signalMemory;
  }

  append(event: KernelEvent, commands: CommandList): number {
    return this.#front.append(event, commands);
  }

  /** Adds the settings that the records after it were made under, as `encodeOptions` gives them; returns its sequence. */
  appendOptions(payload: Uint8Array, tsInit: number): number {
    return this.#front.appendOptions(payload, tsInit);
  }

  get appended(): number {
    return this.#front.appended;
  }
  get written(): number {
    return this.#front.written;
  }
  get synced(): number {
    return this.#front.synced;
  }
  get acked(): number {
    return this.#front.acked;
  }
  get safe(): number {
    return this.#front.safe;
  }
  get backlogBytes(): number {
    return this.#front.backlogBytes;
  }
  get state(): JournalState {
    return this.#dead === undefined ? this.#front.state : JournalState.Failed;
  }
  get standbys(): number {
    return this.#front.standbys;
  }
  /** Bytes of records that no standby has. */
  get lagBytes(): number {
    return this.#front.signals.lagBytes;
  }
  /** For how long the oldest of those has been written, microseconds. */
  get lagUs(): number {
    return this.#front.signals.lagUs;
  }

  /** `callback` is told on this thread when the safe sequence has advanced to where someone {@link want}ed it or beyond. */
  onSafe(callback: (safe: number) => void): void {
    this.#onSafe = callback;
  }

  want(sequence: number): void {
    this.#front.want(sequence);
    if (this.#onSafe !== undefined && !this.#isListening) void this.#listen(sequence);
  }

  settle(): void {
    this.#front.settle();
  }

  /**
   * An orderly end: everything appended, and a seal with the kernel's `stateHash`, is durable when it resolves, and with a
   * connected standby as far as it gets in a second. Rejects when the journal cannot be written. `tsInit` in microseconds.
   */
  async close(stateHash: string, tsInit: number): Promise<void> {
    const seal = this.#front.appendSeal(stateHash, tsInit);
    const deadline = performance.now() + CLOSE_MS;
    while (this.synced < seal) {
      this.#front.settle();
      this.#front.want(seal);
      if (this.#dead !== undefined) throw this.#dead;
      if (this.#front.ring.broken || performance.now() > deadline) {
        await this.kill();
        throw new Error(`journal: ${seal - this.synced} records could not be written`);
      }
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    }
    this.#isClosing = true;
    const exit = once(this.#worker, 'exit');
    this.#tell({ type: 'close', standbyPatienceMs: STANDBY_PATIENCE_MS });
    await exit;
    this.#front.signals.hush();
  }

  /** Ends the thread where it stands: for a process that must not write another record. */
  async kill(): Promise<void> {
    this.#isClosing = true;
    await this.#worker.terminate();
    this.#front.signals.hush();
  }

  /** Waits until what is wanted is safe; one wait at a time serves all. */
  async #listen(first: number): Promise<void> {
    this.#isListening = true;
    let told = first - 1;
    const { signals } = this.#front;
    while (!this.#isClosing && this.#dead === undefined) {
      await signals.heard(() => this.safe > told);
      const { safe } = this;
      if (safe <= told) continue;
      told = safe;
      this.#onSafe?.(safe);
      if (safe >= this.#front.wanted) break;
    }
    this.#isListening = false;
  }

  #started(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (message: FromJournalThread): void => {
        if (message.type === 'started') resolve();
        else if (message.type === 'refused') reject(new Error(`journal: ${message.message}`));
        else return;
        this.#worker.off('message', settle);
      };
      this.#worker.on('message', settle);
      this.#worker.once('error', reject);
      this.#worker.once('exit', () => reject(this.#dead ?? new Error('journal: its thread ended')));
    });
  }

  #onMessage(message: FromJournalThread): void {
    switch (message.type) {
      case 'started':
        this.#port = message.port;
        break;
      case 'failure':
        this.#options.onFailure?.(message.message ?? undefined);
        break;
      case 'standby':
        this.#options.onStandby?.(message.node, message.isConnected, message.why);
        break;
      case 'refused':
      case 'closed':
        break;
      default:
        message satisfies never;
    }
  }

  #tell(message: ToJournalThread): void {
    this.#worker.postMessage(message);
    this.#front.signals.wake();
  }

  #died(error: Error): void {
    if (this.#dead !== undefined || this.#isClosing) return;
    this.#dead = error;
    this.#front.signals.hush();
    this.#options.onFailure?.(error.message);
  }
}
