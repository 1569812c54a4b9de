import { setTimeout as sleep } from 'node:timers/promises';

/** Something that should have happened did not. */
export class NeverHappened extends Error {}

const LOOK_MS = 5;

/**
 * Waits until `condition` gives something. Throws NeverHappened with `what` after `patienceMs`, and at once what the condition
 * throws.
 */
export async function until<T>(
  what: string,
  patienceMs: number,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  lookMs = LOOK_MS,
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new NeverHappened(`${what}: not within ${patienceMs} ms`);
    await sleep(lookMs);
  }
}

/** The wall clock the venue's ledger is told by, microseconds since 1970. */
export function nowUs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}
