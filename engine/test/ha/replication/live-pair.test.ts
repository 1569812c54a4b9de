import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EventKind, JournalState } from '../../../src/domain/index.js';
import { FolderReplicaStore } from '../../../src/ha/replication/replica-store.js';
import { ReplicationClient } from '../../../src/ha/replication/replication-client.js';
import { startJournal } from '../../../src/ha/replication/start-journal.js';
import {
  type Durability,
  FolderDisk,
  JOURNAL_START,
  type JournalPosition,
  type LiveJournal,
  type LiveJournalOptions,
  readJournal,
  recoverJournal,
} from '../../../src/journal/index.js';
import { CommandBuffer } from '../../../src/kernel/command-buffer.js';

const NONE = new CommandBuffer();
const cleanUps: (() => unknown)[] = [];
let isOver = false;

beforeEach(() => {
  isOver = false;
});

afterEach(async () => {
  isOver = true;
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tw-live-'));
  cleanUps.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function open(
  path: string,
  epoch: number,
  durability: Durability,
  at: JournalPosition = JOURNAL_START,
  secret?: string,
  onStandby?: LiveJournalOptions['onStandby'],
): Promise<LiveJournal> {
  const journal = await startJournal({
    folder: path,
    at,
    epoch,
    durability,
    onStandby,
    segmentBytes: 64 * 1024,
    ringBytes: 1 << 20,
    commitIntervalMs: 1,
    keepFreeBytes: 0,
    retainBytes: 1 << 30,
    compress: true,
    replication: { host: '127.0.0.1', port: 0, secret, node: 'a' },
  });
  cleanUps.push(() => journal.kill());
  return journal;
}

function follow(path: string, port: number, secret?: string) {
  const disk = new FolderDisk(path);
  const store = new FolderReplicaStore(disk, { segmentBytes: 64 * 1024 }, recoverJournal(disk).position);
  const got: number[] = [];
  const resets: number[] = [];
  const errors: string[] = [];
  const client = new ReplicationClient({
    store,
    node: 'b',
    secret,
    nowUs: () => performance.now() * 1000,
    listener: {
      onRecord: ({ sequence }) => got.push(sequence),
      onReset: ({ sequence }) => resets.push(sequence),
    },
    onError: (error) => errors.push(error.message),
  });
  cleanUps.push(() => client.close());
  client.follow('127.0.0.1', port);
  return { client, store, got, resets, errors };
}

const timer = (tsInit: number) => ({ kind: EventKind.Timer, tsEvent: 0, tsInit });
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const until = async (isSo: () => boolean) => {
  while (!isSo() && !isOver) await new Promise((resolve) => setTimeout(resolve, 2));
};
const picture = (path: string) =>
  [...readJournal(new FolderDisk(path))].map((r) => `${r.sequence} ${r.epoch} ${r.type} ${r.tsInit}`);

describe('a journal thread and a standby, over loopback', () => {
  it('both end with the same sealed journal; what is safe is told', async () => {
    const [ours, theirs] = [folder(), folder()];
    const journal = await open(ours, 1, 'replicated-before-send', JOURNAL_START, 'secret');
    for (let i = 1; i <= 3_000; i++) expect(journal.append(timer(i), NONE)).toBe(i);
    const { got, client, errors, store } = follow(theirs, journal.replicationPort!, 'secret');
    await until(() => journal.acked === 3_000);
    expect([journal.standbys, journal.safe, journal.backlogBytes]).toEqual([1, 3_000, 0]);
    const told: number[] = [];
    journal.onSafe((safe) => told.push(safe));
    for (let i = 3_001; i <= 3_010; i++) journal.want(journal.append(timer(i), NONE));
    await until(() => told.at(-1) === 3_010);
    expect([...told].sort((a, b) => a - b)).toEqual(told);
    await journal.close('0123456789abcdef', 4_000);
    client.close();
    store.close();
    expect(got).toEqual(numbers(1, 3_011));
    expect(picture(theirs)).toEqual(picture(ours));
    expect(recoverJournal(new FolderDisk(theirs)).sealed).toEqual({ stateHash: '0123456789abcdef' });
    expect(errors.filter((message) => !/closed the connection|ECONNRE/.test(message))).toEqual([]);
  });

  it('a standby takes over; the old leader comes back, sets its own records aside and follows', async () => {
    const [a, b] = [folder(), folder()];
    const first = await open(a, 1, 'async');
    for (let i = 1; i <= 500; i++) first.append(timer(i), NONE);
    const standby = follow(b, first.replicationPort!);
    await until(() => first.acked === 500);
    standby.client.close();
    for (let i = 501; i <= 600; i++) first.append(timer(-i), NONE);
    await until(() => first.synced === 600);
    await first.kill();
    standby.store.close();
    const at = recoverJournal(new FolderDisk(b)).position;
    expect(at.sequence).toBe(500);
    const second = await open(b, 2, 'async', at);
    for (let i = 501; i <= 700; i++) second.append(timer(i), NONE);
    const back = follow(a, second.replicationPort!);
    await until(() => second.acked === 700);
    expect([back.resets, back.got]).toEqual([[500], numbers(501, 700)]);
    await second.close('0'.repeat(16), 1);
    back.client.close();
    back.store.close();
    expect(picture(a)).toEqual(picture(b));
    expect(new FolderDisk(a).list().filter((name) => name.startsWith('diverged-'))).toHaveLength(1);
  });

  it('lets no one in who does not know the secret, and survives what strangers send', async () => {
    const journal = await open(folder(), 1, 'async', JOURNAL_START, 'secret');
    journal.append(timer(1), NONE);
    for (const secret of ['wrong', undefined]) {
      const { errors, got } = follow(folder(), journal.replicationPort!, secret);
      await until(() => errors.length > 0);
      expect(got).toEqual([]);
      expect(errors[0]).toMatch(/secret/);
    }
    for (const bytes of [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.alloc(100_000, 255),
      Buffer.alloc(0),
    ]) {
      const socket = connect(journal.replicationPort!, '127.0.0.1');
      socket.on('error', () => {});
      socket.resume();
      socket.end(bytes);
      await new Promise((resolve) => socket.once('close', resolve));
    }
    journal.append(timer(2), NONE);
    await until(() => journal.synced === 2);
    expect([journal.standbys, journal.state]).toEqual([0, JournalState.Ok]);
  });

  it('a standby that can not write does not come back faster and faster', async () => {
    const journal = await open(folder(), 1, 'async');
    journal.append(timer(1), NONE);
    await until(() => journal.synced === 1);
    const { client, store, errors } = follow(folder(), journal.replicationPort!);
    client.close();
    store.append = () => {
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    };
    const pauses: number[] = [];
    const wait = jest.spyOn(globalThis, 'setTimeout').mockImplementation(((act: () => void, ms = 0) => {
      if (new Error().stack?.includes('replication-client') === true) pauses.push(ms);
      return setImmediate(act);
    }) as unknown as typeof setTimeout);
    try {
      const again = new ReplicationClient({
        store,
        node: 'b',
        secret: undefined,
        nowUs: () => performance.now() * 1000,
        listener: { onRecord: () => {}, onReset: () => {} },
        onError: (error) => errors.push(error.message),
      });
      cleanUps.push(() => again.close());
      again.follow('127.0.0.1', journal.replicationPort!);
      await until(() => pauses.length >= 5);
      again.close();
    } finally {
      wait.mockRestore();
    }
    expect(pauses.slice(0, 5)).toEqual([20, 40, 80, 160, 320]);
    expect(errors).toContain('ENOSPC: no space left on device');
  });

  it('a standby whose disk is full leaves the leader in peace, and goes on when there is room', async () => {
    const told: string[] = [];
    const journal = await open(folder(), 1, 'async', JOURNAL_START, undefined, (node, isConnected, why) =>
      told.push(`${node} ${isConnected ? 'follows' : why}`),
    );
    journal.append(timer(1), NONE);
    const disk = new FolderDisk(folder());
    let free = 0;
    disk.freeBytes = () => free;
    const store = new FolderReplicaStore(
      disk,
      { segmentBytes: 64 * 1024, keepFreeBytes: 1 << 20 },
      JOURNAL_START,
    );
    const errors: string[] = [];
    const got: number[] = [];
    let asked = 0;
    const client = new ReplicationClient({
      ...{ store, node: 'b', secret: undefined, nowUs: () => performance.now() * 1000 },
      listener: { onRecord: ({ sequence }) => got.push(sequence), onReset: () => {} },
      whyNot: () => {
        asked++;
        store.lookForRoom();
        return store.full;
      },
      onError: (error) => errors.push(error.message),
    });
    cleanUps.push(() => client.close());
    client.follow('127.0.0.1', journal.replicationPort!);
    await until(() => asked >= 4);
    // Found out by the first record; from then on nobody is asked for more.
    expect(new Set(errors)).toEqual(
      new Set([
        "replication: the standby's disk is full: fewer than 1048576 bytes are free",
        'fewer than 1048576 bytes are free',
      ]),
    );
    expect(told.filter((line) => line === 'b follows')).toHaveLength(1);
    expect(told.at(-1)).toMatch(/^b .*the standby's disk is full/);
    expect(got).toEqual([]);
    free = 1 << 30;
    await until(() => journal.acked === 1);
    expect(got).toEqual([1]);
  });

  it('says at once when it can not start', async () => {
    await expect(open(join(folder(), 'missing'), 1, 'async')).rejects.toThrow(/ENOENT/);
  });
});
