// Measures what a promotion waits for after `systemctl start`: from the engine's process being started to the first order
// the venue acknowledged. Writes engine-start.json beside itself, which the recovery budget reads.
//
//   node infra/data/measure-engine-start.mjs [runs]
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const RUNS = Number(process.argv[2] ?? 12);
const EVERY_MS = 10;
const ENGINE = fileURLToPath(new URL('../../engine/bin/tradewind.mjs', import.meta.url));
const RESULT = fileURLToPath(new URL('engine-start.json', import.meta.url));

/** Milliseconds from spawn to the first acknowledged order, by polling the engine's own counter. */
async function once() {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-start-'));
  const began = performance.now();
  const engine = spawn(process.execPath, [ENGINE, 'paper', '--for', '5s', '--metrics-port', '0'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => engine.on('exit', resolve));
  try {
    let log = '';
    let address;
    for (const stream of [engine.stdout, engine.stderr]) {
      stream.on('data', (bytes) => {
        if (address !== undefined) return;
        log += bytes;
        address = /http:\/\/127\.0\.0\.1:\d+\/metrics/.exec(log)?.[0];
      });
    }
    while (engine.exitCode === null) {
      await sleep(EVERY_MS);
      if (address === undefined) continue;
      const text = await (await fetch(address)).text();
      const acknowledged = /^tradewind_venue_order_ack_seconds_count\S* (\d+)/m.exec(text)?.[1];
      if (Number(acknowledged) > 0) return performance.now() - began;
    }
    throw new Error('the engine ended without an acknowledged order');
  } finally {
    await ended;
    rmSync(folder, { recursive: true });
  }
}

const ms = [];
for (let run = 0; run < RUNS; run++) ms.push(Math.round(await once()));
const sorted = [...ms].sort((a, b) => a - b);
const [processor] = cpus();
const result = {
  source: `measured with infra/data/measure-engine-start.mjs: tradewind paper on the built-in simulator, from spawn to the first acknowledged order, polled every ${EVERY_MS} ms; the start of the simulator is part of it`,
  machine: `${cpus().length} x ${processor?.model.trim()}, Node ${process.versions.node}, load average ${loadavg()[1]?.toFixed(1)}`,
  date: new Date().toISOString().slice(0, 10),
  runsMs: ms,
  medianMs: sorted[Math.floor(sorted.length / 2)],
  maxMs: sorted.at(-1),
};
writeFileSync(RESULT, `${JSON.stringify(result, null, 2)}\n`);
process.stdout.write(`median ${result.medianMs} ms, max ${result.maxMs} ms of ${RUNS} runs -> ${RESULT}\n`);
