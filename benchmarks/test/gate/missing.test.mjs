import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runGate } from '../../gate/run-gate.mjs';

let base;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'tradewind-gate-'));
  mkdirSync(join(base, 'engine/dist/telemetry'), { recursive: true });
  writeFileSync(join(base, 'engine/package.json'), JSON.stringify({ type: 'module' }));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const has = (source) => writeFileSync(join(base, 'engine/dist/telemetry/index.js'), source);
const gate = () =>
  runGate({
    ...{ workloads: ['telemetry'], gates: ['allocation', 'instructions', 'time'], waivers: [] },
    ...{ base, head: '/nowhere', random: Math.random, tell: () => {} },
  });

describe('a workload that the base fails at', () => {
  it.each([
    ['a module', undefined, 'no module telemetry/index.js'],
    ['an export', 'export class LogCatalog {}', 'telemetry/index.js does not export LogRing'],
  ])('is skipped for the want of %s, by every gate', async (_name, source, why) => {
    if (source !== undefined) has(source);
    const skipped = { workload: 'telemetry', state: 'skipped', detail: `the base does not do it: ${why}` };
    expect(await gate()).toMatchObject([skipped, skipped, skipped]);
  });

  it.each([
    ['breaks as it is loaded', "throw new TypeError('no ring')", 'no ring'],
    ['lacks what it needs itself', "import './absent.js';", 'absent.js'],
    [
      'has another form',
      'export class LogCatalog {} export class LogRing {} export class MetricRegistry {}',
      /is not a function/,
    ],
  ])('is not passed over where the base %s', async (_name, source, message) => {
    has(source);
    await expect(gate()).rejects.toThrow(message);
  });
});
