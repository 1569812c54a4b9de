import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { LEASE_KEY, type LeaseRow, leaseRowSchema } from '../lease-row.js';
import type { LeaseStore, WriteOutcome } from '../lease-store.js';

export interface DynamoLeaseStoreOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Of the item; default {@link LEASE_KEY}. */
  readonly key?: string;
  /** Per call, milliseconds. The client itself must not retry (`maxAttempts: 1`): a late repetition is a new write. */
  readonly timeoutMs: number;
}

/** The lease as one DynamoDB item; consistent reads, conditional puts on `version`. */
export class DynamoLeaseStore implements LeaseStore {
  readonly #options: DynamoLeaseStoreOptions;
  readonly #key: string;

  constructor(options: DynamoLeaseStoreOptions) {
    this.#options = options;
    this.#key = options.key ?? LEASE_KEY;
  }

  async read(): Promise<LeaseRow | undefined> {
    const { client, table } = this.#options;
    const { Item } = await this.#inTime((abortSignal) =>
      client.send(
        new GetItemCommand({ TableName: table, Key: { leaseKey: { S: this.#key } }, ConsistentRead: true }),
        { abortSignal },
      ),
    );
    return Item === undefined ? undefined : decodeLeaseItem(Item, table);
  }

  async write(row: LeaseRow, expected: number | undefined): Promise<WriteOutcome> {
    const { client, table } = this.#options;
    const command = new PutItemCommand({
      TableName: table,
      Item: encodeLeaseItem(row, this.#key),
      ...(expected === undefined
        ? { ConditionExpression: 'attribute_not_exists(leaseKey)' }
        : {
            ConditionExpression: '#version = :expected',
            ExpressionAttributeNames: { '#version': 'version' },
            ExpressionAttributeValues: { ':expected': { N: String(expected) } },
          }),
    });
    try {
      await this.#inTime((abortSignal) => client.send(command, { abortSignal }));
      return { kind: 'stored' };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return { kind: 'conflict' };
      return {
        kind: 'unknown',
        error: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      };
    }
  }

  /** The signal ends the request; the race also ends what no signal reaches, such as fetching credentials. */
  async #inTime<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { timeoutMs, table } = this.#options;
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`no answer from table ${table} within ${timeoutMs} ms`));
        abort.abort();
      }, timeoutMs);
    });
    const work = call(abort.signal);
    // Whichever loses the race must not surface as an unhandled rejection.
    work.catch(() => {});
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The row as DynamoDB attributes. */
export function encodeLeaseItem(row: LeaseRow, key = LEASE_KEY): Record<string, AttributeValue> {
  const item: Record<string, AttributeValue> = { leaseKey: { S: key } };
  for (const [name, value] of Object.entries(row)) {
    if (value !== undefined) item[name] = typeof value === 'number' ? { N: String(value) } : { S: value };
  }
  return item;
}

/** Reads the attributes back; throws naming the attribute that is missing or of the wrong type. */
export function decodeLeaseItem(item: Record<string, AttributeValue>, table: string): LeaseRow {
  const plain = Object.fromEntries(
    Object.entries(item).map(([name, value]) => [name, value.N === undefined ? value.S : Number(value.N)]),
  );
  const parsed = leaseRowSchema.safeParse(plain);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new Error(
    `table ${table}, item ${item.leaseKey?.S ?? LEASE_KEY} is no lease: ${problems}. Restore or delete the item`,
  );
}
