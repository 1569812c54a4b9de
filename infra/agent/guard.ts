import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { EngineUnit } from './unit-control.js';

/** From the agent to its guard, one JSON object per line; times are the host's monotonic milliseconds. */
export type GuardOrder =
  | { readonly kind: 'permit'; readonly deadlineMs: number }
  | { readonly kind: 'start'; readonly epoch: number; readonly deadlineMs: number }
  | {
      readonly kind: 'stop';
      readonly how: 'graceful' | 'kill';
      readonly serial: number;
      readonly graceMs: number;
    };

/** From the guard to its agent. */
export type GuardReport =
  | { readonly kind: 'alive' }
  | { readonly kind: 'started'; readonly epoch: number }
  | { readonly kind: 'refused'; readonly epoch: number; readonly why: string }
  /** The engine is dead; `serial` of the stop that asked for it. `clean`: it ended by itself. */
  | { readonly kind: 'dead'; readonly serial: number; readonly clean: boolean }
  /** The guard killed it because the permission ran out. */
  | { readonly kind: 'overdue'; readonly lateMs: number };

export interface GuardOptions {
  readonly unit: EngineUnit;
  readonly clock: () => number;
  readonly tickMs: number;
  readonly report: (report: GuardReport) => void;
}

const ALIVE_EVERY_MS = 100;

/**
 * The only process that starts the engine, and the one that kills it when its permission runs out or the agent is gone.
 * It talks to nobody else, so that nothing but a stop of the whole machine can keep it from its deadline.
 */
export class EngineGuard {
  readonly #options: GuardOptions;
  readonly #timer: NodeJS.Timeout;
  #deadlineMs = Number.NEGATIVE_INFINITY;
  #mayRun = false;
  #killing: Promise<void> | undefined;
  /** A start that was asked of systemd and not yet answered. */
  #starting: Promise<void> | undefined;
  /** A start that waits is void after a stop. */
  #stops = 0;
  #aliveAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), options.tickMs);
  }

  obey(order: GuardOrder): void {
    if (order.kind === 'permit') this.#deadlineMs = Math.max(this.#deadlineMs, order.deadlineMs);
    else if (order.kind === 'start') void this.#start(order.epoch, order.deadlineMs);
    else void this.#stop(order.how, order.serial, order.graceMs);
  }

  /** The agent is gone: ends the engine, then resolves. */
  async abandon(): Promise<void> {
    this.#stops += 1;
    await this.#kill();
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = this.#options.clock();
    if (this.#mayRun && now >= this.#deadlineMs) {
      const lateMs = now - this.#deadlineMs;
      void this.#kill().then(() => this.#options.report({ kind: 'overdue', lateMs }));
    }
    if (now - this.#aliveAtMs >= ALIVE_EVERY_MS) {
      this.#aliveAtMs = now;
      this.#options.report({ kind: 'alive' });
    }
  }

  async #start(epoch: number, deadlineMs: number): Promise<void> {
    const { unit, clock, report } = this.#options;
    const stops = this.#stops;
    while (this.#killing !== undefined) await this.#killing;
    // The agent has thought better of it meanwhile.
    if (stops !== this.#stops) return;
    if (clock() >= deadlineMs) {
      report({ kind: 'refused', epoch, why: 'the permission ran out before the start' });
      return;
    }
    this.#deadlineMs = Math.max(this.#deadlineMs, deadlineMs);
    this.#mayRun = true;
    const starting = unit.start();
    this.#starting = starting;
    try {
      await starting;
      // Told to stop while it was starting: the kill waited for this, and goes after it.
      if (!this.#mayRun) await this.#kill();
      else report({ kind: 'started', epoch });
    } catch (error) {
      report({ kind: 'refused', epoch, why: error instanceof Error ? error.message : String(error) });
    } finally {
      if (this.#starting === starting) this.#starting = undefined;
    }
  }

  async #stop(how: 'graceful' | 'kill', serial: number, graceMs: number): Promise<void> {
    this.#stops += 1;
    let clean = false;
    if (how === 'graceful' && this.#mayRun) {
      const stopped = this.#options.unit.stop().then(
        () => true,
        () => false,
      );
      clean = await Promise.race([stopped, this.#graceOver(graceMs)]);
    }
    // Also after a clean end: only this makes certain that systemd does not start it again.
    await this.#kill();
    this.#options.report({ kind: 'dead', serial, clean });
  }

  /** False as soon as the grace or the permission has run out. */
  #graceOver(graceMs: number): Promise<false> {
    const until = this.#options.clock() + graceMs;
    return new Promise((resolve) => {
      const look = setInterval(() => {
        if (this.#options.clock() < until && this.#mayRun) return;
        clearInterval(look);
        resolve(false);
      }, this.#options.tickMs);
    });
  }

  /** One kill at a time; a permission given before it does not outlive it. */
  #kill(): Promise<void> {
    this.#mayRun = false;
    this.#deadlineMs = Number.NEGATIVE_INFINITY;
    this.#killing ??= this.#untilDead().finally(() => {
      this.#killing = undefined;
    });
    return this.#killing;
  }

  /** Systemd may get a start that is on its way after the first kill: then it takes a second one. */
  async #untilDead(): Promise<void> {
    const starting = this.#starting;
    await this.#options.unit.kill();
    if (starting === undefined) return;
    await starting.catch(() => {});
    await this.#options.unit.kill();
  }
}

/** The guard as a process: orders on `input`, reports on `output`; resolves when the agent is gone and the engine dead. */
export async function runGuard(
  input: Readable,
  output: Writable,
  options: Omit<GuardOptions, 'report'>,
): Promise<void> {
  // An agent that died leaves a broken pipe behind; that must not end the guard before the engine.
  output.on('error', () => {});
  const guard = new EngineGuard({
    ...options,
    report: (report) => output.write(`${JSON.stringify(report)}\n`),
  });
  const lines = createInterface({ input });
  await new Promise<void>((resolve) => {
    lines.on('line', (line) => guard.obey(JSON.parse(line) as GuardOrder));
    lines.on('close', resolve);
    lines.on('error', () => resolve());
  });
  await guard.abandon();
}
