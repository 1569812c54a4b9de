import type { LeaseRow } from '@tradewind/engine/ha/lease';
import { DynamoLeaseStore } from '@tradewind/engine/ha/lease/dynamo';
import { createLog, type Log } from '../../../shared/index.js';
import { startLeaseTable } from '../../agent/support/pair.js';

/** A lease store over a DynamoDB-compatible server and real sockets. */
export async function startLeaseStore() {
  const table = await startLeaseTable();
  const store = new DynamoLeaseStore({ client: table.client, table: table.table, timeoutMs: 5_000 });
  let version: number | undefined;
  return {
    store,
    stop: table.stop,
    /** Writes a row whatever is there. */
    async put(row: Partial<LeaseRow>): Promise<void> {
      version = (await store.read())?.version;
      const outcome = await store.write({ ...leaseRow(), ...row, version: (version ?? 0) + 1 }, version);
      if (outcome.kind !== 'stored') throw new Error(`lease not stored: ${outcome.kind}`);
    },
  };
}

export function leaseRow(): LeaseRow {
  return {
    epoch: 5,
    version: 1,
    holder: 'standby',
    instanceId: 'i-standby',
    renewEveryMs: 500,
    expireAfterMs: 2_500,
    writeId: 'w',
    updatedAt: '2026-01-01T00:00:00.000Z',
  };
}

/** A log whose lines a test can read. */
export function memoryLog(): { log: Log; lines: string[] } {
  const lines: string[] = [];
  return { lines, log: createLog({ function: 'test' }, (line) => lines.push(line)) };
}
