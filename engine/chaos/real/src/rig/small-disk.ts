import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Children, findProgram } from './children.js';

const CHUNK = Buffer.alloc(1 << 20, 0x55);

/** A file system of its own in memory, to be filled up and relieved. */
export class SmallDisk {
  readonly unmount: () => void;
  readonly #ballast: string;

  /** Why there can be none here; undefined when there can. */
  static missing(folder: string): string | undefined {
    if (process.getuid?.() !== 0) return 'needs root';
    if (findProgram('mount') === undefined) return 'needs mount';
    const probe = join(folder, 'probe');
    mkdirSync(probe, { recursive: true });
    const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', probe]);
    if (status !== 0) return `tmpfs can not be mounted: ${String(stderr).trim()}`;
    spawnSync('umount', [probe]);
    return undefined;
  }

  constructor(children: Children, folder: string, megabytes: number) {
    this.#ballast = join(folder, 'ballast');
    mkdirSync(folder, { recursive: true });
    const { status, stderr } = spawnSync('mount', [
      '-t',
      'tmpfs',
      '-o',
      `size=${megabytes}m`,
      'tmpfs',
      folder,
    ]);
    if (status !== 0) throw new Error(`mount ${folder}: ${String(stderr).trim()}`);
    this.unmount = children.removal(() => spawnSync('umount', ['-l', folder]));
  }

  /** Leaves no byte. */
  fill(): void {
    const file = openSync(this.#ballast, 'a');
    try {
      for (let size = CHUNK.length; size >= 1; ) {
        try {
          if (writeSync(file, CHUNK, 0, size) < size) size >>= 1;
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
          size >>= 1;
        }
      }
    } finally {
      closeSync(file);
    }
  }

  relieve(): void {
    rmSync(this.#ballast, { force: true });
  }
}
