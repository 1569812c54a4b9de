import type { ChildProcess } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Children, endChild } from './children.js';
import { CLI } from './engine-cli.js';
import { parseMetrics } from './metrics.js';
import { WallClock } from './wall-clocks.js';

/** A line of an engine's log. */
export interface LogLine {
  readonly msg: string;
  readonly level: string;
  readonly [field: string]: unknown;
}

export interface NodeOptions {
  readonly name: string;
  readonly folder: string;
  readonly config: string;
  readonly namespace: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  /** Address of its metrics as the harness reaches it. */
  readonly telemetryHost: string;
}

const END_MS = 20_000;
const SCRAPE_MS = 1_000;

/** One engine of the pair over all the processes it is in turn. */
export class Node {
  readonly name: string;
  /** Its log over all its lives. */
  readonly logFile: string;
  /** When the present process was started, on this process's monotonic clock, milliseconds. */
  startedMs = 0;
  /** Log lines of the present process that say something other than how things stand. */
  lines: LogLine[] = [];
  /** The highest epoch any of its processes said it leads under. */
  ledEpoch = 0;
  /** Times any of its processes was fenced. */
  fenced = 0;
  #isFollowing = false;
  #isWarm = false;
  readonly #children: Children;
  readonly #options: NodeOptions;
  #child: ChildProcess | undefined;
  #metricsUrl: string | undefined;

  constructor(children: Children, options: NodeOptions) {
    this.name = options.name;
    this.logFile = join(options.folder, `${options.name}.log`);
    this.#children = children;
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** It says that it receives the leader's records and has market data of its own: what it takes to take over. */
  get isStandby(): boolean {
    return this.isRunning && this.#isFollowing && this.#isWarm;
  }

  start(): void {
    const { name, config, folder, namespace, env } = this.#options;
    this.lines = [];
    this.#metricsUrl = undefined;
    this.#isFollowing = false;
    this.#isWarm = false;
    this.startedMs = performance.now();
    this.#child = this.#children.spawn({
      command: process.execPath,
      args: [CLI, 'paper', '--ha', '--node', name, '--config', config],
      namespace,
      env,
      errorLog: join(folder, `${name}.err`),
    });
    const { pid } = this.#child;
    if (env.LD_PRELOAD !== undefined) this.#child.once('exit', () => WallClock.forget(pid));
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#take(line));
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Kills it and waits until it is gone. */
  async kill(): Promise<void> {
    const child = this.#child!;
    if (!this.isRunning) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
  }

  /** Ends it in order; its exit code, null when it had to be killed. */
  async stop(): Promise<number | null> {
    return this.#child === undefined ? null : await endChild(this.#child, END_MS);
  }

  said(message: string): LogLine | undefined {
    return this.lines.findLast(({ msg }) => msg === message);
  }

  /** Its metrics by name and labels; undefined while it does not serve them. */
  async metrics(): Promise<ReadonlyMap<string, number> | undefined> {
    if (this.#metricsUrl === undefined || !this.isRunning) return undefined;
    try {
      const reply = await fetch(this.#metricsUrl, { signal: AbortSignal.timeout(SCRAPE_MS) });
      return parseMetrics(await reply.text());
    } catch {
      return undefined;
    }
  }

  #take(text: string): void {
    appendFileSync(this.logFile, `${text}\n`);
    let line: LogLine;
    try {
      line = JSON.parse(text) as LogLine;
    } catch {
      return;
    }
    if (line.msg !== 'status') this.lines.push(line);
    switch (line.msg) {
      case 'telemetry is up': {
        const { port } = new URL(String(line.metrics));
        this.#metricsUrl = `http://${this.#options.telemetryHost}:${port}/metrics`;
        break;
      }
      case 'market data connected':
        this.#isWarm = true;
        break;
      case 'following the leader':
        this.#isFollowing = true;
        break;
      case 'not following the leader':
        this.#isFollowing = false;
        break;
      case 'leading':
        this.#isFollowing = false;
        this.ledEpoch = Math.max(this.ledEpoch, Number(line.epoch));
        break;
      case 'fenced: this process leads no more':
        this.#isWarm = false;
        this.fenced++;
    }
  }
}
