import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** 2020-01-01T00:00:00Z in microseconds: epochs count seconds from here, so that they fit six base-32 digits to 2054. */
const FLOOR_ORIGIN_US = 1_577_836_800_000_000;

/**
 * Takes the next fencing epoch and stores it durably before returning it, so that no run ever reuses one and with it a
 * client order id. The seconds of the clock are a floor: should the file be lost, the next epoch is still a new one.
 *
 * Throws when the file holds something else than an epoch, or cannot be written: trading without would reuse ids.
 */
export function takeEpoch(path: string, nowUs: number): number {
  const floor = Math.floor((nowUs - FLOOR_ORIGIN_US) / 1e6);
  const epoch = Math.max(readEpoch(path) + 1, floor);
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.new`;
  const file = openSync(draft, 'w');
  try {
    writeSync(file, `${epoch}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
  syncFolder(dirname(path));
  return epoch;
}

/** A rename is durable only once its folder is. */
function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function readEpoch(path: string): number {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
  if (!/^\d{1,10}\n?$/.test(text)) {
    throw new Error(
      `epoch file ${path} is damaged (${JSON.stringify(text.slice(0, 40))}): delete it to start from the clock`,
    );
  }
  return Number(text);
}
