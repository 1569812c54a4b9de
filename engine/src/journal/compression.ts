import {
  CompressedFile,
  compressBlock,
  compressionTrailer,
  MAX_BLOCK_BYTES,
  nextBlock,
} from './compressed-segment.js';
import { damaged } from './damage.js';
import type { JournalDisk, JournalFile } from './disk.js';
import { damageOf, listSegments, openReader, type SegmentName } from './journal-reader.js';
import { segmentName } from './segment-format.js';
import { lastByte } from './segment-reader.js';

/** Ends a compressed segment's name until it is whole. A crash may leave such a file. */
const PARTIAL = '.partial';
/** Three times as fast as the usual 6, and hardly larger. */
const LEVEL = 1;
const RECORDS_PER_STEP = 500;
/** Made durable in parts of so many blocks: the sync of a whole segment would keep its thread for long. */
const BLOCKS_PER_SYNC = 16;

/** The oldest segment that waits to be compressed: any but the last and those in `skip`. */
export function nextToCompress(disk: JournalDisk, skip?: ReadonlySet<string>): SegmentName | undefined {
  return listSegments(disk)
    .slice(0, -1)
    .find(({ name, compressed }) => !compressed && !skip?.has(name));
}

/**
 * Compresses a closed segment, step by step: each `next()` reads, compresses or checks about 64 KiB, which takes a millisecond
 * or two, so that whoever drives it can commit in between. The compressed file is synced and every record in it checked
 * before it takes the original's place; given up before (`return()`) it leaves the original alone. Throws
 * TW_JOURNAL_DAMAGED for an original that is damaged, and the file system's errors.
 */
export function* compressSegment(disk: JournalDisk, segment: SegmentName): Generator<void, void, undefined> {
  const target = `${segmentName(segment.firstSequence)}.gz`;
  const partial = target + PARTIAL;
  if (disk.list().includes(partial)) disk.remove(partial);
  const from = disk.open(segment.name);
  const to = disk.create(partial);
  let isDone = false;
  try {
    yield* compressInto(from, to);
    to.sync();
    yield;
    yield* checkCopy(from, to, segment.name);
    disk.rename(partial, target);
    disk.syncFolder();
    isDone = true;
  } finally {
    from.close();
    to.close();
    if (!isDone) disk.remove(partial);
  }
  disk.remove(segment.name);
}

function* compressInto(from: JournalFile, to: JournalFile): Generator<void, void, undefined> {
  const size = lastByte(from, 0) + 1;
  const block = new Uint8Array(MAX_BLOCK_BYTES);
  let at = 0;
  let last = 0;
  let blocks = 0;
  for (let done = 0; done < size; ) {
    const raw = block.subarray(0, nextBlock(size - done));
    from.read(raw, done);
    const compressed = compressBlock(raw, LEVEL);
    to.write(compressed, at);
    last = at;
    at += compressed.length;
    done += raw.length;
    if (++blocks % BLOCKS_PER_SYNC === 0) to.sync();
    yield;
  }
  to.write(compressionTrailer(size, last), at);
}

/** Reads the copy back record by record, as a later reader will, and holds it to the original's bytes. */
function* checkCopy(from: JournalFile, to: JournalFile, name: string): Generator<void, void, undefined> {
  const reader = openReader(new CompressedFile(to));
  const original = new Uint8Array(MAX_BLOCK_BYTES);
  let count = 0;
  for (let record = reader.next(); record !== undefined; record = reader.next()) {
    const { bytes, offset } = record;
    for (let done = 0; done < bytes.length; done += original.length) {
      const chunk = original.subarray(0, Math.min(original.length, bytes.length - done));
      from.read(chunk, offset + done);
      if (Buffer.compare(chunk, bytes.subarray(done, done + chunk.length)) !== 0) {
        throw damaged(name, offset, 'the compressed copy reads differently');
      }
    }
    if (++count % RECORDS_PER_STEP === 0) yield;
  }
  if (reader.end!.kind !== 'closed') throw damageOf(name, reader);
}
