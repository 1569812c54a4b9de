import { rmSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { startJournal } from '@tradewind/engine/ha';
import { JOURNAL_START } from '@tradewind/engine/journal';
import { BareSync, benchFolder, benchParent } from '../lib/bare-sync.mjs';
import { journalEvents } from '../lib/journal-events.mjs';
import { nanos, Samples } from '../lib/measure.mjs';
import { row } from '../lib/report.mjs';

export const title =
  'journal, seen from the trading thread: one append, and how long until its record is durable here and on a standby';

const APPENDS = 200_000;
/** Appends in a row before the thread does something else, as when a socket is read. */
const BURST = 20;
const WAITS = 1_000;
const FLOOD = 1_000_000;
const NO_COMMANDS = { length: 0, at: () => undefined };

export async function run() {
  const rows = [];
  for (const [name, event] of Object.entries(journalEvents())) {
    rows.push(
      row(`append: ${name}`, 'ns', await appendCost(event), {
        budget: 'append',
      }),
    );
  }
  const bare = row('bare write and fdatasync of 256 bytes', 'us', bareSync());
  const fsync = await safeLatency('fsync-before-send');
  rows.push(
    bare,
    row('want: tell the journal thread that a command waits', 'ns', fsync.want),
    row('append to durable, told on this thread', 'us', fsync.safe, {
      budget: 'durable',
      ratioTo: bare,
    }),
  );
  const replicated = await safeLatency('replicated-before-send');
  rows.push(
    row('append to durable on both, standby over loopback', 'us', replicated.safe, { ratioTo: bare }),
  );
  rows.push(await flood('async'), await flood('replicated-before-send'));
  return {
    frames: [`commit interval 1 ms, journals in ${benchParent()}`],
    rows,
  };
}

async function withJournal(durability, use) {
  const [folder, other] = [benchFolder(), benchFolder()];
  const journal = await startJournal({
    folder,
    at: JOURNAL_START,
    epoch: 1,
    durability,
    segmentBytes: 2 ** 26,
    ringBytes: 2 ** 25,
    commitIntervalMs: 1,
    keepFreeBytes: 0,
    retainBytes: 2 ** 30,
    compress: false,
    replication: { host: '127.0.0.1', port: 0, secret: undefined, node: 'leader' },
  });
  let standby;
  try {
    if (durability === 'replicated-before-send') {
      standby = new Worker(new URL('../lib/standby-worker.mjs', import.meta.url), {
        workerData: { folder: other, port: journal.replicationPort },
      });
      while (journal.standbys === 0) await sleep(5);
    }
    // The first segment's file is prepared meanwhile.
    await sleep(1_000);
    return await use(journal);
  } finally {
    await journal.close('0'.repeat(16), 1);
    if (standby !== undefined) {
      const exit = new Promise((resolve) => standby.once('exit', resolve));
      standby.postMessage('close');
      await exit;
    }
    for (const path of [folder, other]) rmSync(path, { recursive: true, force: true });
  }
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function appendCost(event) {
  return withJournal('async', async (journal) => {
    const samples = new Samples(APPENDS);
    for (let i = -APPENDS / 4; i < APPENDS; i++) {
      const start = nanos();
      journal.append(event, NO_COMMANDS);
      const end = nanos();
      if (i >= 0) samples.add(end - start);
      // The thread has other work too, and the journal's has its turn.
      if (i % BURST === 0) await new Promise(setImmediate);
    }
    return samples.summary();
  });
}

function safeLatency(durability) {
  return withJournal(durability, async (journal) => {
    const { quote } = journalEvents();
    const [want, safe] = [new Samples(WAITS), new Samples(WAITS)];
    let told;
    journal.onSafe((sequence) => told(sequence));
    for (let i = -WAITS / 10; i < WAITS; i++) {
      const start = nanos();
      const sequence = journal.append(quote, NO_COMMANDS);
      const before = nanos();
      const isSafe = new Promise((resolve) => {
        told = (reached) => {
          if (reached >= sequence) resolve();
        };
      });
      journal.want(sequence);
      const after = nanos();
      await isSafe;
      const end = nanos();
      if (i >= 0) {
        want.add(after - before);
        safe.add((end - start) / 1_000);
      }
      await sleep(1);
    }
    return { want: want.summary(), safe: safe.summary() };
  });
}

/** What the device itself takes, on the disk of the journals. */
function bareSync() {
  const bare = new BareSync(WAITS);
  const samples = new Samples(WAITS);
  bare.measure(WAITS, samples);
  bare.close();
  return samples.summary();
}

function flood(durability) {
  return withJournal(durability, async (journal) => {
    const { quote } = journalEvents();
    const done = () => (durability === 'async' ? journal.synced : journal.safe);
    const start = nanos();
    for (let i = 1; i <= FLOOD; i++) {
      journal.append(quote, NO_COMMANDS);
      if (i % 1_000 === 0) await new Promise(setImmediate);
    }
    while (done() < FLOOD) {
      journal.settle();
      await sleep(1);
    }
    const mean = (nanos() - start) / FLOOD;
    const name = `a million quotes, until durable ${durability === 'async' ? 'here' : 'on both'}: each`;
    return row(name, 'ns', { count: FLOOD, p50: mean, p99: mean, max: mean, mean });
  });
}
