import type { JournalDisk } from './disk.js';
import { listSegments } from './journal-reader.js';
import { sizeOf } from './verify.js';

export interface RetentionOptions {
  /** Segments may take so many bytes together. */
  readonly retainBytes: number;
  /** The oldest sequence that recovery, or a standby that is behind, still has to read. Its segment and all later ones stay. */
  readonly needed: number;
}

/**
 * Deletes segments, oldest first, while all together are larger than `retainBytes`; never the last one nor one with a record
 * from `needed` on. Returns the names deleted.
 */
export function deleteOldSegments(disk: JournalDisk, options: RetentionOptions): string[] {
  const segments = listSegments(disk);
  const names = disk.list();
  const sizes = segments.map(({ name }) => sizeOf(disk, name));
  let total = sizes.reduce((sum, size) => sum + size, 0);
  const deleted: string[] = [];
  for (let i = 0; i + 1 < segments.length && total > options.retainBytes; i++) {
    if (segments[i + 1]!.firstSequence > options.needed) break;
    const { name } = segments[i]!;
    // The other file of a segment that is there twice goes first: alone it would be a segment again.
    for (const other of [`${name}.gz`, name]) {
      if (!names.includes(other)) continue;
      disk.remove(other);
      deleted.push(other);
    }
    total -= sizes[i]!;
  }
  if (deleted.length > 0) disk.syncFolder();
  return deleted;
}
