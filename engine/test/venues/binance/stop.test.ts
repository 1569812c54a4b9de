import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { transformFileSync } from '@swc/core';
import { ScriptedVenue } from './scripted-venue.js';

const here = dirname(fileURLToPath(import.meta.url));
const sources = join(here, '../../../src');
/** Far longer than ending takes, and far shorter than any wait of the venue's. */
const DEADLINE_MS = 8_000;
let folder: string;
let script: ScriptedVenue;
let child: ChildProcess | undefined;

/** Compiles what the child needs, so that it runs today's sources and no stale build. */
function compile(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory()) compile(join(from, entry.name), join(to, entry.name));
    else if (entry.name.endsWith('.ts')) {
      const { code } = transformFileSync(join(from, entry.name), {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'es6' },
      });
      writeFileSync(join(to, entry.name.replace('.ts', '.js')), code);
    }
  }
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tradewind-stop-'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  symlinkSync(join(here, '../../../../node_modules'), join(folder, 'node_modules'));
  for (const room of ['domain', 'telemetry', 'venues'])
    compile(join(sources, room), join(folder, 'src', room));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  script = new ScriptedVenue();
  await script.listen();
  const symbol = {
    ...{ symbol: 'BTCUSDT', status: 'TRADING', baseAsset: 'BTC', quoteAsset: 'USDT' },
    ...{ baseAssetPrecision: 8, quotePrecision: 8 },
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: '0.01', maxPrice: '1000000', tickSize: '0.01' },
      { filterType: 'LOT_SIZE', minQty: '0.00001', maxQty: '9000', stepSize: '0.00001' },
    ],
  };
  script.rest.set('GET /api/v3/exchangeInfo', () => ({ body: { rateLimits: [], symbols: [symbol] } }));
  script.rest.set('GET /api/v3/depth', () => ({
    body: { lastUpdateId: 5, bids: [['10.00', '1']], asks: [['11.00', '1']] },
  }));
  const balances = [{ asset: 'BTC', free: '1', locked: '0' }];
  script.rest.set('GET /api/v3/account', () => ({ body: { canTrade: true, balances } }));
});
afterEach(async () => {
  child?.kill('SIGKILL');
  child = undefined;
  await script.close();
});

/** Runs a task of the child's; resolves when it has ended by itself, rejects when it does not. */
async function run(task: string, whenStarted?: (child: ChildProcess) => void) {
  const authority = script.endpoints.rest.replace('http://', '');
  child = spawn(process.execPath, [join(here, 'stop-child.mjs'), folder, task, authority], {
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const started = child;
  let out = '';
  let err = '';
  started.stderr!.on('data', (text) => {
    err += text;
  });
  started.stdout!.on('data', (text) => {
    out += text;
    if (String(text).includes('started')) whenStarted?.(started);
  });
  const timer = setTimeout(() => started.kill('SIGKILL'), DEADLINE_MS);
  const [code, signal] = (await once(started, 'close')) as [number | null, string | null];
  clearTimeout(timer);
  return { code, signal, out: out.split('\n').filter((line) => line !== ''), err };
}

describe('a process that has stopped its venue ends by itself', () => {
  it('after a session', async () => {
    expect(await run('session')).toEqual({ code: 0, signal: null, out: ['stopped'], err: '' });
  });

  it('after a check', async () => {
    expect(await run('check')).toEqual({ code: 0, signal: null, out: ['checked'], err: '' });
  });

  it('when it was waiting for the end of a ban', async () => {
    let asked = 0;
    script.rest.set('GET /api/v3/time', () => {
      asked++;
      return { status: 418, body: { code: -1003, msg: 'Way too much request weight used; IP banned' } };
    });
    const ended = await run('banned', ({ stdin }) => {
      const poll = setInterval(() => {
        if (asked === 0) return;
        clearInterval(poll);
        stdin!.write('stop\n');
      }, 10);
    });
    expect(ended).toEqual({
      ...{ code: 0, signal: null, err: '' },
      out: ['started', 'binance: execution was stopped before it was up', 'stopped'],
    });
  });
});

describe('an exception of the sink', () => {
  it.each(['broken-book', 'broken-account'])('surfaces as one that nobody caught: %s', async (task) => {
    const { code, err } = await run(task);
    expect(code).toBe(1);
    expect(err).toContain('Error: the kernel is broken');
  });
});
