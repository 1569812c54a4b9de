import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. Rejects when it can not be started or takes longer than `timeoutMs`. */
export type Runner = (file: string, args: readonly string[], timeoutMs: number) => Promise<RunResult>;

/** The {@link Runner} of real programs. */
export const runProgram: Runner = (file, args, timeoutMs) =>
  new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    const out = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      out.stderr += text;
    });
    child.on('error', reject);
    // `exit`, not `close`: a daemon that inherited our pipes would keep them open.
    child.on('exit', (code, signal) => {
      if (code === null)
        reject(new Error(`${file} ${args.join(' ')}: ended by ${signal} within ${timeoutMs} ms`));
      else resolve({ code, ...out });
    });
  });

/** What systemd says of the engine's unit. */
export type UnitState = 'dead' | 'alive';

const COMMAND_TIMEOUT_MS = 10_000;
const POLL_MS = 10;

/** The engine's systemd unit. */
export class EngineUnit {
  readonly #systemctl: string;
  readonly #unit: string;
  readonly #run: Runner;

  /** `systemctl` is the path of the program. */
  constructor(systemctl: string, unit: string, run: Runner = runProgram) {
    this.#systemctl = systemctl;
    this.#unit = unit;
    this.#run = run;
  }

  /** Queues the start; a later {@link kill} takes a queued start back. */
  async start(): Promise<void> {
    const { code, stderr } = await this.#do('start', '--no-block', this.#unit);
    if (code !== 0) throw new Error(`systemctl start ${this.#unit} failed with ${code}: ${stderr.trim()}`);
  }

  /** Asks the engine to cancel its orders and end (the unit's KillSignal); returns when systemd says that it did. */
  async stop(): Promise<void> {
    await this.#do('stop', this.#unit);
  }

  /** SIGKILL to all its processes, then `stop` against a restart by systemd; returns when it is dead for certain. */
  async kill(): Promise<void> {
    for (;;) {
      try {
        await this.#do('kill', '--signal=SIGKILL', this.#unit);
        await this.#do('stop', this.#unit);
        if ((await this.state()) === 'dead') return;
      } catch {
        // Not being able to tell is not being dead: again.
      }
      await sleep(POLL_MS);
    }
  }

  async state(): Promise<UnitState> {
    const { stdout, code } = await this.#do('show', '--property=ActiveState', '--value', this.#unit);
    if (code !== 0) throw new Error(`systemctl show ${this.#unit} failed with ${code}`);
    const state = stdout.trim();
    return state === 'inactive' || state === 'failed' ? 'dead' : 'alive';
  }

  #do(...args: string[]): Promise<RunResult> {
    return this.#run(this.#systemctl, args, COMMAND_TIMEOUT_MS);
  }
}
