import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { findEtcd, startEtcd } from '../../../../../ci/etcd.mjs';
import type { LeasePlace, LeaseRow } from '../../../../src/ha/index.js';

/** One kind of store, running: each `place()` is a lease of its own. */
export interface StoreServer {
  place(): LeasePlace;
  stop(): Promise<void>;
}

/** What there is to test against; `missing` says what to install. */
export const SERVERS: Record<LeasePlace['kind'], { missing?: string; start: () => Promise<StoreServer> }> = {
  file: {
    start: async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tradewind-lease-'));
      return {
        place: () => ({ kind: 'file', path: join(folder, randomUUID()) }),
        stop: async () => rmSync(folder, { recursive: true, force: true }),
      };
    },
  },
  etcd: {
    ...(findEtcd() === undefined && { missing: 'etcd-server' }),
    start: async () => {
      const { endpoint, stop } = await startEtcd();
      return { place: () => ({ kind: 'etcd', endpoints: [endpoint], key: randomUUID() }), stop };
    },
  },
  dynamodb: { start: startDynalite },
};

async function startDynalite(): Promise<StoreServer> {
  process.env.AWS_ACCESS_KEY_ID ??= 'x';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'x';
  const server: Server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const region = 'local';
  const client = new DynamoDBClient({ endpoint, region });
  await client.send(
    new CreateTableCommand({
      TableName: 'lease',
      KeySchema: [{ AttributeName: 'leaseKey', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'leaseKey', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  client.destroy();
  return {
    place: () => ({ kind: 'dynamodb', table: 'lease', key: randomUUID(), region, endpoint }),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function leaseRow(over: Partial<LeaseRow> = {}): LeaseRow {
  return {
    epoch: 1,
    version: 1,
    holder: 'a',
    instanceId: 'i-a',
    renewEveryMs: 100,
    expireAfterMs: 400,
    writeId: randomUUID(),
    updatedAt: '2026-01-01T00:00:00.000Z',
    ...over,
  };
}
