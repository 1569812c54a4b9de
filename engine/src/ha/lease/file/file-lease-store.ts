import type { LeaseRow } from '../lease-row.js';
import type { LeaseStore, WriteOutcome } from '../lease-store.js';
import { decodeLeaseRow, encodeLeaseRow } from '../row-text.js';
import { DiskLeaseFolder, type LeaseFolder } from './lease-folder.js';

/** So many versions stay: a writer that stood still for a moment finds its name taken, and a reader finds its file. */
const KEPT = 8;
/** A draft of a process that died. */
const STALE_DRAFT_MS = 60_000;
const READ_TRIES = 16;
const NAME = /^lease\.([1-9]\d{0,15})$/;
const DRAFT = 'draft.';

/**
 * The lease as one file per version, `lease.<version>`; the highest is the row. To write is to link a file that is already
 * whole to the next name: of two who try only one succeeds, and a process killed anywhere leaves the old row or the new
 * one. There is no lock that a dead process could hold.
 *
 * A writer that stood still between its look and its link could link a version that was swept long ago. It then finds a
 * higher one beside it, which stays the row, and answers `unknown`: either its file came too late, or it was the row and
 * was replaced at once.
 *
 * What survives a power cut: each change of epoch or holder. Renewals are not forced to the disk, which may take long; a
 * version that the cut left unreadable stands for the last readable one, whose time has run out by then.
 *
 * Calls are synchronous: a disk that hangs holds up the calling thread, the lease's own, and the permission runs out. Both
 * sides must see one local file system; a network file system promises too little.
 */
export class FileLeaseStore implements LeaseStore {
  readonly #folder: LeaseFolder;
  readonly #path: string;
  readonly #draft: string;
  #drafts = 0;
  #seen: LeaseRow | undefined;
  /** The last version that this store made durable; it stays until a later one is. */
  #durable: number | undefined;

  /** `unique` tells the drafts of two stores apart. */
  constructor(path: string, unique: string, folder: LeaseFolder = new DiskLeaseFolder(path)) {
    this.#path = path;
    this.#folder = folder;
    this.#draft = `${DRAFT}${unique}`;
  }

  async read(): Promise<LeaseRow | undefined> {
    return this.readNow();
  }

  async write(row: LeaseRow, expected: number | undefined): Promise<WriteOutcome> {
    return this.writeNow(row, expected);
  }

  /** {@link read}, which waits for nothing. */
  readNow(): LeaseRow | undefined {
    for (let attempt = 0; attempt < READ_TRIES; attempt += 1) {
      const row = this.#look();
      if (row !== 'moved') {
        this.#seen = row;
        return row;
      }
    }
    throw new Error(`${this.#path} changed at each of ${READ_TRIES} looks`);
  }

  /** {@link write}, which waits for nothing. */
  writeNow(row: LeaseRow, expected: number | undefined): WriteOutcome {
    const version = (expected ?? 0) + 1;
    if (row.version !== version) throw new RangeError(`version ${row.version} does not follow ${expected}`);
    let draft: string | undefined;
    try {
      if (versions(this.#folder.list())[0] !== expected) return { kind: 'conflict' };
      const durable = row.epoch !== this.#seen?.epoch || row.holder !== this.#seen.holder;
      this.#drafts += 1;
      draft = `${this.#draft}.${this.#drafts}`;
      this.#folder.create(draft, encodeLeaseRow(row), durable);
      if (!this.#folder.link(draft, `lease.${version}`)) return { kind: 'conflict' };
      const highest = versions(this.#folder.list())[0];
      if (highest !== version) {
        return { kind: 'unknown', error: `version ${highest} came before or right after ${version}` };
      }
      if (durable) {
        this.#folder.sync();
        this.#durable = version;
      }
      this.#seen = row;
      return { kind: 'stored' };
    } catch (error) {
      return { kind: 'unknown', error: `${this.#path}: ${(error as Error).message}` };
    } finally {
      this.#sweep(version, draft);
    }
  }

  /** The row; `moved` when a file went away meanwhile. */
  #look(): LeaseRow | 'moved' | undefined {
    const found = versions(this.#folder.list());
    const [highest] = found;
    if (highest === undefined) return undefined;
    let damaged: unknown;
    for (const version of found) {
      const text = this.#folder.read(`lease.${version}`);
      if (text === undefined) return 'moved';
      try {
        return { ...decodeLeaseRow(text, `${this.#path}/lease.${version}`), version: highest };
      } catch (error) {
        damaged ??= error;
      }
    }
    throw damaged;
  }

  /** Removes what nobody needs. What fails here is tried again with the next write. */
  #sweep(version: number, draft: string | undefined): void {
    try {
      if (draft !== undefined) this.#folder.remove(draft);
      if (this.#durable === undefined || version % KEPT !== 0) return;
      const names = this.#folder.list();
      for (const old of versions(names).slice(KEPT)) {
        if (old !== this.#durable) this.#folder.remove(`lease.${old}`);
      }
      for (const name of names) {
        if (name.startsWith(DRAFT) && this.#folder.ageMs(name) > STALE_DRAFT_MS) this.#folder.remove(name);
      }
    } catch {
      // The outcome of the write stands.
    }
  }
}

/** Versions in a folder, highest first. */
function versions(names: readonly string[]): number[] {
  const found: number[] = [];
  for (const name of names) {
    const match = NAME.exec(name);
    if (match !== null) found.push(Number(match[1]));
  }
  return found.sort((a, b) => b - a);
}
