import { closeSync, openSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { Child } from '../lib/child.mjs';
import { nanos, Samples } from '../lib/measure.mjs';
import { row } from '../lib/report.mjs';

export const title = 'what nothing written here can be faster than, on this machine and now';

/** Beyond any cache. */
const MEMORY_BYTES = 128 * 1024 * 1024;
const REPEATS = 300;
const CALLS = 1_000;
const ROUND_TRIPS = 20_000;
const WARM_TRIPS = 2_000;
/** As long as an order on the wire. */
const MESSAGE_BYTES = 256;

export async function run() {
  return {
    frames: [],
    rows: [
      row('memory: one read that depends on the one before, out of cache', 'ns', dependentReads()),
      row('memory: 1 KiB of 2 MiB that are copied in a row, out of cache', 'ns', copies()),
      row(
        'clock read',
        'ns',
        perCall(() => performance.now()),
      ),
      row('system call: write of 256 B to /dev/null', 'ns', systemCalls()),
      row('event loop: one turn', 'ns', await turns()),
      row('loopback TCP round trip, 256 B, plain echo', 'us', await roundTrips()),
    ],
  };
}

/** A ring through all of memory in random order: each step has to wait for its read. */
function dependentReads() {
  const ring = new Int32Array(MEMORY_BYTES / 4);
  const order = shuffled(ring.length);
  for (let i = 0; i < order.length; i++) ring[order[i]] = order[(i + 1) % order.length];
  let at = 0;
  const summary = perCall(() => {
    at = ring[at];
  });
  if (at < 0) throw new Error('never');
  return summary;
}

/** Streamed, so that the processor reads ahead, and divided: 1 KiB by itself would wait for its first read. */
function copies() {
  const from = Buffer.alloc(MEMORY_BYTES, 1);
  const to = Buffer.alloc(MEMORY_BYTES, 2);
  const piece = MEMORY_BYTES / 64;
  const samples = new Samples(REPEATS);
  for (let i = 0; i < REPEATS; i++) {
    const at = (i % 64) * piece;
    const start = nanos();
    from.copy(to, at, at, at + piece);
    samples.add((nanos() - start) / (piece / 1_024));
  }
  return samples.summary();
}

function systemCalls() {
  const file = openSync('/dev/null', 'w');
  const bytes = Buffer.alloc(MESSAGE_BYTES);
  const summary = perCall(() => writeSync(file, bytes, 0, MESSAGE_BYTES));
  closeSync(file);
  return summary;
}

/** Means of batches, after one that warms up. */
function perCall(call) {
  const samples = new Samples(REPEATS);
  for (let batch = -1; batch < REPEATS; batch++) {
    const start = nanos();
    for (let i = 0; i < CALLS; i++) call();
    if (batch >= 0) samples.add((nanos() - start) / CALLS);
  }
  return samples.summary();
}

async function turns() {
  const samples = new Samples(ROUND_TRIPS);
  for (let i = 0; i < ROUND_TRIPS; i++) {
    const start = nanos();
    await new Promise(setImmediate);
    samples.add(nanos() - start);
  }
  return samples.summary();
}

async function roundTrips() {
  const echo = await Child.start(new URL('../lib/echo-process.mjs', import.meta.url));
  try {
    return await timeEcho(echo.ready);
  } finally {
    await echo.stop();
  }
}

/** One message at a time, each sent when the one before is back. In microseconds. */
function timeEcho(port) {
  const samples = new Samples(ROUND_TRIPS);
  const message = Buffer.alloc(MESSAGE_BYTES, 1);
  return new Promise((resolve, reject) => {
    let warm = WARM_TRIPS;
    let [sentAt, missing] = [0, 0];
    const send = () => {
      missing = MESSAGE_BYTES;
      sentAt = nanos();
      socket.write(message);
    };
    const onBytes = (count) => {
      missing -= count;
      if (missing > 0) return true;
      if (warm > 0) warm--;
      else samples.add((nanos() - sentAt) / 1_000);
      if (samples.count < ROUND_TRIPS) send();
      else socket.destroy();
      return true;
    };
    const onread = { buffer: Buffer.alloc(4_096), callback: onBytes };
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread }, send);
    socket.on('error', reject);
    socket.on('close', () => resolve(samples.summary()));
  });
}

/** 0 to `count` - 1, in an order no prefetcher guesses; the same one each time. */
function shuffled(count) {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  let state = 1;
  for (let i = count - 1; i > 0; i--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
