import { compressSegment, nextToCompress } from '../compression.js';
import type { JournalDisk } from '../disk.js';
import { deleteOldSegments } from '../retention.js';
import { neededByRecovery } from '../snapshot-file.js';

const EVERY_US = 1_000_000;
/** What waits for so long has its turn beside other work: one slice of a millisecond or two. */
const SLICE_LATE_US = 10_000;
const LOOK_LATE_US = 1_000_000;

export interface FolderChoresOptions {
  readonly disk: JournalDisk;
  readonly retainBytes: number;
  readonly compress: boolean;
  /** The oldest sequence a connected standby still has to read; Infinity: all of them have everything. */
  readonly neededByStandby: () => number;
  /** Looks for something to do this often, microseconds; default 1,000,000. */
  readonly everyUs?: number;
}

/** Keeps the journal's folder small, in small steps between commits: compresses closed segments, deletes the oldest. */
export class FolderChores {
  readonly #options: FolderChoresOptions;
  #compression: Generator<void, void, undefined> | undefined;
  readonly #refused = new Set<string>();
  #compressing = '';
  #nextUs = 0;
  #slicedUs = 0;
  #error: Error | undefined;

  constructor(options: FolderChoresOptions) {
    this.#options = options;
  }

  /** The last thing that went wrong; the journal does not depend on any of it. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Whether a thread that is never idle should {@link step} all the same: a busy engine needs its room back, too. */
  isOverdue(nowUs: number): boolean {
    if (this.#compression !== undefined) return nowUs >= this.#slicedUs + SLICE_LATE_US;
    return nowUs >= this.#nextUs + LOOK_LATE_US;
  }

  /** Does a millisecond or two of work, if there is any; true when there is more. */
  step(nowUs: number): boolean {
    this.#slicedUs = nowUs;
    try {
      if (this.#compression !== undefined) {
        if (this.#compression.next().done === true) this.#compression = undefined;
        return true;
      }
      if (nowUs < this.#nextUs) return false;
      this.#nextUs = nowUs + (this.#options.everyUs ?? EVERY_US);
      return this.#begin();
    } catch (error) {
      this.#error = error as Error;
      // Not again in this process: a full disk or a damaged segment is told of by those who have to act.
      if (this.#compression !== undefined) this.#refused.add(this.#compressing);
      this.#compression = undefined;
      return false;
    }
  }

  /** Leaves a segment that is being compressed as it was. */
  close(): void {
    const compression = this.#compression;
    this.#compression = undefined;
    try {
      compression?.return();
    } catch (error) {
      // The half that was made: whoever compresses that segment next begins by removing it.
      this.#error = error as Error;
    }
  }

  #begin(): boolean {
    const { disk, retainBytes, compress, neededByStandby } = this.#options;
    deleteOldSegments(disk, { retainBytes, needed: Math.min(neededByRecovery(disk), neededByStandby()) });
    const segment = compress ? nextToCompress(disk, this.#refused) : undefined;
    if (segment === undefined) return false;
    this.#compressing = segment.name;
    this.#compression = compressSegment(disk, segment);
    return true;
  }
}
