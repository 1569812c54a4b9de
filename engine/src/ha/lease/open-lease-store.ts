import { randomUUID } from 'node:crypto';
import { FileLeaseStore } from './file/index.js';
import type { LeaseStore } from './lease-store.js';

/** Where the lease lives, as data that can be handed to another thread. */
export type LeasePlace =
  /** `path`: a folder of its own on a local disk. */
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'etcd';
      readonly endpoints: readonly string[];
      readonly key: string;
      readonly credentials?: { readonly user: string; readonly password: string };
    }
  /** `endpoint`: only when it is not AWS itself. Credentials come from where the AWS SDK looks. */
  | {
      readonly kind: 'dynamodb';
      readonly table: string;
      readonly key: string;
      /** Default: where the AWS SDK looks. */
      readonly region?: string;
      readonly endpoint?: string;
    };

/** A store and how to let go of its connections. */
export interface OpenLeaseStore extends LeaseStore {
  close(): Promise<void>;
}

/** Opens a store; loads the client of etcd or AWS only when it is asked for. `timeoutMs` bounds each call. */
export async function openLeaseStore(place: LeasePlace, timeoutMs: number): Promise<OpenLeaseStore> {
  switch (place.kind) {
    case 'file': {
      const store = new FileLeaseStore(place.path, randomUUID());
      return closable(store, async () => {});
    }
    case 'etcd': {
      const { EtcdLeaseStore } = await import('./etcd/index.js');
      return new EtcdLeaseStore({ ...place, timeoutMs });
    }
    case 'dynamodb': {
      const [{ DynamoDBClient }, { DynamoLeaseStore }] = await Promise.all([
        import('@aws-sdk/client-dynamodb'),
        import('./dynamo/index.js'),
      ]);
      const { table, key, region, endpoint } = place;
      const client = new DynamoDBClient({
        ...(region !== undefined && { region }),
        ...(endpoint !== undefined && { endpoint }),
        // A repetition the SDK makes by itself could be applied after the lease has moved on.
        maxAttempts: 1,
        requestHandler: {
          connectionTimeout: timeoutMs,
          requestTimeout: timeoutMs,
          httpAgent: { keepAlive: true, maxSockets: 4 },
          httpsAgent: { keepAlive: true, maxSockets: 4 },
        },
      });
      const store = new DynamoLeaseStore({ client, table, key, timeoutMs });
      return closable(store, async () => client.destroy());
    }
  }
}

function closable(store: LeaseStore, close: () => Promise<void>): OpenLeaseStore {
  return {
    read: () => store.read(),
    write: (row, expected) => store.write(row, expected),
    close,
  };
}
