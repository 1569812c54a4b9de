import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect } from '@jest/globals';
import { parseConfig } from '../../src/config/index.js';
import { FolderReplicaStore } from '../../src/ha/index.js';
import {
  encodeOptions,
  makeRecord,
  RecordType,
  readJournal,
  verifyJournal,
} from '../../src/journal/index.js';
import { startTelemetry, type Telemetry } from '../../src/telemetry/index.js';
import { openHistory, optionsOf } from '../../src/wiring/history.js';
import { JournalThreads } from '../../src/wiring/journal-threads.js';
import { NodeJournal } from '../../src/wiring/node-journal.js';
import { itBuilt } from '../e2e/support/engine-process.js';

describe('NodeJournal', () => {
  let folder: string;
  let telemetry: Telemetry;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tradewind-node-journal-'));
    telemetry = await startTelemetry({});
  });
  afterEach(async () => {
    await telemetry.close();
    rmSync(folder, { recursive: true });
  });

  const configAt = (listen: string) =>
    parseConfig(Buffer.from(JSON.stringify({ ha: { enabled: true, listen }, journal: { compress: false } })));
  const open = (listen: string) => {
    const config = configAt(listen);
    const history = openHistory(join(folder, 'journal'), optionsOf(config, 'test'), telemetry.logger);
    const replication = { node: 'a', secret: undefined };
    return NodeJournal.open(history, { config, epoch: 5, telemetry, replication });
  };
  const listening = (port: number) =>
    new Promise<ReturnType<typeof createServer>>((resolve) => {
      const server = createServer().listen(port, '127.0.0.1', () => resolve(server));
    });

  itBuilt(
    'waits for an address that the other one is about to let go of',
    async () => {
      const other = await listening(0);
      const { port } = other.address() as { port: number };
      const opening = open(`127.0.0.1:${port}`);
      setTimeout(() => other.close(), 300);
      const journal = await opening;
      expect(journal.addressFrom(undefined)).toBe(`127.0.0.1:${port}`);
      expect(journal.addressFrom('host-a:7400')).toBe('host-a:7400');
      await journal.close('0123456789abcdef');
    },
    30_000,
  );

  itBuilt(
    'says which address is taken when nobody lets go of it',
    async () => {
      const other = await listening(0);
      const { port } = other.address() as { port: number };
      await expect(open(`127.0.0.1:${port}`)).rejects.toThrow(
        new RegExp(`ha\\.listen 127\\.0\\.0\\.1:${port}: .*EADDRINUSE`),
      );
      other.close();
    },
    30_000,
  );

  itBuilt(
    'begins on threads that waited, which left the folder to the one who wrote there',
    async () => {
      const config = configAt('127.0.0.1:0');
      const history = openHistory(join(folder, 'journal'), optionsOf(config, 'test'), telemetry.logger);
      const threads = new JournalThreads();
      const unused = new JournalThreads();
      const segments = { segmentBytes: 1 << 20, keepFreeBytes: 0 };
      const store = new FolderReplicaStore(history.disk, segments, history.position);
      store.append(makeRecord(RecordType.Options, 1, 4, 1, (out) => out.raw(encodeOptions(history.options))));
      store.sync();
      const before = history.disk.list();
      await new Promise((resolve) => setTimeout(resolve, 700));
      expect(history.disk.list()).toEqual(before);
      const { position } = store;
      store.close();
      const journal = await NodeJournal.open(
        { ...history, position },
        { config, epoch: 5, telemetry, threads },
      );
      await journal.close('0123456789abcdef');
      const records = [...readJournal(history.disk)];
      expect(records.map(({ sequence, epoch }) => [sequence, epoch])).toEqual([
        [1, 4],
        [2, 5],
        [3, 5],
      ]);
      await unused.discard();
      expect(unused.journal.hasEnded).toBe(true);
    },
    30_000,
  );

  itBuilt(
    'writes its settings first, seals an orderly end, and no other',
    async () => {
      const first = await open('127.0.0.1:0');
      await first.close(undefined);
      const second = await open('127.0.0.1:0');
      await second.close('0123456789abcdef');
      const { disk } = openHistory(
        join(folder, 'journal'),
        optionsOf(configAt('127.0.0.1:0'), 'test'),
        telemetry.logger,
      );
      const types = [...readJournal(disk)].map(({ type }) => type);
      // Options of both terms, and the one seal.
      expect(types).toHaveLength(3);
      expect(types[0]).toBe(types[1]);
      expect(types[2]).not.toBe(types[1]);
      expect([...verifyJournal(disk)].length).toBeGreaterThan(0);
    },
    30_000,
  );
});
