import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import type { JournalError } from '../domain/index.js';
import { crc32c } from './crc32c.js';
import { damaged } from './damage.js';
import type { ReadableFile } from './segment-reader.js';

/**
 * A compressed segment is a gzip file like any other (`zcat` gives the segment) of many members, so that it can be read from
 * any place in bounded memory. Each member's extra field tells its own size:
 *
 *     member   `TW` 8 bytes: u32 bytes of the member, u32 bytes it holds
 *     trailer  an empty member; `TX` 20 bytes: f64 bytes of the segment, f64 offset of the last member that holds any,
 *              u32 CRC-32C of these 16
 */
const BLOCK_BYTES = 64 * 1024;
/** The last block takes what would be a short one after it. */
export const MAX_BLOCK_BYTES = 2 * BLOCK_BYTES;
const GZIP_HEAD = Uint8Array.of(0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255);
const HEAD_BYTES = GZIP_HEAD.length + 2 + 4;
const TAIL_BYTES = 8;
const MEMBER_EXTRA = 8;
const MEMBER_OVERHEAD = HEAD_BYTES + MEMBER_EXTRA + TAIL_BYTES;
const TRAILER_EXTRA = 20;
const EMPTY_DEFLATED = Uint8Array.of(3, 0);
const TRAILER_BYTES = HEAD_BYTES + TRAILER_EXTRA + EMPTY_DEFLATED.length + TAIL_BYTES;

/** One member with `raw`, of at most two blocks. Takes about a millisecond at level 1. */
export function compressBlock(raw: Uint8Array, level: number): Uint8Array {
  const deflated = deflateRawSync(raw, { level });
  const extra = new Uint8Array(MEMBER_EXTRA);
  const view = new DataView(extra.buffer);
  view.setUint32(0, MEMBER_OVERHEAD + deflated.length, true);
  view.setUint32(4, raw.length, true);
  return member('W', extra, deflated, crc32(raw), raw.length);
}

/** What ends the file: `bytes` is the size of the segment, `lastMember` the offset of the last member. */
export function compressionTrailer(bytes: number, lastMember: number): Uint8Array {
  const extra = new Uint8Array(TRAILER_EXTRA);
  const view = new DataView(extra.buffer);
  view.setFloat64(0, bytes, true);
  view.setFloat64(8, lastMember, true);
  view.setUint32(16, crc32c(extra, 0, 16), true);
  return member('X', extra, EMPTY_DEFLATED, 0, 0);
}

/** How much of the `left` bytes goes into the next member. */
export function nextBlock(left: number): number {
  return left < MAX_BLOCK_BYTES ? left : BLOCK_BYTES;
}

function member(
  tag: 'W' | 'X',
  extra: Uint8Array,
  deflated: Uint8Array,
  crc: number,
  size: number,
): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + extra.length + deflated.length + TAIL_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(GZIP_HEAD);
  view.setUint16(10, 4 + extra.length, true);
  bytes[12] = 'T'.charCodeAt(0);
  bytes[13] = tag.charCodeAt(0);
  view.setUint16(14, extra.length, true);
  bytes.set(extra, HEAD_BYTES);
  bytes.set(deflated, HEAD_BYTES + extra.length);
  view.setUint32(bytes.length - 8, crc, true);
  view.setUint32(bytes.length - 4, size, true);
  return bytes;
}

interface Member {
  /** In the compressed file. */
  readonly at: number;
  readonly bytes: number;
  /** Where what it holds begins in the segment. */
  readonly from: number;
  readonly size: number;
}

/**
 * Reads a compressed segment as the segment it is. Throws TW_JOURNAL_DAMAGED with the offset of the damaged member in
 * the compressed file; trusts no size in it.
 */
export class CompressedFile implements ReadableFile {
  readonly name: string;
  readonly size: number;
  readonly #file: ReadableFile;
  readonly #lastMember: number;
  /** As far as they were looked up, in order. */
  readonly #members: Member[] = [];
  #final: Member | undefined;
  #cached: Member | undefined;
  #block: Uint8Array = new Uint8Array(0);

  constructor(file: ReadableFile) {
    this.#file = file;
    this.name = file.name;
    const trailerAt = file.size - TRAILER_BYTES;
    const bytes = this.#bytes(trailerAt, TRAILER_BYTES);
    const view = new DataView(bytes.buffer);
    const size = view.getFloat64(HEAD_BYTES, true);
    const lastMember = view.getFloat64(HEAD_BYTES + 8, true);
    if (
      !isMember(bytes, 'X') ||
      view.getUint32(HEAD_BYTES + 16, true) !== crc32c(bytes, HEAD_BYTES, HEAD_BYTES + 16) ||
      !Number.isSafeInteger(size) ||
      !Number.isSafeInteger(lastMember) ||
      lastMember < 0 ||
      lastMember >= trailerAt ||
      size < 0
    ) {
      throw this.#error(Math.max(0, trailerAt), 'the compressed segment has no valid end');
    }
    this.size = size;
    this.#lastMember = lastMember;
  }

  read(into: Uint8Array, at: number): number {
    let done = 0;
    while (done < into.length && at + done < this.size) {
      const member = this.#memberAt(at + done);
      if (member !== this.#cached) {
        this.#block = this.#inflate(member);
        this.#cached = member;
      }
      const start = at + done - member.from;
      const chunk = this.#block.subarray(start, start + into.length - done);
      into.set(chunk, done);
      done += chunk.length;
    }
    return done;
  }

  close(): void {
    this.#file.close();
  }

  /** The member that holds byte `at` of the segment. */
  #memberAt(at: number): Member {
    const { from, size } = this.#cached ?? { from: 0, size: 0 };
    if (at >= from && at < from + size) return this.#cached!;
    const last = this.#members.at(-1);
    if (last === undefined || at >= last.from + last.size) {
      this.#final ??= this.#load(this.#lastMember, undefined);
      if (at >= this.#final.from) return this.#final;
    }
    for (;;) {
      const before = this.#members.at(-1);
      if (before !== undefined && at < before.from + before.size) break;
      const next = before === undefined ? 0 : before.at + before.bytes;
      if (next >= this.#lastMember) throw this.#error(next, 'members are missing in the compressed segment');
      this.#members.push(this.#load(next, before === undefined ? 0 : before.from + before.size));
    }
    let low = 0;
    let high = this.#members.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#members[middle]!.from <= at) low = middle;
      else high = middle - 1;
    }
    return this.#members[low]!;
  }

  /** `from` undefined: it is the last one, which ends where the segment does. */
  #load(at: number, from: number | undefined): Member {
    const head = this.#bytes(at, HEAD_BYTES + MEMBER_EXTRA);
    const view = new DataView(head.buffer);
    const bytes = view.getUint32(HEAD_BYTES, true);
    const size = view.getUint32(HEAD_BYTES + 4, true);
    const begin = from ?? this.size - size;
    if (
      !isMember(head, 'W') ||
      bytes < MEMBER_OVERHEAD ||
      bytes > MEMBER_OVERHEAD + 2 * MAX_BLOCK_BYTES ||
      size === 0 ||
      size > MAX_BLOCK_BYTES ||
      begin < 0 ||
      begin + size > this.size
    ) {
      throw this.#error(at, 'no valid member of a compressed segment');
    }
    return { at, bytes, from: begin, size };
  }

  #inflate({ at, bytes, size }: Member): Uint8Array {
    const all = this.#bytes(at, bytes);
    const view = new DataView(all.buffer);
    let raw: Uint8Array;
    try {
      const deflated = all.subarray(HEAD_BYTES + MEMBER_EXTRA, bytes - TAIL_BYTES);
      raw = inflateRawSync(deflated, { maxOutputLength: size });
    } catch {
      throw this.#error(at, 'a compressed block is damaged');
    }
    if (raw.length !== size || crc32(raw) !== view.getUint32(bytes - TAIL_BYTES, true)) {
      throw this.#error(at, 'a compressed block does not match its checksum');
    }
    return raw;
  }

  #bytes(at: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    if (at < 0 || this.#file.read(bytes, at) < length) {
      throw this.#error(Math.max(0, Math.min(at, this.#file.size)), 'the compressed segment is cut off');
    }
    return bytes;
  }

  #error(at: number, what: string): JournalError {
    return damaged(this.name, at, what);
  }
}

function isMember(bytes: Uint8Array, tag: 'W' | 'X'): boolean {
  for (let i = 0; i < GZIP_HEAD.length; i++) if (bytes[i] !== GZIP_HEAD[i]) return false;
  const extra = tag === 'W' ? MEMBER_EXTRA : TRAILER_EXTRA;
  return (
    bytes[10] === 4 + extra &&
    bytes[11] === 0 &&
    bytes[12] === 0x54 &&
    bytes[13] === tag.charCodeAt(0) &&
    bytes[14] === extra &&
    bytes[15] === 0
  );
}
