import type { JournalFile } from './disk.js';
import type { ReadableFile } from './segment-reader.js';

export function openCompressed(file: JournalFile): ReadableFile {
  throw new Error(file.name);
}
