import type { LeaseRow } from '../lease-row.js';
import type { LeaseStore, WriteOutcome } from '../lease-store.js';
import { decodeLeaseRow, encodeLeaseRow } from '../row-text.js';
import { EtcdGateway, type EtcdGatewayOptions } from './etcd-gateway.js';
import { decodeRange, decodeTxn, rangeRequest, txnRequest } from './etcd-messages.js';

export interface EtcdLeaseStoreOptions extends EtcdGatewayOptions {
  /** One per pair. */
  readonly key: string;
}

/** No put has this one. */
const ABSENT = '0';

/**
 * The lease as one key of etcd, without etcd's own leases, whose time is whole seconds. Reads are linearizable; a write is
 * a transaction that compares the key's `mod_revision` with that of the version it follows.
 */
export class EtcdLeaseStore implements LeaseStore {
  readonly #gateway: EtcdGateway;
  readonly #key: string;
  /** Revision that wrote the last version seen. */
  #seen: { readonly version: number | undefined; readonly revision: string } | undefined;

  constructor(options: EtcdLeaseStoreOptions) {
    this.#gateway = new EtcdGateway(options);
    this.#key = options.key;
  }

  async read(): Promise<LeaseRow | undefined> {
    const reply = await this.#gateway.call('/v3/kv/range', rangeRequest(this.#key), true);
    if (reply.kind !== 'ok') throw new Error(`etcd: ${reply.error}`);
    const found = decodeRange(reply.body);
    const row = found && decodeLeaseRow(found.value, `etcd key ${this.#key}`);
    this.#seen = { version: row?.version, revision: found?.modRevision ?? ABSENT };
    return row;
  }

  async write(row: LeaseRow, expected: number | undefined): Promise<WriteOutcome> {
    try {
      if (this.#seen === undefined || this.#seen.version !== expected) await this.read();
      const { version, revision } = this.#seen!;
      if (version !== expected) return { kind: 'conflict' };
      const request = txnRequest(this.#key, encodeLeaseRow(row), revision);
      const reply = await this.#gateway.call('/v3/kv/txn', request, false);
      if (reply.kind !== 'ok') return { kind: 'unknown', error: `etcd: ${reply.error}` };
      const written = decodeTxn(reply.body);
      this.#seen = written === undefined ? undefined : { version: row.version, revision: written };
      return written === undefined ? { kind: 'conflict' } : { kind: 'stored' };
    } catch (error) {
      return { kind: 'unknown', error: (error as Error).message };
    }
  }

  async close(): Promise<void> {
    await this.#gateway.close();
  }
}
