import { BinaryWriter, type CommandList, JournalState, type KernelEvent } from '../../domain/index.js';
import { RecordType } from '../segment-format.js';
import { JournalRing } from './journal-ring.js';
import { makeSignals, TradingSignals } from './journal-signals.js';

/** What an order waits for before it is sent. */
export type Durability = 'async' | 'fsync-before-send' | 'replicated-before-send';

/** The journal as the trading thread sees it. Sequences count records from 1; 0: none. */
export interface JournalPort {
  /** Adds an event with the commands it led to; returns its sequence. Never waits. */
  append(event: KernelEvent, commands: CommandList): number;
  /** Of the last record appended. */
  readonly appended: number;
  /** Of the last record with the operating system. */
  readonly written: number;
  /** Of the last record on the device. */
  readonly synced: number;
  /** Of the last record on the standby's device. */
  readonly acked: number;
  /** Of the last record whose commands may be sent. */
  readonly safe: number;
  /** Bytes appended and not yet written. */
  readonly backlogBytes: number;
  readonly state: JournalState;
  /** Standbys that are connected and hold the same history. */
  readonly standbys: number;
  /** Commands wait for `sequence`: it is made safe at once, and who listens is told. */
  want(sequence: number): void;
  /** To be called now and then: moves on what did not fit, which `append` else does with the next event. */
  settle(): void;
}

export interface JournalFrontOptions {
  readonly ringBytes: number;
  readonly spillBytes?: number | undefined;
  readonly durability: Durability;
  /** Sequence the journal continues after. */
  readonly start: number;
}

/** The trading thread's side of the journal: memory only. Another thread, or a test's loop, runs the pump over it. */
export class JournalFront implements JournalPort {
  readonly durability: Durability;
  readonly ring: JournalRing;
  readonly signalMemory: SharedArrayBuffer;
  readonly signals: TradingSignals;
  #appended: number;
  #wanted: number;

  constructor(options: JournalFrontOptions) {
    this.durability = options.durability;
    this.ring = new JournalRing({
      bytes: options.ringBytes,
      spillBytes: options.spillBytes,
      eventType: RecordType.Event,
    });
    this.signalMemory = makeSignals(options.start);
    this.signals = new TradingSignals(this.signalMemory, options.start);
    this.#appended = options.start;
    this.#wanted = options.start;
  }

  append(event: KernelEvent, commands: CommandList): number {
    this.ring.append(event, commands);
    return ++this.#appended;
  }

  /** Adds the settings that the records after it were made under, as `encodeOptions` gives them. */
  appendOptions(payload: Uint8Array, tsInit: number): number {
    this.ring.appendRaw(RecordType.Options, tsInit, payload);
    return ++this.#appended;
  }

  /** Adds an orderly end: the state hash of the kernel that applied everything before. */
  appendSeal(stateHash: string, tsInit: number): number {
    const payload = new BinaryWriter(64);
    payload.number(this.#appended + 1);
    payload.text(stateHash);
    this.ring.appendRaw(RecordType.Seal, tsInit, payload.bytes);
    return ++this.#appended;
  }

  get appended(): number {
    return this.#appended;
  }
  get written(): number {
    return this.signals.written;
  }
  get synced(): number {
    return this.signals.synced;
  }
  get acked(): number {
    return this.signals.acked;
  }

  /**
   * `replicated-before-send` waits for both devices: were only the standby's to have a record, a leader that lost it and
   * came back alone would not know of the order.
   */
  get safe(): number {
    if (this.durability === 'async') return this.#appended;
    const { synced } = this.signals;
    return this.durability === 'fsync-before-send' ? synced : Math.min(synced, this.signals.acked);
  }

  get backlogBytes(): number {
    return this.ring.pendingBytes;
  }

  /** Failed for good once a record was lost for want of memory. */
  get state(): JournalState {
    return this.ring.broken ? JournalState.Failed : this.signals.state;
  }

  get standbys(): number {
    return this.signals.standbys;
  }

  /** The last sequence given to {@link want}. */
  get wanted(): number {
    return this.#wanted;
  }

  want(sequence: number): void {
    this.#wanted = sequence;
    this.signals.want(sequence);
    this.signals.wake();
  }

  settle(): void {
    this.ring.settle();
  }
}
