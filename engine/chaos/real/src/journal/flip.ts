import { FolderDisk, JournalError, readJournal } from '../../../../dist/journal/index.js';

/** Checksums of the records of a journal, in order. */
export function fingerprint(folder: string): Int32Array {
  const sums: number[] = [];
  for (const { bytes } of readJournal(new FolderDisk(folder, { readOnly: true }))) sums.push(sumOf(bytes));
  return Int32Array.from(sums);
}

/** What reading a damaged copy came to. */
export type FlipOutcome =
  /** Refused, with what was said; every record before was right. */
  | { readonly kind: 'refused'; readonly records: number; readonly message: string; readonly offset: number }
  /** Read to an end that came this many records early: a torn tail. */
  | { readonly kind: 'cut'; readonly records: number; readonly missing: number }
  /** Every record is there and right: the bit was none that anything depends on. */
  | { readonly kind: 'harmless'; readonly records: number }
  /** A record that was never written, or an error that is not the journal's. */
  | { readonly kind: 'wrong'; readonly records: number; readonly message: string };

/** Reads a damaged copy of the journal with fingerprint `right`. */
export function readDamaged(folder: string, right: Int32Array): FlipOutcome {
  let records = 0;
  try {
    for (const { bytes, sequence } of readJournal(new FolderDisk(folder, { readOnly: true }))) {
      if (sumOf(bytes) !== right[records]) {
        return { kind: 'wrong', records, message: `record ${sequence} is not what was written` };
      }
      records++;
    }
  } catch (error) {
    if (!(error instanceof JournalError)) {
      return { kind: 'wrong', records, message: `not a journal's error: ${String(error)}` };
    }
    return { kind: 'refused', records, message: error.message, offset: error.offset };
  }
  const missing = right.length - records;
  return missing === 0 ? { kind: 'harmless', records } : { kind: 'cut', records, missing };
}

/** FNV-1a: another sum than the journal's own, which the reader checks already. */
function sumOf(bytes: Uint8Array): number {
  let sum = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) sum = Math.imul(sum ^ bytes[i]!, 0x01000193);
  return sum | 0;
}
