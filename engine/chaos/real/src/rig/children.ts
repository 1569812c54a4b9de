import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, closeSync, constants, openSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface Spawn {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Network namespace it runs in. */
  readonly namespace?: string | undefined;
  /** What it says on standard error is appended to this file. */
  readonly errorLog: string;
}

/** Path of a program, undefined where it is not installed. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * Every process the harness starts, and whatever else must not outlive it. Processes end with it however it ends: the kernel
 * kills them with their parent where `setpriv` (util-linux) can ask it to.
 */
export class Children {
  readonly #running = new Set<ChildProcess>();
  readonly #leftovers = new Set<() => void>();
  readonly #setpriv = findProgram('setpriv');

  constructor() {
    process.on('exit', () => {
      this.killAll();
      for (const remove of this.#leftovers) remove();
    });
  }

  /** Standard output is a pipe for the caller to read. The process id is that of the program itself. */
  spawn({ command, args, env, namespace, errorLog }: Spawn): ChildProcess {
    const line = [command, ...args];
    if (namespace !== undefined) line.unshift(findProgram('ip')!, 'netns', 'exec', namespace);
    if (this.#setpriv !== undefined) line.unshift(this.#setpriv, '--pdeathsig', 'KILL', '--');
    const errors = openSync(errorLog, 'a');
    const child = spawn(line[0]!, line.slice(1), {
      env: { ...inherited(), ...env },
      stdio: ['ignore', 'pipe', errors],
    });
    closeSync(errors);
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
    child.once('error', () => this.#running.delete(child));
    return child;
  }

  /** Gives a function that removes something, now or when the harness ends, and once. */
  removal(remove: () => void): () => void {
    const once = () => {
      if (this.#leftovers.delete(once)) remove();
    };
    this.#leftovers.add(once);
    return once;
  }

  killAll(): void {
    for (const child of this.#running) child.kill('SIGKILL');
  }
}

/** Settings of the person's own engine are none of ours. */
function inherited(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !entry[0].startsWith('TRADEWIND_') && entry[0] !== 'NODE_OPTIONS',
  );
  return Object.fromEntries(entries);
}

/** Asks a process to end and waits; kills it when it does not. Gives its exit code, null when a signal ended it. */
export async function endChild(child: ChildProcess, patienceMs: number): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await exited;
  clearTimeout(timer);
  return child.exitCode;
}
