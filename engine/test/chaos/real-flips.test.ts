import {
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fingerprint, readDamaged } from '../../chaos/real/src/journal/flip.js';
import { segmentFiles, writtenEnd } from '../../chaos/real/src/journal/segment-files.js';
import {
  checksumRecords,
  FolderDisk,
  JOURNAL_START,
  makeRecord,
  RecordType,
  SegmentWriter,
} from '../../src/journal/index.js';

const RECORDS = 200;
const HEAD_BYTES = 32;

let folder: string;
let copy: string;

beforeEach(() => {
  const base = mkdtempSync(join(tmpdir(), 'tradewind-flips-'));
  folder = join(base, 'undamaged');
  copy = join(base, 'copy');
  mkdirSync(folder);
  // Never closed: its writer was killed.
  const writer = SegmentWriter.open(new FolderDisk(folder), { segmentBytes: 4_096 }, JOURNAL_START);
  for (let sequence = 1; sequence <= RECORDS; sequence++) {
    writer.append(makeRecord(RecordType.Event, sequence, 7, sequence * 1_000, (out) => out.number(sequence)));
    if (sequence % 20 === 0) writer.sync();
  }
  cpSync(folder, copy, { recursive: true });
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

/** Changes the bytes of a segment of the copy. */
function change(index: number, edit: (bytes: Buffer) => void): void {
  const path = join(copy, segmentFiles(copy).at(index)!);
  const bytes = readFileSync(path);
  edit(bytes);
  writeFileSync(path, bytes);
}

describe('reading a damaged copy', () => {
  it('of what is not damaged finds every record', () => {
    expect(segmentFiles(folder).length).toBeGreaterThan(2);
    expect(readDamaged(copy, fingerprint(folder))).toEqual({ kind: 'harmless', records: RECORDS });
  });

  it('is refused with an offset when a durable record was hit', () => {
    change(0, (bytes) => {
      bytes[500]! ^= 4;
    });
    expect(readDamaged(copy, fingerprint(folder))).toMatchObject({
      kind: 'refused',
      offset: expect.any(Number),
      message: expect.stringMatching(/offset \d+/),
    });
  });

  it('comes to an early end when the tail is gone', () => {
    const path = join(copy, segmentFiles(copy).at(-1)!);
    const file = openSync(path, 'r');
    const end = writtenEnd(file);
    closeSync(file);
    // The mark of the last sync and a part of the record before it.
    truncateSync(path, end - HEAD_BYTES - 10);
    const outcome = readDamaged(copy, fingerprint(folder));
    expect(outcome).toMatchObject({ kind: 'cut', missing: expect.any(Number) });
    expect(outcome.records).toBeLessThan(RECORDS);
  });

  it('is wrong when a record reads as something else, however good its checksum', () => {
    const segment = readFileSync(join(copy, segmentFiles(copy)[0]!));
    const at = segment.indexOf(makeRecord(RecordType.Event, 3, 7, 3_000, (out) => out.number(3)));
    expect(at).toBeGreaterThan(0);
    change(0, (bytes) => {
      const record = bytes.subarray(at, at + HEAD_BYTES + 8);
      record[HEAD_BYTES + 1]! ^= 1;
      checksumRecords(record);
    });
    // The reader may well refuse the chain behind it: what was read up to there is what counts.
    expect(readDamaged(copy, fingerprint(folder))).toMatchObject({ kind: 'wrong', records: 2 });
  });
});
