/**
 * The memory between the trading thread and the journal's thread. Two 32-bit words that count words and wrap (written,
 * read), each on a cache line of its own, then a ring of 2^n words.
 *
 * A record, whole words: u32 bytes of the payload, u32 type, f64 tsInit, payload, padding. It may run over the end.
 */
export const RING_WRITTEN = 0;
export const RING_READ = 16;
export const RING_HEADER_BYTES = 128;
export const RING_RECORD_BYTES = 16;
/** Where in a record its tsInit is. */
export const RING_TS_INIT = 8;

/** Words a record with `payload` bytes takes. */
export function recordWords(payload: number): number {
  return (RING_RECORD_BYTES + payload + 3) >>> 2;
}
