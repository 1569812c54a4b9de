import { CODEC_VERSION } from './event-codec.js';

/**
 * The event log file, little-endian: a header, then records.
 *
 * Header: 8 bytes magic, u32 version of this layout, u32 version of the codec.
 * Record: u32 length of the body, u32 CRC-32 of the body, body.
 * Body:   u8 record type, f64 sequence (counts events, from 0), payload. A commands record carries the sequence of the
 *         event that caused them.
 */
export const MAGIC = 'TWEVLOG\n';
export const LOG_VERSION = 1;
export const HEADER_BYTES = 16;
export const RECORD_HEAD_BYTES = 8;
/** No event comes near; a longer record is damage. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;

export const RecordType = { Event: 1, Commands: 2 } as const;
export type RecordType = (typeof RecordType)[keyof typeof RecordType];

export function logHeader(): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  for (let i = 0; i < MAGIC.length; i++) header[i] = MAGIC.charCodeAt(i);
  const view = new DataView(header.buffer);
  view.setUint32(8, LOG_VERSION, true);
  view.setUint32(12, CODEC_VERSION, true);
  return header;
}

/** Whether `head`, the first bytes of a file, are those of an event log of any version. */
export function isEventLog(head: Uint8Array): boolean {
  if (head.length < MAGIC.length) return false;
  for (let i = 0; i < MAGIC.length; i++) if (head[i] !== MAGIC.charCodeAt(i)) return false;
  return true;
}
