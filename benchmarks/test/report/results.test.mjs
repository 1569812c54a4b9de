import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BUDGETS, budgetLines } from '../../lib/budgets.mjs';
import { Samples } from '../../lib/measure.mjs';
import { row } from '../../lib/report.mjs';
import { SUITES } from '../../lib/suites.mjs';
import { readResults, rowSchema } from '../../report/results.mjs';
import { storedResult } from './support.mjs';

const samples = (...values) => {
  const all = new Samples(values.length);
  for (const value of values) all.add(value);
  return all.summary();
};

describe('a row', () => {
  const plain = row('plain', 'ns', samples(900, 1_000, 2_000));

  it('has what a result holds of it, whatever was left out', () => {
    const full = row('ours', 'ns', samples(100, 200, 300), { budget: 'decode', ratioTo: plain });
    const bare = row('bare', 'MiB', { count: 1, p50: 3, p99: 3, max: 3 });
    for (const figures of [full, bare]) {
      expect(rowSchema.parse({ suite: 'book', ...figures })).toEqual({ suite: 'book', ...figures });
    }
    expect(full).toMatchObject({ met: true, target: 'p99 < 500 ns', ratioTo: { plain: 5 }, perSecond: 5e6 });
    expect(bare).toMatchObject({ met: null, target: null, ratioTo: {}, perSecond: null, p999: null });
  });

  it('is compared with several', () => {
    const other = row('other', 'ns', samples(50));
    expect(row('ours', 'ns', samples(100), { ratioTo: [plain, other] }).ratioTo).toEqual({
      plain: 10,
      other: 0.5,
    });
  });

  it('counts per second by its unit', () => {
    const summary = { count: 1, p50: 2, p99: 2, max: 2, mean: 2 };
    const each = ['ns', 'us', 'ms', 'MiB'].map((unit) => row('x', unit, summary).perSecond);
    expect(each).toEqual([5e8, 5e5, 500, null]);
  });

  it('names no budget that there is not', () => {
    expect(() => row('x', 'ns', samples(1), { budget: 'speed' })).toThrow('no budget speed');
  });
});

describe('budgets', () => {
  it('are each measured by a suite that there is', () => {
    const suites = Object.values(BUDGETS).map(({ suite }) => suite);
    expect(suites.filter((suite) => !SUITES.includes(suite))).toEqual([]);
  });

  it('hold the venue side to the echo at the median and in the tail', () => {
    const { met } = BUDGETS['tick-to-trade-venue'];
    const echo = { p50: 100, p99: 200 };
    const verdicts = [
      { p50: 130, p99: 260 },
      { p50: 131, p99: 200 },
      { p50: 100, p99: 261 },
    ].map((ours) => met(ours, [echo]));
    expect(verdicts).toEqual([true, false, false]);
  });

  it('are listed with what was measured, and without where nothing was', () => {
    const lines = budgetLines([row('ours', 'ns', samples(900), { budget: 'decode' })]);
    expect(lines.find(({ row: name }) => name === 'ours')).toMatchObject({
      met: false,
      target: 'p99 < 500 ns',
    });
    expect(lines.filter(({ row: name }) => name === null)).toHaveLength(Object.keys(BUDGETS).length - 1);
  });
});

describe('stored results', () => {
  let folder;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tradewind-results-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const store = (name, result) => writeFileSync(join(folder, name), JSON.stringify(result));

  it('are read from files and folders, oldest first', async () => {
    const later = storedResult({ date: '2026-02-01T00:00:00.000Z' });
    const earlier = storedResult({ date: '2026-01-01T00:00:00.000Z' });
    store('a.json', later);
    store('b.json', earlier);
    writeFileSync(join(folder, 'notes.txt'), 'not of our kind');
    expect(await readResults([folder])).toEqual([earlier, later]);
    expect(await readResults([join(folder, 'a.json')])).toEqual([later]);
  });

  it('are refused by name when they are something else', async () => {
    store('old.json', { ...storedResult(), format: 0 });
    await expect(readResults([folder])).rejects.toThrow(/old\.json: no result of a benchmark: .*format/s);
  });
});
