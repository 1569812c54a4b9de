import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Samples } from '../lib/measure.mjs';
import { row } from '../lib/report.mjs';

export const title =
  'the first requests of a new process, frame bytes to order bytes, with and without a warm-up';

const CHILD = fileURLToPath(new URL('../lib/first-orders-process.mjs', import.meta.url));
const REQUESTS = 100;
const FIRST = 10;
const PROCESSES = 10;

export async function run() {
  const modes = ['cold', 'warmed-up'];
  const runs = Object.fromEntries(modes.map((mode) => [mode, []]));
  for (let i = 0; i < PROCESSES; i++) {
    for (const mode of modes) runs[mode].push(await firstRequests(mode));
  }
  const rowsOf = (label, from, to) => {
    const cold = row(`${label}, cold`, 'us', summary(runs.cold, from, to));
    return [cold, row(`${label}, warmed up`, 'us', summary(runs['warmed-up'], from, to), { ratioTo: cold })];
  };
  return {
    frames: [`spot; ${PROCESSES} processes of each kind, in turn`],
    rows: [
      ...rowsOf('the very first request', 0, 1),
      ...rowsOf(`the first ${FIRST}`, 0, FIRST),
      ...rowsOf(`the first ${REQUESTS}`, 0, REQUESTS),
    ],
  };
}

async function firstRequests(mode) {
  const { stdout } = await promisify(execFile)(process.execPath, [CHILD, mode, String(REQUESTS)], {
    timeout: 120_000,
  });
  return JSON.parse(stdout);
}

/** Requests `from` to `to` of every process, in microseconds. */
function summary(runs, from, to) {
  const samples = new Samples(runs.length * (to - from));
  for (const times of runs) for (const ns of times.slice(from, to)) samples.add(ns / 1_000);
  return samples.summary();
}
