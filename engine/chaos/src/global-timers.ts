import { monotonicMs } from './engine.js';
import { START_UNIX_US, Thread } from './process.js';
import type { Pending, World } from './world.js';

/** Names of what is replaced. */
const NAMES = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate'] as const;
/** Node turns a delay it cannot hold into 1 ms. */
const LONGEST_MS = 2 ** 31 - 1;

/** What the replaced functions return: enough of a `NodeJS.Timeout` for the engine. */
class VirtualTimer {
  pending: Pending | undefined;
  unref(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  hasRef(): boolean {
    return true;
  }
}

/**
 * While a run lasts, the process's timers, clocks and chance are the world's: production code that uses them gets simulated
 * ones without knowing, on behalf of whoever's event it runs in. Returns what puts the real ones back.
 */
export function takeGlobals(world: World): () => void {
  const real = new Map<string, unknown>(NAMES.map((name) => [name, globalThis[name]]));
  const { now: realNow } = Date;
  const { random: realRandom } = Math;
  const realPerformanceNow = performance.now;
  const realBigint = process.hrtime.bigint;
  const start = (callback: (...args: unknown[]) => void, ms: number, args: unknown[], again: boolean) => {
    const delayUs = Math.max(1, Number.isFinite(ms) && ms <= LONGEST_MS ? ms : 1) * 1000;
    const owner = world.current;
    const timer = new VirtualTimer();
    const arm = () => {
      const fromUs = owner instanceof Thread ? owner.nowUs : world.nowUs;
      timer.pending = world.at(fromUs + delayUs, owner, 'timer', () => {
        world.promised();
        if (again) arm();
        callback(...args);
      });
    };
    arm();
    return timer;
  };
  const stop = (timer: unknown) => {
    if (timer instanceof VirtualTimer) timer.pending?.cancel();
  };
  Object.assign(globalThis, {
    setTimeout: (callback: () => void, ms = 1, ...args: unknown[]) => start(callback, ms, args, false),
    setInterval: (callback: () => void, ms = 1, ...args: unknown[]) => start(callback, ms, args, true),
    setImmediate: (callback: (...args: unknown[]) => void, ...args: unknown[]) => {
      const timer = new VirtualTimer();
      timer.pending = world.after(0, world.current, 'immediate', () => {
        world.promised();
        callback(...args);
      });
      return timer;
    },
    clearTimeout: stop,
    clearInterval: stop,
  });
  const thread = () => (world.current instanceof Thread ? world.current : undefined);
  Date.now = () => {
    const running = thread();
    const us =
      running === undefined ? START_UNIX_US + world.nowUs : running.process.host.wallUs(running.nowUs);
    return Math.floor(us / 1000);
  };
  const monotonicNs = () => thread()?.process.monotonicNs() ?? world.nowUs * 1000;
  // The engine's own monotonic clock is this one and a number that it measured when it was loaded.
  performance.now = () => 0;
  const offsetMs = monotonicMs();
  performance.now = () => monotonicNs() / 1e6 - offsetMs;
  process.hrtime.bigint = () => BigInt(Math.round(monotonicNs()));
  Math.random = () => world.random.uniform();
  return () => {
    Object.assign(globalThis, Object.fromEntries(real));
    Date.now = realNow;
    Math.random = realRandom;
    performance.now = realPerformanceNow;
    process.hrtime.bigint = realBigint;
  };
}
