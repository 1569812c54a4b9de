import type { JournalDisk, JournalFile } from '../../journal/index.js';
import { MessageKind, type SnapshotPart } from './messages.js';

const PART_BYTES = 256 * 1024;

/** A snapshot's file in parts. */
export class SnapshotSender {
  readonly #file: JournalFile;
  readonly #size: number;
  #offset = 0;
  #isDone = false;

  constructor(disk: JournalDisk, name: string) {
    this.#file = disk.open(name);
    this.#size = this.#file.size;
  }

  /** The next part; undefined after the last. An empty file is one empty part. */
  next(): SnapshotPart | undefined {
    if (this.#isDone) return undefined;
    const bytes = new Uint8Array(Math.min(PART_BYTES, this.#size - this.#offset));
    if (this.#file.read(bytes, this.#offset) < bytes.length) {
      throw new RangeError(`${this.#file.name} is shorter than it was`);
    }
    const part = {
      kind: MessageKind.Snapshot,
      name: this.#file.name,
      size: this.#size,
      offset: this.#offset,
      bytes,
    };
    this.#offset += bytes.length;
    this.#isDone = this.#offset === this.#size;
    return part;
  }

  close(): void {
    this.#file.close();
  }
}
