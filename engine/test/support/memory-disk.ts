import type { JournalDisk, JournalFile } from '../../src/journal/index.js';

const SECTOR = 512;

export interface MemoryDiskOptions {
  /** Bytes all files may take together; a write beyond fails as on a full disk. Default: no limit. */
  readonly capacity?: number;
}

/** An error as the file system throws it. */
function systemError(code: string, what: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${what}`), { code });
}

/** What one file holds. */
class Content {
  /** As reads see it, and as a process that is killed leaves it. */
  live = new Uint8Array(0);
  /** As a loss of power leaves it at the least. */
  durable = new Uint8Array(0);
  /** Sectors in which the two may differ. */
  readonly dirty = new Set<number>();

  resize(size: number): void {
    const grown = new Uint8Array(size);
    grown.set(this.live.subarray(0, size));
    const first = Math.floor(Math.min(size, this.live.length) / SECTOR);
    const last = Math.ceil(Math.max(size, this.live.length) / SECTOR);
    for (let sector = first; sector < last; sector++) this.dirty.add(sector);
    this.live = grown;
  }

  sync(): void {
    if (this.durable.length === this.live.length) {
      for (const sector of this.dirty) {
        const from = sector * SECTOR;
        if (from < this.live.length) this.durable.set(this.live.subarray(from, from + SECTOR), from);
      }
    } else this.durable = this.live.slice();
    this.dirty.clear();
  }
}

/**
 * A disk in memory that keeps what an operating system promises and no more: what was written may be lost until it was
 * synced, each sector of 512 bytes by itself and in any order, the file's size too; names may be lost, latest first, until
 * the folder was synced. {@link crash} ends the process or the power; the same object is then the disk of the next run.
 */
export class MemoryDisk implements JournalDisk {
  readonly capacity: number;
  #names = new Map<string, Content>();
  /** The folder after each change since it was last synced, oldest first; the first is what is durable. */
  #folders: Map<string, Content>[] = [new Map()];
  #run = 0;
  /** Bytes of writes until the next fails; see {@link failWritesAfter}. */
  #fuse = Number.POSITIVE_INFINITY;
  #syncFuse = Number.POSITIVE_INFINITY;
  /** Calls that change the disk so far: a place to stop at. */
  operations = 0;
  /** Called before each call that changes the disk, with what it is; may throw, as a process that dies there. */
  onOperation: ((name: string) => void) | undefined;

  constructor(options: MemoryDiskOptions = {}) {
    this.capacity = options.capacity ?? Number.POSITIVE_INFINITY;
  }

  list(): string[] {
    return [...this.#names.keys()].sort();
  }

  open(name: string): JournalFile {
    const content = this.#names.get(name);
    if (content === undefined) throw systemError('ENOENT', `no such file: ${name}`);
    return this.#file(name, content);
  }

  create(name: string): JournalFile {
    this.#operation('create');
    if (this.#names.has(name)) throw systemError('EEXIST', `file exists: ${name}`);
    const content = new Content();
    this.#names.set(name, content);
    this.#changed();
    return this.#file(name, content);
  }

  rename(from: string, to: string): void {
    this.#operation('rename');
    const content = this.#names.get(from);
    if (content === undefined) throw systemError('ENOENT', `no such file: ${from}`);
    this.#names.delete(from);
    this.#names.set(to, content);
    this.#changed();
  }

  remove(name: string): void {
    this.#operation('remove');
    if (!this.#names.delete(name)) throw systemError('ENOENT', `no such file: ${name}`);
    this.#changed();
  }

  syncFolder(): void {
    this.#operation('syncFolder');
    this.#folders = [new Map(this.#names)];
  }

  freeBytes(): number {
    return Math.max(0, this.capacity - this.usedBytes());
  }

  usedBytes(): number {
    let bytes = 0;
    for (const { live } of this.#names.values()) bytes += live.length;
    return bytes;
  }

  /** The write that would pass `bytes` more bytes stops there with ENOSPC, and all after it; undefined: no longer. */
  failWritesAfter(bytes: number | undefined): void {
    this.#fuse = bytes ?? Number.POSITIVE_INFINITY;
  }

  /** The sync after `count` more, and all after it, fail with EIO; undefined: no longer. */
  failSyncsAfter(count: number | undefined): void {
    this.#syncFuse = count ?? Number.POSITIVE_INFINITY;
  }

  /** The process is killed: all that was written stays. Files it had open are of no more use. */
  kill(): void {
    this.#run++;
  }

  /**
   * The power is lost. `random` answers from 0 up to 1 and decides for each unsynced sector whether it reached the disk, and
   * how many of the unsynced names did.
   */
  crash(random: () => number): void {
    this.#run++;
    const kept = Math.floor(random() * this.#folders.length);
    this.#names = new Map(this.#folders[kept]);
    this.#folders = [new Map(this.#names)];
    for (const content of new Set(this.#names.values())) settle(content, random);
  }

  /** Bytes of a file as reads see them: to damage a copy of it, or to compare. */
  bytes(name: string): Uint8Array {
    const content = this.#names.get(name);
    if (content === undefined) throw systemError('ENOENT', `no such file: ${name}`);
    return content.live;
  }

  /** Puts a durable file in place, over any of that name. */
  put(name: string, bytes: Uint8Array): void {
    const content = new Content();
    content.live = Uint8Array.from(bytes);
    content.sync();
    this.#names.set(name, content);
    this.syncFolder();
  }

  #changed(): void {
    this.#folders.push(new Map(this.#names));
  }

  #operation(name: string): void {
    this.operations++;
    this.onOperation?.(name);
  }

  #file(name: string, content: Content): JournalFile {
    const run = this.#run;
    let isOpen = true;
    const alive = (): void => {
      if (!isOpen || run !== this.#run) throw systemError('EBADF', `not open: ${name}`);
    };
    return {
      name,
      get size(): number {
        alive();
        return content.live.length;
      },
      read: (into, at) => {
        alive();
        const chunk = content.live.subarray(at, at + into.length);
        into.set(chunk);
        return chunk.length;
      },
      write: (bytes, at) => {
        alive();
        this.#operation('write');
        const growth = Math.max(0, at + bytes.length - content.live.length);
        const fits = Math.min(
          bytes.length,
          this.#fuse,
          growth > this.freeBytes() ? bytes.length - (growth - this.freeBytes()) : bytes.length,
        );
        this.#fuse -= fits;
        if (at + fits > content.live.length) content.resize(at + fits);
        content.live.set(bytes.subarray(0, fits), at);
        for (let sector = Math.floor(at / SECTOR); sector * SECTOR < at + fits; sector++)
          content.dirty.add(sector);
        if (fits < bytes.length) throw systemError('ENOSPC', 'no space left on device, write');
      },
      sync: () => {
        alive();
        this.#operation('sync');
        if (this.#syncFuse <= 0) throw systemError('EIO', 'i/o error, fdatasync');
        this.#syncFuse--;
        content.sync();
      },
      truncate: (size) => {
        alive();
        this.#operation('truncate');
        content.resize(size);
      },
      close: () => {
        // Its number may be another file's by now.
        if (!isOpen) throw systemError('EBADF', `closed already: ${name}`);
        isOpen = false;
      },
    };
  }
}

/** Lets each unsynced sector and the size be what they were or what they became. */
function settle(content: Content, random: () => number): void {
  const { live, durable } = content;
  const size = random() < 0.5 ? live.length : durable.length;
  const settled = new Uint8Array(size);
  settled.set(durable.subarray(0, size));
  for (const sector of content.dirty) {
    const from = sector * SECTOR;
    if (from >= size || random() < 0.5) continue;
    settled.fill(0, from, Math.min(size, from + SECTOR));
    settled.set(live.subarray(from, Math.min(size, from + SECTOR)), from);
  }
  content.live = settled;
  content.sync();
}
