import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { GuardOrder, GuardReport } from './guard.js';

export interface GuardProcessOptions {
  /** The agent's own program and arguments that make it a guard. */
  readonly command: readonly string[];
  readonly onReport: (report: GuardReport) => void;
  readonly onExit: (why: string) => void;
}

/** The guard as the agent sees it: a child that lives as long as the agent, and a little longer. */
export class GuardProcess {
  readonly #child: ChildProcess;

  constructor(options: GuardProcessOptions) {
    const [program, ...args] = options.command;
    // Detached: a Ctrl-C meant for the agent must not reach the one process that cleans up after it.
    this.#child = spawn(program!, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
    createInterface({ input: this.#child.stdout! }).on('line', (line) =>
      options.onReport(JSON.parse(line) as GuardReport),
    );
    this.#child.stdin!.on('error', () => {});
    this.#child.on('error', (error) => options.onExit(error.message));
    this.#child.on('exit', (code, signal) => options.onExit(signal ?? `exit code ${code}`));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  order(order: GuardOrder): void {
    this.#child.stdin!.write(`${JSON.stringify(order)}\n`);
  }

  /** Lets go of it: it kills whatever engine is left and ends. */
  release(): void {
    this.#child.stdin!.end();
  }
}
