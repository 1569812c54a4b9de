import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** What the file lease asks of a folder. Synchronous; each method is one call to the file system or a few harmless ones. */
export interface LeaseFolder {
  /** Names in it; none when it does not exist. */
  list(): readonly string[];
  /** A file's text; undefined when it does not exist. */
  read(name: string): string | undefined;
  /** Writes a new file whole; with `durable` its bytes survive a power cut. Makes the folder when it is not there. */
  create(name: string, text: string, durable: boolean): void;
  /** Gives the file a second name. False when that name is taken. */
  link(name: string, to: string): boolean;
  /** Removes the name; nothing happens when it is not there. */
  remove(name: string): void;
  /** The names survive a power cut. */
  sync(): void;
  /** Milliseconds since the file was written; 0 when it does not exist. Only ever used to sweep up. */
  ageMs(name: string): number;
}

/** A real folder. Throws the file system's errors. */
export class DiskLeaseFolder implements LeaseFolder {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  list(): readonly string[] {
    return unless('ENOENT', () => readdirSync(this.#path)) ?? [];
  }

  read(name: string): string | undefined {
    return unless('ENOENT', () => readFileSync(join(this.#path, name), 'utf8'));
  }

  create(name: string, text: string, durable: boolean): void {
    mkdirSync(this.#path, { recursive: true });
    const file = openSync(join(this.#path, name), 'wx');
    try {
      writeSync(file, text);
      if (durable) fdatasyncSync(file);
    } finally {
      closeSync(file);
    }
  }

  link(name: string, to: string): boolean {
    const linked = unless('EEXIST', () => {
      linkSync(join(this.#path, name), join(this.#path, to));
      return true;
    });
    return linked ?? false;
  }

  remove(name: string): void {
    rmSync(join(this.#path, name), { force: true });
  }

  sync(): void {
    const folder = openSync(this.#path, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }

  ageMs(name: string): number {
    const written = unless('ENOENT', () => statSync(join(this.#path, name)).mtimeMs);
    return written === undefined ? 0 : Date.now() - written;
  }
}

function unless<T>(expected: string, call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === expected) return undefined;
    throw error;
  }
}
