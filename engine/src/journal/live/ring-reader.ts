import { RING_HEADER_BYTES, RING_READ, RING_RECORD_BYTES, RING_WRITTEN, recordWords } from './ring-layout.js';

/** A record taken out of the ring. Reused: valid until the next one is taken. */
export interface RingRecord {
  type: number;
  tsInit: number;
  /** Valid until the record is released. */
  payload: Uint8Array;
}

/**
 * The journal thread's end of the ring. Records are taken first and released later, once they are in safe hands: until
 * then their bytes stay where they are.
 */
export class JournalRingReader {
  readonly #counters: Int32Array;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #record: RingRecord = { type: 0, tsInit: 0, payload: new Uint8Array(0) };
  #taken: number;

  constructor(buffer: SharedArrayBuffer) {
    this.#counters = new Int32Array(buffer, 0, RING_HEADER_BYTES / 4);
    this.#words = new Int32Array(buffer, RING_HEADER_BYTES);
    this.#bytes = new Uint8Array(buffer, RING_HEADER_BYTES);
    this.#view = new DataView(buffer, RING_HEADER_BYTES);
    this.#taken = Atomics.load(this.#counters, RING_READ);
  }

  /** Whether everything written has been taken. */
  get isEmpty(): boolean {
    return Atomics.load(this.#counters, RING_WRITTEN) === this.#taken;
  }

  /** The next record; undefined when there is none yet. */
  take(): RingRecord | undefined {
    if (this.isEmpty) return undefined;
    const mask = this.#words.length - 1;
    const at = this.#taken;
    const length = this.#words[at & mask]!;
    const record = this.#record;
    record.type = this.#words[(at + 1) & mask]!;
    record.tsInit = this.#double((at + 2) & mask, (at + 3) & mask);
    record.payload = this.#span((at & mask) * 4 + RING_RECORD_BYTES, length);
    this.#taken = (at + recordWords(length)) | 0;
    return record;
  }

  /** Gives the room of everything taken back to the writer. */
  release(): void {
    Atomics.store(this.#counters, RING_READ, this.#taken);
  }

  #double(low: number, high: number): number {
    if (high > low) return this.#view.getFloat64(low * 4, true);
    const joined = new DataView(new ArrayBuffer(8));
    joined.setInt32(0, this.#words[low]!, true);
    joined.setInt32(4, this.#words[high]!, true);
    return joined.getFloat64(0, true);
  }

  /** Bytes of the ring from `from`, which may lie past its end; a copy when they run over it. */
  #span(from: number, length: number): Uint8Array {
    const size = this.#bytes.length;
    const start = from % size;
    if (start + length <= size) return this.#bytes.subarray(start, start + length);
    const copy = new Uint8Array(length);
    copy.set(this.#bytes.subarray(start), 0);
    copy.set(this.#bytes.subarray(0, start + length - size), size - start);
    return copy;
  }
}
