import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CLIENT_ORDER_ID_FORMATS, clientOrderIdLimits } from '../../src/domain/index.js';
import { takeEpoch } from '../../src/wiring/index.js';

/** 2026-11-21T00:00:00Z. */
const NOW = Date.UTC(2026, 10, 21) * 1000;

describe('takeEpoch', () => {
  let folder = '';
  let path = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'epoch-'));
    path = join(folder, 'deep', 'epoch');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('never gives the same epoch twice, within one second and across restarts', () => {
    const epochs = Array.from({ length: 20 }, () => takeEpoch(path, NOW));
    expect(new Set(epochs).size).toBe(20);
    expect([...epochs].sort((a, b) => a - b)).toEqual(epochs);
  });

  it('has stored the epoch before it returns it', () => {
    const epoch = takeEpoch(path, NOW);
    expect(Number(readFileSync(path, 'utf8'))).toBe(epoch);
  });

  it('gives a new one even when the file was lost, because the clock is a floor', () => {
    const before = takeEpoch(path, NOW);
    rmSync(path);
    expect(takeEpoch(path, NOW + 2_000_000)).toBeGreaterThan(before);
  });

  it('goes on upwards when the clock was set back', () => {
    const before = takeEpoch(path, NOW);
    expect(takeEpoch(path, NOW - 3_600_000_000)).toBe(before + 1);
  });

  it('is taken by one process at a time, and gets over the lock a crash left behind', () => {
    const first = takeEpoch(path, NOW);
    writeFileSync(`${path}.lock`, '999999 1\n');
    expect(takeEpoch(path, NOW)).toBe(first + 1);
    expect(readdirSync(join(folder, 'deep'))).toEqual(['epoch']);
  });

  it('stays within what a client order id can carry until 2054', () => {
    const last = takeEpoch(path, Date.UTC(2053, 11, 31) * 1000);
    expect(last).toBeLessThanOrEqual(clientOrderIdLimits(CLIENT_ORDER_ID_FORMATS.binance).epoch);
  });

  it.each(['', 'abc', '-5', '1e9', '12345678901', '1\n2'])('refuses a damaged file: %j', (text) => {
    takeEpoch(path, NOW);
    writeFileSync(path, text);
    expect(() => takeEpoch(path, NOW)).toThrow(/epoch file .* is damaged/);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});
