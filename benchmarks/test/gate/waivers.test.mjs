import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readWaivers, WaiverError, waive } from '../../gate/waivers.mjs';

const folder = mkdtempSync(join(tmpdir(), 'waivers-'));
afterAll(() => rmSync(folder, { recursive: true }));

const WAIVER = {
  workload: 'book',
  gate: 'time',
  upTo: 1.08,
  reason: 'checksums, see decision 14',
  by: 'lead@example.com',
  expires: '2026-12-01',
};

function read(content, today = '2026-11-21') {
  const path = join(folder, 'waivers.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return readWaivers(path, today, ['book', 'kernel']);
}

describe('waivers', () => {
  it('are none without a file', () => {
    expect(readWaivers(join(folder, 'absent.json'), '2026-11-21', ['book'])).toEqual([]);
  });

  it('hold to their last day, and are refused after it', () => {
    expect(read([WAIVER], '2026-12-01')).toEqual([WAIVER]);
    expect(() => read([WAIVER], '2026-12-02')).toThrow(/\[0\]\.expires: expired on 2026-12-01/);
  });

  it.each([
    ['not JSON', '{', /not JSON/],
    ['no list', {}, /must be a list/],
    ['no object', [1], /\[0\]: must be an object/],
    ['a field too many', [{ ...WAIVER, workloads: 1 }], /\[0\]\.workloads: unknown/],
    ['no such workload', [{ ...WAIVER, workload: 'boat' }], /\[0\]\.workload: must be one of book, kernel/],
    ['no such gate', [{ ...WAIVER, gate: 'memory' }], /\[0\]\.gate/],
    ['no size', [{ ...WAIVER, upTo: 8 / 0 - 8 / 0 }], /\[0\]\.upTo: must be a ratio above 1/],
    ['no reason', [{ ...WAIVER, reason: ' ' }], /\[0\]\.reason: must say it/],
    ['nobody', [{ ...WAIVER, by: undefined }], /\[0\]\.by/],
    ['no day', [{ ...WAIVER, expires: 'never' }], /\[0\]\.expires: must be a day/],
  ])('say what is wrong: %s', (_name, content, message) => {
    expect(() => read(content)).toThrow(WaiverError);
    expect(() => read(content)).toThrow(message);
  });

  it('accept a regression of their workload and gate up to their size', () => {
    const slower = (ratio) => ({ state: 'regression', ratio, detail: '+7 %' });
    expect(waive(slower(1.07), 'book', 'time', [WAIVER])).toMatchObject({
      state: 'waived',
      detail: '+7 %; accepted by lead@example.com until 2026-12-01: checksums, see decision 14',
    });
    expect(waive(slower(1.09), 'book', 'time', [WAIVER]).state).toBe('regression');
    expect(waive(slower(1.07), 'kernel', 'time', [WAIVER]).state).toBe('regression');
    expect(waive(slower(1.07), 'book', 'allocation', [WAIVER]).state).toBe('regression');
    expect(waive(slower(null), 'book', 'time', [WAIVER]).state).toBe('regression');
    const unknown = { state: 'inconclusive', ratio: 1.07, detail: '' };
    expect(waive(unknown, 'book', 'time', [WAIVER])).toBe(unknown);
  });
});
