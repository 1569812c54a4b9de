import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import {
  namingFaults,
  startTelemetry,
  type Telemetry,
  type TelemetryOptions,
} from '../../src/telemetry/index.js';
import { parsePrometheus } from './prometheus-text.js';

const dist = fileURLToPath(new URL('../../dist/telemetry/', import.meta.url));
/** The worker runs from the build. */
const maybe = existsSync(join(dist, 'exporter-worker.js')) ? it : it.skip;
const folder = mkdtempSync(join(tmpdir(), 'tradewind-telemetry-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
async function running(options: TelemetryOptions, use: (telemetry: Telemetry, log: string) => Promise<void>) {
  const log = join(folder, `${files++}`, 'engine.log');
  const telemetry = await startTelemetry({ logFile: log, ...options });
  try {
    await use(telemetry, log);
  } finally {
    await telemetry.close();
  }
}

const lines = (file: string): Record<string, unknown>[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

async function get(telemetry: Telemetry, path: string) {
  const response = await fetch(`http://127.0.0.1:${telemetry.port}${path}`);
  return { status: response.status, text: await response.text(), type: response.headers.get('content-type') };
}

describe('startTelemetry', () => {
  maybe('serves metrics defined before and after the start, well named', async () => {
    await running({ port: 0 }, async (telemetry) => {
      telemetry.registry.counter('tradewind_late_total', 'Late.', { a: 'b' }).add(5);
      await telemetry.flush();
      const { status, text, type } = await get(telemetry, '/metrics');
      expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
      const families = parsePrometheus(text);
      expect(families.get('tradewind_late_total')?.samples).toEqual([
        { name: 'tradewind_late_total', labels: { a: 'b' }, value: 5 },
      ]);
      expect(families.has('tradewind_log_records_dropped_total')).toBe(true);
      for (const { name, type: kind, help } of families.values()) {
        expect({ name, faults: namingFaults(kind as 'gauge', name, help, {}) }).toEqual({ name, faults: [] });
      }
    });
  });

  maybe('is live while the event loop turns, and ready once every component is', async () => {
    await running({ port: 0 }, async (telemetry) => {
      expect((await get(telemetry, '/health')).status).toBe(200);
      expect(await get(telemetry, '/ready')).toMatchObject({ status: 503 });
      const market = telemetry.readiness('market data');
      const orders = telemetry.readiness('orders');
      market.ready();
      orders.notReady('logon refused');
      await telemetry.flush();
      const waiting = await get(telemetry, '/ready');
      expect(waiting.status).toBe(503);
      expect(JSON.parse(waiting.text)).toEqual({
        status: 'not ready',
        notReady: [{ component: 'orders', reason: 'logon refused' }],
      });
      orders.ready();
      await telemetry.flush();
      expect(await get(telemetry, '/ready')).toMatchObject({ status: 200 });
      const gauge = parsePrometheus((await get(telemetry, '/metrics')).text).get('tradewind_ready')!;
      expect(gauge.samples.map(({ value }) => value)).toEqual([1, 1]);
    });
  });

  maybe('writes log lines as JSON, with ring records between them in order of time', async () => {
    let now = 1_700_000_000_000_000;
    const clock = { nowUs: () => now, nanos: () => 0 };
    await running({ clock, bindings: { role: 'test' }, logLevel: 'info' }, async (telemetry, log) => {
      const denied = telemetry.catalog.define('warn', 'order denied', [
        { name: 'price', decimals: 2 },
        { name: 'side', names: ['buy', 'sell'] },
        'quantity',
      ]);
      telemetry.logger.debug('not shown');
      telemetry.logger.child({ venue: 'binance' }).info('first', { n: 1n });
      telemetry.ring.write(denied, now + 1, 6183763, 1, 7);
      now += 2;
      telemetry.logger.error('last', { error: new Error('why') });
      await telemetry.flush();
      expect(lines(log)).toMatchObject([
        {
          level: 'info',
          time: '2023-11-14T22:13:20.000000Z',
          role: 'test',
          venue: 'binance',
          n: '1',
          msg: 'first',
        },
        { level: 'warn', time: '2023-11-14T22:13:20.000001Z', price: '61837.63', side: 'sell', quantity: 7 },
        { level: 'error', error: { message: 'why' }, msg: 'last' },
      ]);
    });
  });

  maybe('loses no line at close, and keeps their order', async () => {
    let log = '';
    await running({}, async (telemetry, file) => {
      log = file;
      for (let i = 0; i < 5_000; i++) telemetry.logger.info('line', { i });
    });
    expect(lines(log).map(({ i }) => i)).toEqual(Array.from({ length: 5_000 }, (_, i) => i));
  });

  maybe('lets no canary secret out, by any way', async () => {
    const canary = 'canary-51b2c8-do-not-print';
    await running({ port: 0, secrets: [canary] }, async (telemetry, log) => {
      telemetry.logger.info(`with ${canary}`, {
        apiKey: canary,
        nested: { note: canary },
        error: new Error(canary),
      });
      telemetry.logger.child({ who: canary }).warn('x', { url: `https://x/?signature=${canary}` });
      telemetry.logger.warn('x', { secret: { deep: 'other-secret' } });
      await telemetry.flush();
      const written = readFileSync(log, 'utf8');
      expect(lines(log)).toHaveLength(3);
      for (const text of [
        written,
        (await get(telemetry, '/metrics')).text,
        (await get(telemetry, '/ready')).text,
      ]) {
        expect(text).not.toContain(canary);
        expect(text).not.toContain('other-secret');
      }
    });
  });

  maybe('names the configuration key when the port is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await expect(startTelemetry({ port })).rejects.toMatchObject({
      code: 'TW_TELEMETRY',
      key: 'telemetry.port',
      message: `telemetry.port: 127.0.0.1:${port} is already in use; choose a free port, or 0 for any`,
    });
    await new Promise((resolve) => server.close(resolve));
  });

  maybe('names the configuration key when the log file cannot be written', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    await expect(startTelemetry({ logFile: join(file, 'engine.log') })).rejects.toMatchObject({
      key: 'log.file',
    });
  });

  maybe('counts ring overflow instead of waiting', async () => {
    await running({ port: 0, ringCapacity: 4 }, async (telemetry) => {
      const code = telemetry.catalog.define('info', 'tick');
      let dropped = 0;
      // Far more than the worker can take between two turns of this loop.
      for (let i = 0; i < 100_000; i++) if (!telemetry.ring.write(code, i)) dropped++;
      await telemetry.flush();
      const family = parsePrometheus((await get(telemetry, '/metrics')).text).get(
        'tradewind_log_records_dropped_total',
      );
      expect(dropped).toBeGreaterThan(0);
      expect(family?.samples[0]?.value).toBe(dropped);
    });
  });
});

describe('a dying process', () => {
  /** Runs a script against the built telemetry and gives its log and standard error. */
  function run(script: string) {
    const log = join(folder, `${files++}.log`);
    const source = `
      import { startTelemetry } from ${JSON.stringify(join(dist, 'index.js'))};
      const telemetry = await startTelemetry({ logFile: ${JSON.stringify(log)}, secrets: ['hush-hush'] });
      ${script}`;
    const result = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
      timeout: 15_000,
    });
    return { status: result.status, stderr: result.stderr, log: lines(log) };
  }

  maybe('writes what was logged, then the error, before it ends', () => {
    const { status, stderr, log } = run(`
      telemetry.logger.info('before');
      telemetry.fatal(new Error('the end, hush-hush'));
      process.exit(7);`);
    expect(status).toBe(7);
    expect(log.map(({ level, msg }) => [level, msg])).toEqual([
      ['info', 'before'],
      ['fatal', 'fatal error'],
    ]);
    expect(log[1]).toMatchObject({ error: { message: 'the end, [redacted]' } });
    expect(stderr).toContain('the end, [redacted]');
    expect(stderr).not.toContain('hush-hush');
  });

  maybe('flushes at exit even when nobody closed it, and does not keep the process alive', () => {
    const { status, log } = run(`for (let i = 0; i < 100; i++) telemetry.logger.info('line');`);
    expect(status).toBe(0);
    expect(log).toHaveLength(100);
  });
});
