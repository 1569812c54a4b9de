import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Somebody who lives has it. */
export class HeldError extends Error {
  override readonly name = 'HeldError';
  readonly pid: number;

  constructor(path: string, pid: number) {
    super(`${path} is held by process ${pid}`);
    this.pid = pid;
  }
}

/**
 * Takes what only one process at a time may have, for as long as it lives: a lock whose process is gone counts for
 * nothing. Returns what gives it back. Throws {@link HeldError} when a living process has it.
 */
export function takeProcessLock(path: string): () => void {
  mkdirSync(dirname(path), { recursive: true });
  const mine = `${process.pid} ${startOf(process.pid)}\n`;
  const draft = `${path}.${process.pid}.new`;
  writeFileSync(draft, mine);
  try {
    for (;;) {
      try {
        // A link of a complete file: whoever sees the lock sees whose it is.
        linkSync(draft, path);
        return () => {
          if (readOwner(path) === mine) rmSync(path, { force: true });
        };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      breakIfDead(path);
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

/** The living process that has the lock; undefined when nobody does. */
export function lockHolder(path: string): number | undefined {
  const owner = readOwner(path);
  return owner === undefined ? undefined : livingOwner(owner);
}

function breakIfDead(path: string): void {
  const owner = readOwner(path);
  if (owner === undefined) return;
  const pid = livingOwner(owner);
  if (pid !== undefined) throw new HeldError(path, pid);
  const aside = `${path}.${process.pid}.dead`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  // Another process may have broken the dead one's lock and taken it in between: then it is put back.
  if (readOwner(aside) !== owner) {
    try {
      linkSync(aside, path);
    } catch {
      // And a third one has it already.
    }
  }
  rmSync(aside, { force: true });
}

function readOwner(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function livingOwner(owner: string): number | undefined {
  const [pid = '', start = ''] = owner.trim().split(' ');
  return /^\d+$/.test(pid) && isAlive(Number(pid)) && startOf(Number(pid)) === start
    ? Number(pid)
    : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process began, in ticks since boot: a process id is used again, the two together are not. `-` off Linux. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command, in brackets, may hold anything: fields are counted from behind it; the 22nd is the start.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'gone' : (fields[19] ?? '-');
  } catch {
    return '-';
  }
}
