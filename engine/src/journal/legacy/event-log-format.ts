/**
 * The event log file of version 1, which `--record` wrote before the journal, little-endian: a header, then records.
 *
 * Header: 8 bytes magic, u32 version of this layout, u32 version of the codec.
 * Record: u32 length of the body, u32 CRC-32 of the body, body.
 * Body:   u8 record type, f64 sequence (counts events, from 0), payload. A commands record carries the sequence of the
 *         event that caused them.
 */
export const MAGIC = 'TWEVLOG\n';
export const LOG_VERSION = 1;
/** The event codec is compatible with it: kinds were added since, none was changed. */
export const LOG_CODEC_VERSION = 1;
export const HEADER_BYTES = 16;
export const RECORD_HEAD_BYTES = 8;
/** No event comes near; a longer record is damage. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;

export const RecordType = { Event: 1, Commands: 2 } as const;
export type RecordType = (typeof RecordType)[keyof typeof RecordType];

/** Whether `head`, the first bytes of a file, are those of an event log of any version. */
export function isEventLog(head: Uint8Array): boolean {
  if (head.length < MAGIC.length) return false;
  for (let i = 0; i < MAGIC.length; i++) if (head[i] !== MAGIC.charCodeAt(i)) return false;
  return true;
}
