import {
  crc32c,
  type JournalDisk,
  type JournalPosition,
  type JournalRecord,
  listSegments,
  openSegment,
  readJournal,
  SegmentReader,
} from '../../journal/index.js';

/** Where the last segment that begins no later than the record after `sequence` begins; undefined when there is none. */
export function segmentStart(disk: JournalDisk, sequence: number): JournalPosition | undefined {
  const segment = listSegments(disk).findLast(({ firstSequence }) => firstSequence <= sequence + 1);
  if (segment === undefined) return undefined;
  const file = openSegment(disk, segment);
  try {
    const { firstSequence, chain } = new SegmentReader(file).header;
    // Whose epoch the record before was the header does not say.
    return { sequence: firstSequence - 1, epoch: 0, chain };
  } finally {
    file.close();
  }
}

/**
 * Reads a journal in slices small enough to come between two commits of the thread that writes it. Ends where the journal
 * ends when it gets there: what is written later it does not see.
 */
export class JournalCursor {
  readonly #records: Generator<JournalRecord, void, undefined>;
  #position: JournalPosition;
  #slice = new Uint8Array(0);

  /** Begins with the record after `start`, which a segment must begin with. */
  constructor(disk: JournalDisk, start: JournalPosition) {
    this.#position = start;
    this.#records = readJournal(disk, { from: start.sequence + 1 });
  }

  /** After the last record read. */
  get position(): JournalPosition {
    return this.#position;
  }

  /**
   * Reads on to record `sequence`, over at most about `bytes` bytes. True once it is there; throws a RangeError when the
   * journal ends before.
   */
  seek(sequence: number, bytes: number): boolean {
    for (let left = bytes; left > 0 && this.#position.sequence < sequence; ) {
      const record = this.#next();
      if (record === undefined) throw new RangeError(`the journal ends before record ${sequence}`);
      left -= record.length;
    }
    return this.#position.sequence >= sequence;
  }

  /** The next records, whole, of at least `bytes` bytes while there are so many; undefined at the end. Valid until the next call. */
  read(bytes: number): Uint8Array | undefined {
    let length = 0;
    while (length < bytes) {
      const record = this.#next();
      if (record === undefined) break;
      if (length + record.length > this.#slice.length) {
        const grown = new Uint8Array(Math.max(length + record.length, this.#slice.length * 2, bytes));
        grown.set(this.#slice.subarray(0, length));
        this.#slice = grown;
      }
      this.#slice.set(record, length);
      length += record.length;
    }
    return length === 0 ? undefined : this.#slice.subarray(0, length);
  }

  /** Closes the file it reads. */
  close(): void {
    this.#records.return();
  }

  #next(): Uint8Array | undefined {
    const { value: record } = this.#records.next();
    if (record === undefined) return undefined;
    const { bytes, sequence, epoch } = record;
    this.#position = { sequence, epoch, chain: crc32c(bytes, 0, 4, this.#position.chain) };
    return bytes;
  }
}
