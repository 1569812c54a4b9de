import { randomUUID } from 'node:crypto';
import type { LeaseRow } from './lease-row.js';
import type { LeaseStore } from './lease-store.js';

const TRIES = 8;

/**
 * Changes the lease from outside the agents: reads, lets `change` decide, compares and sets; again when an agent wrote in
 * between. `change` returns undefined when nothing is to be done. Resolves with the row as it is then, undefined when
 * there is none.
 */
export async function changeLease(
  store: LeaseStore,
  change: (row: LeaseRow) => Omit<LeaseRow, 'version' | 'writeId' | 'updatedAt'> | undefined,
): Promise<LeaseRow | undefined> {
  let problem = 'the version had moved on each time';
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const row = await store.read();
    if (row === undefined) return undefined;
    const changed = change(row);
    if (changed === undefined) return row;
    const next: LeaseRow = {
      ...changed,
      version: row.version + 1,
      writeId: randomUUID(),
      updatedAt: new Date().toISOString(),
    };
    const outcome = await store.write(next, row.version);
    if (outcome.kind === 'stored') return next;
    // Not known: the next read shows whether `change` still has something to do.
    if (outcome.kind === 'unknown') problem = outcome.error;
  }
  throw new Error(`the lease was not changed in ${TRIES} tries: ${problem}`);
}
