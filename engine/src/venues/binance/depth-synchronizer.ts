import { BookFault, type BookUpdate } from '../../domain/index.js';
import { DeltaBuffer } from './delta-buffer.js';

/** Where one symbol's book stands. */
export const SyncState = {
  /** Not connected. */
  Idle: 0,
  /** Deltas are buffered until a snapshot they join on to has come. */
  Buffering: 1,
  /** Every delta is applied as it comes. */
  Synced: 2,
} as const;
export type SyncState = (typeof SyncState)[keyof typeof SyncState];

/** What a {@link DepthSynchronizer} decides, called while it is being told something. */
export interface DepthSink {
  /**
   * A snapshot, or a delta whose `firstId` has been set to the id after the last one, so that consecutive updates join
   * without a hole. The struct is valid during the call alone.
   */
  onBook(update: BookUpdate): void;
  /** The book is no longer to be trusted. NONE: it is being built for the first time. */
  onFault(instrument: number, fault: BookFault): void;
  /**
   * A delta was not used: already contained in the book, or in the snapshot. `repeated`: the stream itself told it, or a
   * later one, before.
   */
  onDropped?(instrument: number, repeated: boolean): void;
}

export interface SyncLimits {
  /** Wait before the second snapshot of a run of failures, doubling from there up to `maxDelayUs`. */
  readonly minDelayUs: number;
  readonly maxDelayUs: number;
  /** After this many snapshots in a row that did not hold, SNAPSHOT_FAILED is told; trying goes on at `maxDelayUs`. */
  readonly maxAttempts: number;
  /** A book that holds this long ends a run of failures. */
  readonly stableUs: number;
  readonly maxBufferedDeltas: number;
  readonly maxBufferedLevels: number;
}

export const DEFAULT_SYNC_LIMITS: SyncLimits = {
  minDelayUs: 250_000,
  maxDelayUs: 30_000_000,
  maxAttempts: 6,
  stableUs: 10_000_000,
  maxBufferedDeltas: 4096,
  maxBufferedLevels: 500_000,
};

/**
 * Keeps one symbol's book in step with the venue: the documented procedure of a buffered diff stream joined to a REST
 * snapshot. Pure: time is passed in, and asking for a snapshot is left to the caller ({@link snapshotDueUs},
 * {@link takeRequest}).
 *
 * Spot (web-socket-streams.md, "How to manage a local order book correctly"): a delta covers ids U..u; it is old when
 * u <= the book's id and leaves a gap when U > that id + 1. Futures: a delta names the event before it (pu); after a
 * snapshot the first one used has pu <= its id < u (which includes the documented U <= id <= u), from then on pu must be
 * exactly the last u.
 *
 * A snapshot replaces the book. It is refused as stale when the deltas in hand do not reach back to it, or when it is
 * older than what the book had already shown. After a gap the delta that revealed it is the first one buffered.
 */
export class DepthSynchronizer {
  readonly #instrument: number;
  readonly #sink: DepthSink;
  readonly #limits: SyncLimits;
  readonly #buffer: DeltaBuffer;
  #state: SyncState = SyncState.Idle;
  #lastId = 0;
  /** The next delta is the first after a snapshot. */
  #bridging = false;
  /** A snapshot older than this would take the book back in time. */
  #floor = 0;
  /** Snapshots asked for since the book last held. */
  #attempts = 0;
  #dueUs = Number.POSITIVE_INFINITY;
  /** Number of the request whose answer is awaited, 0 = none. Answers to older ones are ignored. */
  #ticket = 0;
  #lastTicket = 0;
  #syncedUs = 0;

  constructor(instrument: number, sink: DepthSink, limits: SyncLimits = DEFAULT_SYNC_LIMITS) {
    this.#instrument = instrument;
    this.#sink = sink;
    this.#limits = limits;
    this.#buffer = new DeltaBuffer(limits.maxBufferedDeltas, limits.maxBufferedLevels);
  }

  get state(): SyncState {
    return this.#state;
  }

  /** Id of the last update that was passed on. */
  get lastId(): number {
    return this.#lastId;
  }

  /** When a snapshot is to be asked for, in the caller's time; infinite when none is wanted or one is under way. */
  get snapshotDueUs(): number {
    return this.#dueUs;
  }

  /** The stream is open: deltas will come. Update ids may have restarted since the last connection. */
  start(nowUs: number): void {
    this.#state = SyncState.Idle;
    this.#floor = 0;
    this.#attempts = 0;
    this.#rebuild(BookFault.NONE, nowUs);
  }

  /** The stream is gone. */
  stop(): void {
    const wasIdle = this.#state === SyncState.Idle;
    this.#state = SyncState.Idle;
    this.#buffer.clear();
    this.#ticket = 0;
    this.#dueUs = Number.POSITIVE_INFINITY;
    if (!wasIdle) this.#sink.onFault(this.#instrument, BookFault.DISCONNECTED);
  }

  /** Something outside broke the book: a frame that could not be decoded, a crossed book, a disagreeing top. */
  invalidate(fault: BookFault, nowUs: number): void {
    if (this.#state === SyncState.Idle) return;
    this.#rebuild(fault, nowUs);
  }

  /** Claims the due request; the number returned goes with its answer. Call when {@link snapshotDueUs} has come. */
  takeRequest(): number {
    this.#dueUs = Number.POSITIVE_INFINITY;
    this.#attempts++;
    this.#ticket = ++this.#lastTicket;
    return this.#ticket;
  }

  /** The answer to request `ticket`. */
  onSnapshot(ticket: number, snapshot: BookUpdate, nowUs: number): void {
    if (ticket !== this.#ticket || this.#state !== SyncState.Buffering) return;
    this.#ticket = 0;
    const { first } = this.#buffer;
    const joins = first === undefined || reaches(first.update, first.previousId, snapshot.lastId);
    if (snapshot.lastId < this.#floor || !joins) {
      this.#retry(nowUs);
      return;
    }
    this.#state = SyncState.Synced;
    this.#syncedUs = nowUs;
    this.#lastId = snapshot.lastId;
    this.#bridging = true;
    const deltas = this.#buffer.drain();
    this.#sink.onBook(snapshot);
    // The sink may find fault with what it is given: then the rest waits for the next snapshot.
    for (const { update, previousId } of deltas) this.onDelta(update, previousId, nowUs);
  }

  /** Request `ticket` failed: refused, timed out, or not to be decoded. */
  onSnapshotFailed(ticket: number, nowUs: number): void {
    if (ticket !== this.#ticket || this.#state !== SyncState.Buffering) return;
    this.#ticket = 0;
    this.#retry(nowUs);
  }

  /** A decoded depth event. `firstId` of the struct is changed when it is passed on. */
  onDelta(update: BookUpdate, previousId: number, nowUs: number): void {
    if (this.#state === SyncState.Synced) this.#advance(update, previousId, nowUs);
    else if (this.#state === SyncState.Buffering) this.#hold(update, previousId);
    else this.#sink.onDropped?.(this.#instrument, false);
  }

  #advance(update: BookUpdate, previousId: number, nowUs: number): void {
    if (update.lastId <= this.#lastId) {
      this.#sink.onDropped?.(this.#instrument, !this.#bridging);
      return;
    }
    const follows =
      previousId >= 0 && !this.#bridging
        ? previousId === this.#lastId
        : reaches(update, previousId, this.#lastId);
    if (!follows) {
      this.#rebuild(BookFault.SEQUENCE_GAP, nowUs);
      this.#hold(update, previousId);
      return;
    }
    update.firstId = this.#lastId + 1;
    this.#lastId = update.lastId;
    this.#bridging = false;
    this.#sink.onBook(update);
  }

  #hold(update: BookUpdate, previousId: number): void {
    const { lastId } = this.#buffer;
    if (lastId >= 0) {
      if (update.lastId <= lastId) {
        this.#sink.onDropped?.(this.#instrument, true);
        return;
      }
      const follows = previousId >= 0 ? previousId === lastId : update.firstId <= lastId + 1;
      // A hole: nothing before it can be used any more.
      if (!follows) this.#buffer.clear();
    }
    this.#buffer.push(update, previousId);
  }

  /**
   * Starts over from a snapshot that is yet to be asked for; a request under way is not waited for, but one that is
   * planned stays when it is: faults that keep coming must not put it off for ever.
   */
  #rebuild(fault: BookFault, nowUs: number): void {
    const planned = this.#state === SyncState.Buffering && this.#dueUs < Number.POSITIVE_INFINITY;
    if (this.#state === SyncState.Synced) {
      this.#floor = this.#lastId;
      if (nowUs - this.#syncedUs >= this.#limits.stableUs) this.#attempts = 0;
    }
    this.#state = SyncState.Buffering;
    this.#buffer.clear();
    this.#ticket = 0;
    if (!planned) this.#dueUs = nowUs + this.#delayUs();
    this.#sink.onFault(this.#instrument, fault);
  }

  #retry(nowUs: number): void {
    this.#dueUs = nowUs + this.#delayUs();
    if (this.#attempts === this.#limits.maxAttempts) {
      // Nothing joins: believe neither what was shown nor what is buffered (the venue may have renumbered).
      this.#floor = 0;
      this.#buffer.clear();
      this.#sink.onFault(this.#instrument, BookFault.SNAPSHOT_FAILED);
    }
  }

  #delayUs(): number {
    if (this.#attempts === 0) return 0;
    const { minDelayUs, maxDelayUs } = this.#limits;
    return Math.min(maxDelayUs, minDelayUs * 2 ** Math.min(this.#attempts - 1, 40));
  }
}

/** Whether an event covers everything after `id`: nothing lies between it and a book standing there. */
function reaches(update: BookUpdate, previousId: number, id: number): boolean {
  return previousId >= 0 ? previousId <= id : update.firstId <= id + 1;
}
