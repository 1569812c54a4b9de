import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from '@jest/globals';

/** The built command. */
export const CLI = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

/** `it`, or a skip that says why: these tests run the engine as it is shipped. */
export const itBuilt = existsSync(CLI) ? it : it.skip;

/** Long enough for a machine that is busy with other things; nothing here measures speed. */
export const PATIENCE_MS = 45_000;

/** A line of the engine's log. */
export interface LogLine {
  readonly level: string;
  readonly time: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const folders: string[] = [];
const children: ChildProcess[] = [];

/** A folder of its own under the system's temporary one; removed after the test file, unless E2E_KEEP is set. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-'));
  folders.push(folder);
  return folder;
}

afterAll(() => {
  // A test that failed has not ended its engines: they would trade on for good.
  for (const child of children)
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  if (process.env.E2E_KEEP !== undefined) return;
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Resolves when `condition` gives something; rejects with `what` it waited for when it never does. */
export async function eventually<T>(
  what: string,
  condition: () => T | Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== null && value !== false) return value as NonNullable<T>;
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A `tradewind` command running as a process of its own, and everything it says. */
export class EngineProcess {
  readonly lines: LogLine[] = [];
  /** Lines of standard output that are not JSON objects. */
  readonly noise: string[] = [];
  stdout = '';
  stderr = '';
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  #rest = '';

  constructor(args: readonly string[], options: { cwd: string; env?: Record<string, string> }) {
    const env = Object.fromEntries(
      Object.entries(process.env).filter(
        ([name]) => !name.startsWith('TRADEWIND_') && name !== 'NODE_OPTIONS',
      ),
    );
    this.#child = spawn(process.execPath, [CLI, ...args], {
      cwd: options.cwd,
      // Dozens of engines are started here, and none of them is timed.
      env: { ...env, TRADEWIND_SESSION__WARM_UP: 'false', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(this.#child);
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      // Not `exit`: what it said last may still be in the pipes.
      this.#child.once('close', (code, signal) => resolve({ code, signal }));
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The first line from `since` on that fits. */
  logged(fits: (line: LogLine) => boolean, since = 0): LogLine | undefined {
    for (let i = since; i < this.lines.length; i++) if (fits(this.lines[i]!)) return this.lines[i];
    return undefined;
  }

  /** Waits for a line; rejects at once when the process ends without it. */
  untilLogged(what: string, fits: (line: LogLine) => boolean, since = 0): Promise<LogLine> {
    return eventually(what, () => {
      const line = this.logged(fits, since);
      if (line === undefined && !this.running)
        throw new Error(`ended before it logged: ${what}\n${this.tail()}`);
      return line;
    });
  }

  /** How it ended; killed when it does not end by itself. */
  async end(patienceMs = PATIENCE_MS): Promise<Ended> {
    const timer = setTimeout(() => this.kill('SIGKILL'), patienceMs);
    const ended = await this.ended;
    clearTimeout(timer);
    return ended;
  }

  /** What it said last, for failures. */
  tail(): string {
    return `${this.stdout.slice(-4_000)}\n${this.stderr.slice(-2_000)}`;
  }

  #take(text: string): void {
    this.stdout += text;
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) {
      try {
        const value: unknown = JSON.parse(line);
        if (typeof value !== 'object' || value === null) throw new Error('no object');
        this.lines.push(value as LogLine);
      } catch {
        this.noise.push(line);
      }
    }
  }
}

/** Runs a command to its end. */
export async function run(
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string> },
): Promise<EngineProcess & Ended> {
  const child = new EngineProcess(args, options);
  return Object.assign(child, await child.end());
}

/** One clear error: one line that names the command, no stack trace, nothing else said. */
export function expectOneError(child: EngineProcess & Ended, code: number, words: RegExp): void {
  const lines = child.stderr.trimEnd().split('\n');
  expect({ code: child.code, stderr: child.stderr }).toEqual({ code, stderr: expect.stringMatching(words) });
  expect(lines).toEqual([expect.stringMatching(/^tradewind: /)]);
  expect(child.stderr).not.toMatch(/\n\s+at /);
}

export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
