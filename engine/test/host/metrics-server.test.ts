import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createMetricsServer, hostMetricsText } from '../../src/host/index.js';
import { EngineProcess, eventually, itBuilt, temporaryFolder } from '../e2e/support/engine-process.js';

const CLOCK = '# TYPE tradewind_clock_offset_seconds gauge\ntradewind_clock_offset_seconds 0.000001\n';

describe('metrics of the host', () => {
  test('are all text files with their ages; what is half written or no metric is left out', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'clock.prom'), CLOCK);
    writeFileSync(join(folder, 'archive.prom'), 'tradewind_archive_failures 0');
    writeFileSync(join(folder, 'host.prom.new'), 'tradewind_host_dr');
    utimesSync(join(folder, 'clock.prom'), 1_000, 1_000);
    utimesSync(join(folder, 'archive.prom'), 1_060.5, 1_060.5);
    expect(hostMetricsText(folder, 1_061_000).split('\n')).toEqual([
      'tradewind_archive_failures 0',
      ...CLOCK.trimEnd().split('\n'),
      '# HELP tradewind_host_metrics_age_seconds Since the file with metrics of the host was written.',
      '# TYPE tradewind_host_metrics_age_seconds gauge',
      'tradewind_host_metrics_age_seconds{file="archive.prom"} 0.500',
      'tradewind_host_metrics_age_seconds{file="clock.prom"} 61.000',
      '',
    ]);
  });

  test('are text to a collector, and an error while the folder is missing', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'clock.prom'), CLOCK);
    const server = await createMetricsServer(folder);
    const good = await server.inject('/metrics');
    expect([good.statusCode, good.headers['content-type']]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    expect(good.body.startsWith(CLOCK)).toBe(true);
    const without = await createMetricsServer(join(folder, 'absent'));
    expect((await without.inject('/metrics')).statusCode).toBe(500);
  });

  itBuilt(
    'are served on loopback alone, until a signal',
    async () => {
      const folder = temporaryFolder();
      writeFileSync(join(folder, 'clock.prom'), CLOCK);
      const server = new EngineProcess(['host', 'metrics', '--port', '0', '--folder', folder], {
        cwd: folder,
      });
      const where = /^serving \S+ at (http:\/\/127\.0\.0\.1:\d+\/metrics)$/m;
      await eventually('its address', () => where.test(server.stdout));
      expect(await (await fetch(where.exec(server.stdout)![1]!)).text()).toContain(CLOCK);
      server.kill('SIGTERM');
      expect(await server.end()).toEqual({ code: 0, signal: null });
    },
    60_000,
  );
});
