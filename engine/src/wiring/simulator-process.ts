import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Listing } from '../config/index.js';

/** What the simulator is to be; sent to it over the channel, so that nothing of it shows in a process list. */
export interface SimulatorSettings {
  readonly host: string;
  readonly port: number;
  readonly seed: number;
  /** Milliseconds; 0: nobody else trades. */
  readonly flowTickMs: number;
  readonly makerBps: number;
  readonly takerBps: number;
  readonly balances: Readonly<Record<string, string>>;
  readonly symbols: readonly Listing[];
  /** A recording that makes the market, in the place of seeded traders, and what is listed. */
  readonly recording?: string | undefined;
}

/** What the simulator tells the process that started it, once it is listening. */
export interface SimulatorReady {
  readonly rest: string;
  readonly stream: string;
  readonly wsApi: string;
  readonly control: string;
  /** Keys of the demo account, made for this run. */
  readonly apiKey: string;
  readonly privateKey: string;
}

export interface SimulatorProcess {
  readonly ready: SimulatorReady;
  /** Its process id. */
  readonly pid: number | undefined;
  /** Resolves when it ended, asked or not, with how: `with code 1`, `by SIGKILL`. */
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

const READY_MS = 15_000;
const STOP_MS = 500;

/** The command's JavaScript: beside this file's folder, or in the build when this file is still TypeScript. */
export function commandPath(): string {
  const url = import.meta.url.endsWith('.ts') ? '../../dist/cli/main.js' : '../cli/main.js';
  return fileURLToPath(new URL(url, import.meta.url));
}

/**
 * Starts `tradewind sim` as a child in a process group of its own: Ctrl-C at the terminal reaches the engine alone,
 * which must still cancel its orders there. The child ends by itself when its channel to us closes, however we end.
 */
export async function startSimulatorProcess(settings: SimulatorSettings): Promise<SimulatorProcess> {
  const path = commandPath();
  if (!existsSync(path)) throw new Error(`the engine is not built: ${path} is missing`);
  const child = fork(path, ['sim', '--child'], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
  });
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4_000);
  });
  const exited = new Promise<string>((resolve) =>
    child.once('exit', (code, signal) => resolve(signal === null ? `with code ${code}` : `by ${signal}`)),
  );
  const ready = await new Promise<SimulatorReady>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`the simulator was not ready after ${READY_MS} ms`)),
      READY_MS,
    );
    child.once('message', (message) => {
      clearTimeout(timer);
      resolve(message as SimulatorReady);
    });
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.send(settings);
    void exited.then((how) => {
      clearTimeout(timer);
      reject(new Error(`the simulator ended ${how} before it was ready: ${complaint.trim()}`));
    });
  }).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return {
    ready,
    pid: child.pid,
    exited,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      child.disconnect();
      await exited;
      clearTimeout(timer);
    },
  };
}
