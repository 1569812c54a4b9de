import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { RecordingError } from './recording-error.js';

/** Longest line taken: a whole exchangeInfo answer is some megabytes. */
const MAX_LINE = 64 * 1024 * 1024;
const NEWLINE = 0x0a;

/** How a recording's file is written, told from its first bytes. */
export type FileFormat = 'cryptofeed' | 'hftbacktest';

const GZIP = [0x1f, 0x8b];
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];

/** Tells the format of `file`; rejects with {@link RecordingError} when it cannot be read or is another one. */
export async function detectFormat(file: string): Promise<FileFormat> {
  const head = Buffer.alloc(4);
  try {
    const handle = await open(file);
    try {
      await handle.read(head, 0, 4, 0);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new RecordingError(file, 0, `cannot be read: ${(error as Error).message}`, error);
  }
  if (GZIP.every((byte, i) => head[i] === byte)) return 'hftbacktest';
  if (ZSTD.every((byte, i) => head[i] === byte)) {
    throw new RecordingError(file, 0, 'is compressed with zstd, which is not supported: unpack it first');
  }
  return 'cryptofeed';
}

/**
 * The lines of `file`, unzipped if `gzip`, without their newlines and in batches as they come from the disk. Memory is
 * bounded by the longest line. The bytes of a batch stay valid.
 */
export async function* readLines(file: string, gzip: boolean): AsyncGenerator<Buffer[]> {
  let rest: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of openBytes(file, gzip)) {
      const lines: Buffer[] = [];
      let from = 0;
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
        const piece = chunk.subarray(from, at);
        lines.push(rest.length === 0 ? piece : Buffer.concat([...rest, piece]));
        rest = [];
        size = 0;
        from = at + 1;
      }
      if (from < chunk.length) {
        rest.push(chunk.subarray(from));
        size += chunk.length - from;
        if (size > MAX_LINE) throw new RecordingError(file, 0, `has a line of more than ${MAX_LINE} bytes`);
      }
      yield lines;
    }
  } catch (error) {
    if (error instanceof RecordingError) throw error;
    throw new RecordingError(file, 0, `cannot be read: ${(error as Error).message}`, error);
  }
  if (rest.length > 0) yield [Buffer.concat(rest)];
}

function openBytes(file: string, gzip: boolean): AsyncIterable<Buffer> {
  const bytes = createReadStream(file, { highWaterMark: 256 * 1024 });
  if (!gzip) return bytes;
  // The error, if any, is seen by whoever reads the end of the pipeline.
  return pipeline(bytes, createGunzip({ chunkSize: 256 * 1024 }), () => {});
}
