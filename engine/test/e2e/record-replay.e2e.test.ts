import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect } from '@jest/globals';
import type { SessionSummary } from '../../src/backtest/index.js';
import {
  type Ended,
  type EngineProcess,
  expectOneError,
  itBuilt,
  run,
  temporaryFolder,
} from './support/engine-process.js';

const TEST_MS = 90_000;

describe('a recorded paper session', () => {
  const folder = temporaryFolder();
  const record = join(folder, 'session.events');
  const summaryPath = join(folder, 'summary.json');
  let summary: SessionSummary;
  let session: EngineProcess & Ended;

  const replay = (path: string, ...more: string[]) => run(['replay', path, ...more], { cwd: folder });
  const paper = (...more: string[]) => run(['paper', '--metrics-port', '0', ...more], { cwd: folder });

  beforeAll(async () => {
    session = await paper('--for', '3s', '--record', record, '--summary-json', summaryPath);
    summary = JSON.parse(readFileSync(summaryPath, 'utf8')) as SessionSummary;
  }, TEST_MS);

  itBuilt(
    'replays in a fresh process to the same commands, byte for byte, and the same state hash',
    async () => {
      expect({ code: session.code, acked: summary.orders.acked > 0 }).toEqual({ code: 0, acked: true });
      const path = join(folder, 'replay.json');
      const replayed = await replay(record, '--summary-json', path);
      expect({ code: replayed.code, stderr: replayed.stderr }).toEqual({ code: 0, stderr: '' });
      expect(replayed.stdout).toContain('every command as recorded, byte for byte');
      const report = JSON.parse(readFileSync(path, 'utf8')) as { stateHash: string; commandLists: number };
      expect(report).toMatchObject({ stateHash: summary.stateHash, warnings: [] });
      expect(report.commandLists).toBeGreaterThan(0);
    },
    TEST_MS,
  );

  itBuilt(
    'shows where another configuration would have decided otherwise',
    async () => {
      const config = join(folder, 'other.yaml');
      writeFileSync(
        config,
        'strategies:\n  - {symbol: BTCUSDT, orderSize: 0.003}\n  - {symbol: ETHUSDT, orderSize: 0.01}\n',
      );
      const replayed = await replay(record, '--config', config);
      expect(replayed.code).toBe(1);
      expect(replayed.stdout).toMatch(/commands differ from event \d+ on/);
      expect(replayed.stderr).toMatch(
        /note: configuration digest was [0-9a-f]{32} when recorded, is [0-9a-f]{32}/,
      );
    },
    TEST_MS,
  );

  itBuilt(
    'is refused when a single bit was changed, in its head too, or its end was cut off',
    async () => {
      const changed = (name: string, change: (path: string) => void) => {
        const path = join(folder, name);
        copyFileSync(record, path);
        change(path);
        return path;
      };
      const flip = (at: number) => (path: string) => {
        const bytes = readFileSync(path);
        bytes[at]! ^= 1;
        writeFileSync(path, bytes);
      };
      const size = statSync(record).size;
      const flipped = changed('flipped.events', flip(Math.floor(size / 2)));
      expectOneError(
        await replay(flipped),
        1,
        /flipped\.events: journal flipped\.events, offset \d+: .*damaged/,
      );
      const cut = changed('cut.events', (path) => truncateSync(path, size - 3));
      expectOneError(
        await replay(cut),
        1,
        /cut\.events: journal, offset \d+: .* is cut off; \d+ events before that are good/,
      );
      const head = changed('head.events', flip(8));
      expectOneError(await replay(head), 1, /head\.events: .*the header does not match its checksum/);
    },
    TEST_MS,
  );

  itBuilt(
    'is never written over',
    async () => {
      const before = readFileSync(record);
      const again = await paper('--for', '1s', '--record', record);
      expectOneError(again, 1, /--record\): cannot write .*session\.events: it exists.*name a new file/);
      expect(readFileSync(record).equals(before)).toBe(true);
    },
    TEST_MS,
  );
});
