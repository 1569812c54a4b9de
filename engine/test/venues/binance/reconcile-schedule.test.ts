import { describe, expect, it } from '@jest/globals';
import { ConnectionState } from '../../../src/domain/index.js';
import { nullLogger } from '../../../src/telemetry/index.js';
import { ReconcileSchedule, type ScheduleOptions } from '../../../src/venues/binance/reconcile-schedule.js';

/** A schedule over time that a test moves; each comparison takes no time. */
class World {
  nowMs = 1_000_000;
  readonly runs: number[] = [];
  readonly states: ConnectionState[] = [];
  readonly schedule: ReconcileSchedule;
  #waiting: { readonly atMs: number; readonly act: () => void }[] = [];

  constructor() {
    const stop = new AbortController();
    this.schedule = new ReconcileSchedule({
      reconciler: { run: async () => void this.runs.push(this.nowMs) },
      registry: { openCount: 0 },
      outlet: {
        hold: () => {},
        release: () => {},
        channels: (state: ConnectionState) => this.states.push(state),
      },
      limits: { blockedForMs: 0 },
      clock: { nowUs: () => this.nowMs * 1_000 },
      timers: {
        after: (ms: number, act: () => void) => {
          const entry = { atMs: this.nowMs + ms, act };
          this.#waiting.push(entry);
          return () => {
            this.#waiting = this.#waiting.filter((each) => each !== entry);
          };
        },
      },
      reconnect: { initialMs: 10, maxMs: 10, maxAttempts: 0 },
      metrics: { failedReconciles: { add: () => {} }, reconciles: { add: () => {} } },
      logger: nullLogger,
      onClockSkew: () => {},
      stop: stop.signal,
    } as unknown as ScheduleOptions);
  }

  async pass(ms: number): Promise<void> {
    const end = this.nowMs + ms;
    for (;;) {
      await this.schedule.settled;
      const next = this.#waiting.sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > end) break;
      this.#waiting.shift();
      this.nowMs = next.atMs;
      next.act();
    }
    this.nowMs = end;
  }
}

describe('ReconcileSchedule', () => {
  it('compares at once when something is missed right after another comparison, as after a takeover', async () => {
    const world = new World();
    world.schedule.subscribed('connected');
    await world.pass(0);
    const began = world.nowMs;
    expect(world.runs).toEqual([began]);
    await world.pass(20);
    for (let i = 0; i < 5; i++) {
      world.schedule.missed('an order of ours that nobody here knows');
      await world.pass(5);
    }
    expect(world.states.at(-1)).toBe(ConnectionState.Reconciling);
    await world.pass(100);
    expect(world.runs).toEqual([began, began + 70]);
    expect(world.states.at(-1)).toBe(ConnectionState.Up);
  });

  it('makes one run a second of a flood, and lets no flood put it off', async () => {
    const world = new World();
    world.schedule.subscribed('connected');
    await world.pass(0);
    const began = world.nowMs;
    for (let i = 0; i < 350; i++) {
      world.schedule.missed('undecodable message');
      await world.pass(10);
    }
    expect(world.runs.map((ms) => ms - began)).toEqual([0, 50, 1_050, 2_050, 3_050]);
  });
});
