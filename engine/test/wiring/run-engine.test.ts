import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, jest } from '@jest/globals';
import { loadConfig } from '../../src/config/index.js';
import { runPaper } from '../../src/wiring/index.js';
import { WarmUpMarket } from '../../src/wiring/warm-up-market.js';
import { itBuilt, type LogLine, temporaryFolder } from '../e2e/support/engine-process.js';

afterEach(() => {
  jest.restoreAllMocks();
});

itBuilt('an engine that could not be warmed up says so, and starts', async () => {
  jest.spyOn(WarmUpMarket.prototype, 'snapshot').mockImplementation(() => {
    throw new Error('no market');
  });
  const folder = temporaryFolder();
  const file = join(folder, 'log');
  const loaded = loadConfig(undefined, {
    TRADEWIND_SESSION__STATE_DIR: join(folder, 'state'),
    TRADEWIND_LOG__FILE: file,
    TRADEWIND_TELEMETRY__PORT: '0',
    // Nobody is there, and nobody is asked: it is told to end before it connects.
    TRADEWIND_VENUE__ENVIRONMENT: 'live',
    TRADEWIND_VENUE__ENDPOINTS__REST: 'http://127.0.0.1:1',
    TRADEWIND_VENUE__ENDPOINTS__STREAM: 'ws://127.0.0.1:1',
    TRADEWIND_VENUE__ENDPOINTS__WS_API: 'ws://127.0.0.1:1',
  });
  await runPaper({ loaded, version: 'test', stdoutLog: false, signal: AbortSignal.abort() });
  const lines = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as LogLine);
  expect(lines.find(({ msg }) => msg === 'not warmed up')).toMatchObject({ level: 'warn' });
  expect(lines.map(({ msg }) => msg)).toContain('summary');
});
