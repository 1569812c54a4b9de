import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../config/index.js';
import { HeldError, takeProcessLock } from './process-lock.js';
import { SessionError } from './session-error.js';

/** 2020-01-01T00:00:00Z in microseconds: epochs count seconds from here, so that they fit six base-32 digits to 2054. */
const FLOOR_ORIGIN_US = 1_577_836_800_000_000;
/** Holding the lock takes milliseconds. */
const LOCK_PATIENCE_MS = 10_000;

/** The epoch of a run on its own (`takeEpoch`). Throws a SessionError that names the setting. */
export function sessionEpoch({ session }: Config, nowUs: number): number {
  const { epochFile } = session;
  try {
    return takeEpoch(epochFile, nowUs);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const system = (error as NodeJS.ErrnoException).code !== undefined;
    throw new SessionError(
      system
        ? `session.stateDir: cannot keep the epoch in ${epochFile}: ${why}: name a folder that can be written to`
        : `session.epochFile: ${why}`,
    );
  }
}

/**
 * Takes the next fencing epoch and stores it durably before returning it, so that no run ever reuses one and with it a
 * client order id. The seconds of the clock are a floor: should the file be lost, the next epoch is still a new one.
 *
 * Throws when the file holds something else than an epoch, or cannot be written: trading without would reuse ids.
 */
export function takeEpoch(path: string, nowUs: number): number {
  mkdirSync(dirname(path), { recursive: true });
  const unlock = lock(`${path}.lock`);
  try {
    return takeLocked(path, nowUs);
  } finally {
    unlock();
  }
}

/** Only one process at a time may read and replace the file. */
function lock(path: string): () => void {
  const deadline = Date.now() + LOCK_PATIENCE_MS;
  for (;;) {
    try {
      return takeProcessLock(path);
    } catch (error) {
      if (!(error instanceof HeldError)) throw error;
      if (Date.now() > deadline) throw new Error(`${error.message}: is an engine starting?`);
      // Taken once, at start: nothing else is to be done meanwhile.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** No epoch is lower at this time, so that one which is not stored where it was is a new one all the same. */
export function epochFloor(nowUs: number): number {
  return Math.floor((nowUs - FLOOR_ORIGIN_US) / 1e6);
}

function takeLocked(path: string, nowUs: number): number {
  const epoch = Math.max(readEpoch(path) + 1, epochFloor(nowUs));
  const draft = `${path}.${process.pid}.new`;
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
