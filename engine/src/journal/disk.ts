import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statfsSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** One open file. Offsets and sizes in bytes. Every method is synchronous and throws the file system's own errors. */
export interface JournalFile {
  readonly name: string;
  /** As it is now: another process may be appending. */
  readonly size: number;
  /** Fills `into` from `at` on, as far as the file goes; returns how many bytes that were. */
  read(into: Uint8Array, at: number): number;
  /** Writes all of `bytes`; the file grows as needed. */
  write(bytes: Uint8Array, at: number): void;
  /** Contents and size are on the device when it returns (fdatasync). */
  sync(): void;
  truncate(size: number): void;
  close(): void;
}

/** A folder of files without subfolders: all that the journal asks of an operating system, so that tests can take its place. */
export interface JournalDisk {
  /** Names in the folder, sorted. */
  list(): string[];
  /** Throws ENOENT when there is none. */
  open(name: string): JournalFile;
  /** Throws EEXIST when there is one. */
  create(name: string): JournalFile;
  /** Replaces `to`, in one step. */
  rename(from: string, to: string): void;
  remove(name: string): void;
  /** Names made, changed and removed so far survive a loss of power when it returns. */
  syncFolder(): void;
  freeBytes(): number;
}

/** A real folder, which must exist. Blocks its thread: for a worker, a start and the command line. */
export class FolderDisk implements JournalDisk {
  readonly path: string;
  readonly #readOnly: boolean;

  /** `readOnly`: files are opened for reading, as someone who only looks should. */
  constructor(path: string, options: { readonly readOnly?: boolean } = {}) {
    this.path = path;
    this.#readOnly = options.readOnly ?? false;
  }

  list(): string[] {
    return readdirSync(this.path).sort();
  }

  open(name: string): JournalFile {
    return new FolderFile(name, openSync(join(this.path, name), this.#readOnly ? 'r' : 'r+'));
  }

  create(name: string): JournalFile {
    return new FolderFile(name, openSync(join(this.path, name), 'wx+', 0o640));
  }

  rename(from: string, to: string): void {
    renameSync(join(this.path, from), join(this.path, to));
  }

  remove(name: string): void {
    unlinkSync(join(this.path, name));
  }

  syncFolder(): void {
    const folder = openSync(this.path, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }

  freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }
}

class FolderFile implements JournalFile {
  readonly name: string;
  readonly #descriptor: number;

  constructor(name: string, descriptor: number) {
    this.name = name;
    this.#descriptor = descriptor;
  }

  get size(): number {
    return fstatSync(this.#descriptor).size;
  }

  read(into: Uint8Array, at: number): number {
    let done = 0;
    while (done < into.length) {
      const read = readSync(this.#descriptor, into, done, into.length - done, at + done);
      if (read === 0) break;
      done += read;
    }
    return done;
  }

  write(bytes: Uint8Array, at: number): void {
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.#descriptor, bytes, done, bytes.length - done, at + done);
    }
  }

  sync(): void {
    fdatasyncSync(this.#descriptor);
  }

  truncate(size: number): void {
    ftruncateSync(this.#descriptor, size);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
