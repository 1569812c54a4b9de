import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { HeldError, lockHolder, takeProcessLock } from './process-lock.js';
import { SessionError } from './session-error.js';
import { commandPath, type SimulatorReady, type SimulatorSettings } from './simulator-process.js';

const READY_MS = 30_000;
const POLL_MS = 25;
const LOOK_MS = 500;
/** A simulator nobody has used for so long ends. */
const IDLE_MS = 30_000;

const settingsSchema = z.custom<SimulatorSettings>((value) => typeof value === 'object' && value !== null);
const readySchema = z.strictObject({
  rest: z.string(),
  stream: z.string(),
  wsApi: z.string(),
  control: z.string(),
  apiKey: z.string(),
  privateKey: z.string(),
});

/** A simulated venue that outlives the engines that use it. */
export interface SharedSimulator {
  readonly ready: SimulatorReady;
  /** It may end now, as far as this engine is concerned. */
  leave(): void;
}

const files = (folder: string) => ({
  settings: join(folder, 'settings.json'),
  ready: join(folder, 'ready.json'),
  lock: join(folder, 'lock'),
  users: join(folder, 'users'),
});

/**
 * The simulated venue of a pair: a process of its own that both engines use, and that lives on when either is killed. The
 * first engine starts it with its settings; it ends by itself once no engine has used it for half a minute.
 */
export async function joinSharedSimulator(
  folder: string,
  settings: SimulatorSettings,
): Promise<SharedSimulator> {
  const { settings: settingsFile, ready, lock, users } = files(folder);
  mkdirSync(users, { recursive: true, mode: 0o700 });
  const leave = takeProcessLock(join(users, `${process.pid}`));
  try {
    const deadline = performance.now() + READY_MS;
    let started = false;
    for (;;) {
      const found = lockHolder(lock) === undefined ? undefined : readReady(ready);
      if (found !== undefined) return { ready: found, leave };
      if (!started && lockHolder(lock) === undefined) {
        started = true;
        rmSync(ready, { force: true });
        writeWhole(settingsFile, JSON.stringify(settings));
        spawn(process.execPath, [commandPath(), 'sim', '--shared', folder], {
          detached: true,
          stdio: 'ignore',
        }).unref();
      }
      if (performance.now() > deadline) {
        throw new SessionError(
          `the simulated venue of the pair in ${folder} was not ready in ${READY_MS} ms`,
        );
      }
      await sleep(POLL_MS);
    }
  } catch (error) {
    leave();
    throw error;
  }
}

/**
 * The other side: what `tradewind sim --shared` does. Resolves when nobody uses the simulator any more, and at once when
 * another process serves that folder already.
 */
export async function serveSharedSimulator(
  folder: string,
  start: (settings: SimulatorSettings) => Promise<{ readonly ready: SimulatorReady; close(): Promise<void> }>,
): Promise<void> {
  const { settings, ready, lock, users } = files(folder);
  let release: () => void;
  try {
    release = takeProcessLock(lock);
  } catch (error) {
    if (error instanceof HeldError) return;
    throw error;
  }
  try {
    const running = await start(settingsSchema.parse(JSON.parse(readFileSync(settings, 'utf8'))));
    writeWhole(ready, JSON.stringify(running.ready));
    for (let idleMs = 0; idleMs < IDLE_MS; idleMs += LOOK_MS) {
      if (readdirSync(users).some((user) => lockHolder(join(users, user)) !== undefined)) idleMs = 0;
      await sleep(LOOK_MS);
    }
    rmSync(ready, { force: true });
    await running.close();
  } finally {
    release();
  }
}

function readReady(path: string): SimulatorReady | undefined {
  return existsSync(path) ? readySchema.parse(JSON.parse(readFileSync(path, 'utf8'))) : undefined;
}

/** Seen whole or not at all; it holds the keys of the play account. */
function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.${process.pid}`, text, { mode: 0o600 });
  renameSync(`${path}.${process.pid}`, path);
}
