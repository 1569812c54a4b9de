import { fstatSync, readdirSync, readSync } from 'node:fs';

const SEGMENT = /^\d{16}\.twj(\.gz)?$/;

/** Names of the segments in a folder, oldest first. */
export function segmentFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => SEGMENT.test(name))
    .sort();
}

/** Behind the last byte that is not zero: segments are longer than what is in them. */
export function writtenEnd(file: number): number {
  const chunk = Buffer.alloc(1 << 16);
  for (let from = fstatSync(file).size; from > 0; ) {
    const start = Math.max(0, from - chunk.length);
    const length = readSync(file, chunk, 0, from - start, start);
    for (let i = length - 1; i >= 0; i--) if (chunk[i] !== 0) return start + i + 1;
    from = start;
  }
  return 0;
}
