// How long nobody leads after the leader is killed: two processes over one lease with the default times, the leader killed
// with SIGKILL again and again. Measured from the kill to the first message of the new leader, over loopback UDP.
//   node benchmarks/lease-takeover.mjs [--store file|etcd] [--kills 30]
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startEtcd } from '../ci/etcd.mjs';

const NODE = fileURLToPath(new URL('../engine/test/ha/lease/support/lease-node.mjs', import.meta.url));
const PATIENCE_MS = 30_000;

const { values } = parseArgs({
  options: { store: { type: 'string', default: 'file' }, kills: { type: 'string', default: '30' } },
});
const kills = Number(values.kills);
if (!['file', 'etcd'].includes(values.store)) throw new Error('--store: file or etcd');
if (!(kills >= 1 && kills <= 1_000)) throw new Error('--kills: from 1 to 1000');

const venue = createSocket('udp4');
await new Promise((resolve) => venue.bind(0, '127.0.0.1', resolve));
const folder = mkdtempSync(join(tmpdir(), 'tradewind-takeover-'));
const etcd = values.store === 'etcd' ? await startEtcd() : undefined;
const place =
  etcd === undefined
    ? { kind: 'file', path: join(folder, 'lease') }
    : { kind: 'etcd', endpoints: [etcd.endpoint], key: 'takeover' };

const nodes = new Map();
const listeners = new Set();
let highest = 0;
let late = 0;
venue.on('message', (bytes) => {
  const message = JSON.parse(bytes.toString());
  if (message.kind === 'order') {
    if (message.epoch < highest) late += 1;
    highest = Math.max(highest, message.epoch);
  }
  for (const listener of [...listeners]) listener(message);
});

function hears(fits, what) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what}: not within ${PATIENCE_MS} ms`)), PATIENCE_MS);
    const listener = (message) => {
      if (!fits(message)) return;
      clearTimeout(timer);
      listeners.delete(listener);
      resolve(message);
    };
    listeners.add(listener);
  });
}

async function start(node) {
  const options = JSON.stringify({ place, node, port: venue.address().port });
  const child = spawn(process.execPath, [NODE, options], { stdio: ['pipe', 'inherit', 'inherit'] });
  nodes.set(node, child);
  // It has looked at the lease once it says who leads.
  await hears(({ kind, pid }) => kind === 'leader' && pid === child.pid, `start of ${node}`);
}

const times = [];
try {
  const first = hears(({ kind }) => kind === 'order', 'the first leader');
  await Promise.all([start('a'), start('b')]);
  let { node: leader } = await first;
  for (let kill = 0; kill < kills; kill += 1) {
    await new Promise((resolve) => setTimeout(resolve, 500 + Math.random() * 500));
    ({ node: leader } = await hears(({ kind }) => kind === 'order', 'a leader'));
    const old = highest;
    const taken = hears(({ kind, epoch }) => kind === 'order' && epoch > old, 'a takeover');
    const began = performance.now();
    nodes.get(leader).kill('SIGKILL');
    await taken;
    times.push(performance.now() - began);
    process.stderr.write(`\r${kill + 1}/${kills} kills`);
    await start(leader);
  }
} finally {
  for (const child of nodes.values()) child.kill('SIGKILL');
  venue.close();
  await etcd?.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.stderr.write('\n');
times.sort((a, b) => a - b);
const at = (share) => times[Math.min(times.length - 1, Math.ceil(share * times.length) - 1)].toFixed(0);
console.log(
  `${values.store}: ${kills} kills, takeover p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms; messages of an old epoch after a newer one: ${late}`,
);
process.exitCode = late === 0 ? 0 : 1;
