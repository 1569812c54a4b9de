import { type JournalDisk, type JournalFile, parseSegmentName } from '../engine.js';

/**
 * The segments that retention has taken from one node's disk, so that its history can still be replayed from the first
 * record: what somebody who must keep everything has in a store of his own.
 */
export class Archive {
  readonly #segments = new Map<string, Uint8Array>();

  keep(name: string, bytes: Uint8Array): void {
    this.#segments.set(name, bytes);
  }

  /** Records after `sequence` are not the history any more. */
  takeBack(sequence: number): void {
    for (const name of this.#segments.keys()) {
      if (parseSegmentName(name)!.firstSequence > sequence) this.#segments.delete(name);
    }
  }

  /** A disk together with what was taken from it, to be read. */
  over(disk: JournalDisk): JournalDisk {
    const segments = this.#segments;
    if (segments.size === 0) return disk;
    const readOnly = () => {
      throw new Error('chaos: an archive is only read');
    };
    return {
      list: () => [...new Set([...segments.keys(), ...disk.list()])].sort(),
      open: (name) =>
        disk.list().includes(name) ? disk.open(name) : new ArchivedFile(name, segments.get(name)!),
      ...{ create: readOnly, rename: readOnly, remove: readOnly, syncFolder: readOnly },
      freeBytes: () => 0,
    };
  }
}

class ArchivedFile implements JournalFile {
  readonly name: string;
  readonly #bytes: Uint8Array;

  constructor(name: string, bytes: Uint8Array) {
    this.name = name;
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#bytes.length;
  }

  read(into: Uint8Array, at: number): number {
    const part = this.#bytes.subarray(at, at + into.length);
    into.set(part);
    return part.length;
  }

  write(): never {
    throw new Error('chaos: an archive is only read');
  }
  sync(): void {}
  truncate(): never {
    throw new Error('chaos: an archive is only read');
  }
  close(): void {}
}
