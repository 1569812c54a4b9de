import { type JournalDisk, type JournalFile, parseSegmentName } from '../engine.js';
import type { MountedDisk } from '../simulated-disk.js';

/** What the chores of a journal's folder do to it. */
export interface ChoreWatcher {
  /** Called before each call that leaves a trace: what all of it is for. */
  onTask(task: string): void;
  /** A compressed segment took the place of the original. */
  onCompressed(): void;
  /** A crash has left half of one. */
  onLeftover(): void;
  /** A segment goes for good; these are its bytes. */
  onDelete(name: string, bytes: Uint8Array): void;
}

/** The folder as `FolderChores` has it: tells compression from deletion, and what becomes of the segments. */
export class ChoreDisk implements JournalDisk {
  readonly #disk: MountedDisk;
  readonly #watcher: ChoreWatcher;

  constructor(disk: MountedDisk, watcher: ChoreWatcher) {
    this.#disk = disk;
    this.#watcher = watcher;
  }

  list(): string[] {
    return this.#disk.list();
  }

  open(name: string): JournalFile {
    return this.#disk.open(name);
  }

  create(name: string): JournalFile {
    this.#watcher.onTask('compressing');
    return this.#disk.create(name);
  }

  rename(from: string, to: string): void {
    this.#disk.rename(from, to);
    this.#watcher.onCompressed();
  }

  remove(name: string): void {
    const segment = parseSegmentName(name);
    if (segment === undefined) {
      this.#watcher.onTask('compressing');
      this.#watcher.onLeftover();
    } else {
      const twin = segment.compressed ? name.slice(0, -'.gz'.length) : `${name}.gz`;
      const isTwice = this.#disk.list().includes(twin);
      // The original of a compressed one is removed by compression; of both, retention begins with the other.
      this.#watcher.onTask(isTwice && !segment.compressed ? 'compressing' : 'deleting');
      if (!isTwice) this.#watcher.onDelete(name, bytesOf(this.#disk.open(name)));
    }
    this.#disk.remove(name);
  }

  syncFolder(): void {
    this.#disk.syncFolder();
  }

  freeBytes(): number {
    return this.#disk.freeBytes();
  }
}

function bytesOf(file: JournalFile): Uint8Array {
  const bytes = new Uint8Array(file.size);
  file.read(bytes, 0);
  return bytes;
}
