import { crc32c } from '../../journal/index.js';
import { ReplicationError } from './replication-error.js';

/**
 * A frame, little-endian: u32 length of the body, u32 CRC-32C of the body, body. The checksum is against faults of network
 * and memory, not against an attacker: for that the connection has to be a private one.
 */
export const FRAME_HEAD_BYTES = 8;

/** Wraps `parts`, one after the other, in a frame of its own memory. */
export function makeFrame(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const frame = new Uint8Array(FRAME_HEAD_BYTES + length);
  let at = FRAME_HEAD_BYTES;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  const view = new DataView(frame.buffer);
  view.setUint32(0, length, true);
  view.setUint32(4, crc32c(frame, FRAME_HEAD_BYTES), true);
  return frame;
}

/**
 * Cuts a stream of bytes into the bodies of its frames. Memory grows with what has arrived, never with what a frame says of
 * itself. Throws a {@link ReplicationError} for anything that is no frame; the stream is of no use after that.
 */
export class FrameDecoder {
  /** The largest body that is taken. May be raised once the other side has proven who it is. */
  limit: number;
  #buffer = new Uint8Array(1 << 16);
  #from = 0;
  #to = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Adds what arrived and hands each complete body to `take`, a view that is valid during the call. */
  push(bytes: Uint8Array, take: (body: Uint8Array) => void): void {
    this.#append(bytes);
    for (;;) {
      const body = this.#next();
      if (body === undefined) return;
      take(body);
    }
  }

  #next(): Uint8Array | undefined {
    const held = this.#to - this.#from;
    if (held < FRAME_HEAD_BYTES) return undefined;
    const view = new DataView(this.#buffer.buffer, this.#from, FRAME_HEAD_BYTES);
    const length = view.getUint32(0, true);
    if (length === 0 || length > this.limit) {
      throw new ReplicationError('TW_REPLICATION_PROTOCOL', `a frame of ${length} bytes`);
    }
    if (held < FRAME_HEAD_BYTES + length) return undefined;
    const body = this.#buffer.subarray(this.#from + FRAME_HEAD_BYTES, this.#from + FRAME_HEAD_BYTES + length);
    if (crc32c(body) !== view.getUint32(4, true)) {
      throw new ReplicationError('TW_REPLICATION_PROTOCOL', 'a frame does not match its checksum');
    }
    this.#from += FRAME_HEAD_BYTES + length;
    return body;
  }

  #append(bytes: Uint8Array): void {
    const held = this.#to - this.#from;
    if (this.#to + bytes.length > this.#buffer.length) {
      const needed = held + bytes.length;
      const target = needed > this.#buffer.length ? new Uint8Array(Math.max(needed, held * 2)) : this.#buffer;
      target.set(this.#buffer.subarray(this.#from, this.#to));
      this.#buffer = target;
      this.#from = 0;
      this.#to = held;
    }
    this.#buffer.set(bytes, this.#to);
    this.#to += bytes.length;
  }
}
