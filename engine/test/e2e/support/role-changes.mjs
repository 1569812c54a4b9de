/**
 * `node --expose-gc role-changes.mjs [HANDOVERS] [EVERY]`: both engines of a pair in this one process, on a simulated venue in
 * another, hand over again and again. After each EVERY-th it prints what is in use, after a forced collection, as a line of JSON.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { getHeapStatistics } from 'node:v8';
import { loadConfig } from '../../../dist/config/index.js';
import { openLeaseStore, requestHandover } from '../../../dist/ha/index.js';
import { runPaper } from '../../../dist/wiring/index.js';

const [handovers = 100, every = 10] = process.argv.slice(2).map(Number);
const CLI = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const PATIENCE_MS = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'tradewind-roles-'));
const at = (name) => join(folder, name);
const venue = spawn(process.execPath, [CLI, 'sim', '--port', '0', '--unlimited'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const end = new AbortController();
try {
  const [line] = await new Promise((resolve) => {
    const lines = createInterface({ input: venue.stdout });
    lines.once('line', (...args) => resolve(args));
  });
  await run(JSON.parse(line));
} finally {
  venue.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

async function run({ rest, stream, wsApi, ed25519 }) {
  writeFileSync(at('api-key'), ed25519.apiKey, { mode: 0o600 });
  writeFileSync(at('secret'), ed25519.privateKey, { mode: 0o600 });
  const credentials = { kind: 'ed25519', apiKey: { file: at('api-key') }, secret: { file: at('secret') } };
  const config = {
    venue: { endpoints: { rest, stream, wsApi }, credentials },
    strategies: [{ symbol: 'BTCUSDT', orderSize: '0.001', refreshIntervalMs: 50, orderTimeoutMs: '200ms' }],
    telemetry: { port: 0 },
    session: { stateDir: at('state') },
    journal: {
      ringBytes: 1 << 20,
      backlogBytes: 1 << 19,
      segmentBytes: 1 << 18,
      snapshotEvery: 5_000,
      retainBytes: 1 << 22,
    },
    ha: { lease: { renewEveryMs: 400, requestTimeoutMs: 200, selfFenceMs: 4_000, expireAfterMs: 5_500 } },
    log: { file: at('log') },
  };
  writeFileSync(at('engine.yaml'), JSON.stringify(config));
  const engines = new Map();
  const ended = [];
  for (const node of ['a', 'b']) {
    const env = { TRADEWIND_HA__ENABLED: 'true', TRADEWIND_HA__NODE: node };
    const loaded = loadConfig(at('engine.yaml'), env);
    const onStart = (running) => engines.set(node, running);
    ended.push(runPaper({ loaded, version: 'test', env, stdoutLog: false, signal: end.signal, onStart }));
  }
  await Promise.race([until('both run', () => engines.size === 2), ...ended]);
  const store = await openLeaseStore({ kind: 'file', path: join(at('state'), 'lease') }, 1_000);
  await sample(0, engines);
  for (let done = 1; done <= handovers; done++) {
    await handOver(store, engines);
    if (done % every === 0) await sample(done, engines);
  }
  end.abort();
  await Promise.all(ended);
  await store.close();
}

/** Asks until it is done: the standby has to be ready first. */
async function handOver(store, engines) {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const outcome = await requestHandover(store, { everyMs: 20, withinMs: 5_000 });
    if (outcome.kind === 'done') {
      await until('it trades', () => {
        const { orders, pair } = engines.get(outcome.to).status();
        return pair.role === 'leader' && orders === 'Up';
      });
      return;
    }
    if (performance.now() > deadline) throw new Error(outcome.why);
    await sleep(100);
  }
}

async function until(what, look) {
  for (const deadline = performance.now() + PATIENCE_MS; ; await sleep(20)) {
    if (look()) return;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${PATIENCE_MS} ms`);
  }
}

async function sample(done, engines) {
  await until('one leads and the other follows', () => {
    const pairs = [...engines.values()].map((engine) => engine.status().pair);
    const roles = pairs.map(({ role }) => role).sort();
    return roles.join() === 'leader,standby' && pairs.some(({ lag }) => lag === 0);
  });
  // What a role leaves behind for a moment: sockets that close, threads that end.
  let files = Number.POSITIVE_INFINITY;
  let threads = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 20; i++) {
    globalThis.gc();
    await sleep(100);
    files = Math.min(files, count('/proc/self/fd'));
    threads = Math.min(threads, count('/proc/self/task'));
  }
  const { used_heap_size, external_memory } = getHeapStatistics();
  const handles = {};
  for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1;
  const figures = {
    ...{ done, heapKb: Math.round(used_heap_size / 1024), externalKb: Math.round(external_memory / 1024) },
    ...{ residentMb: Math.round(process.memoryUsage.rss() / 1e6), files, threads, handles },
  };
  console.log(JSON.stringify(figures));
}

function count(path) {
  return readdirSync(path).length;
}
