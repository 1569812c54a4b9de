import { z } from 'zod';

/** The gateway's JSON: keys and values are base64, 64-bit integers are text. Absent is zero. */
const int64 = z
  .string()
  .regex(/^\d{1,19}$/, 'must be a whole number')
  .default('0');
const bytes = z.base64().default('');

const rangeReply = z.object({
  kvs: z.array(z.object({ value: bytes, mod_revision: int64 })).default([]),
});
const txnReply = z.object({
  header: z.object({ revision: int64 }),
  succeeded: z.boolean().default(false),
});
const authReply = z.object({ token: z.string().min(1) });
const failure = z.object({ error: z.string().optional(), message: z.string().optional(), code: z.number() });

/** etcd answered something else than its protocol says. */
export class EtcdReplyError extends Error {
  override readonly name = 'EtcdReplyError';
}

/** A key's value and the revision that wrote it, as etcd's own decimal text. */
export interface EtcdValue {
  readonly value: string;
  readonly modRevision: string;
}

export interface EtcdFailure {
  /** gRPC code, e.g. 16: not authenticated. */
  readonly code: number;
  readonly message: string;
}

function decode<T>(schema: z.ZodType<T>, text: string, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new EtcdReplyError(
      `${what}: the reply is no JSON: is this the client URL of an etcd 3.4 or later?`,
    );
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new EtcdReplyError(`${what}: not a reply of etcd: ${problems.join('; ')}`);
}

export function rangeRequest(key: string): object {
  // Linearizable unless `serializable` is asked for.
  return { key: base64(key), limit: '1' };
}

/** The key's value, undefined when there is none. Throws an {@link EtcdReplyError}. */
export function decodeRange(text: string): EtcdValue | undefined {
  const [found] = decode(rangeReply, text, 'range').kvs;
  if (found === undefined) return undefined;
  return { value: Buffer.from(found.value, 'base64').toString('utf8'), modRevision: found.mod_revision };
}

/** Puts `value` if the key was last written by `modRevision`; `0`: if there is none. */
export function txnRequest(key: string, value: string, modRevision: string): object {
  return {
    compare: [{ key: base64(key), target: 'MOD', result: 'EQUAL', modRevision }],
    success: [{ requestPut: { key: base64(key), value: base64(value) } }],
  };
}

/** The revision of the put, undefined when the comparison failed. Throws an {@link EtcdReplyError}. */
export function decodeTxn(text: string): string | undefined {
  const { succeeded, header } = decode(txnReply, text, 'txn');
  return succeeded ? header.revision : undefined;
}

/** Throws an {@link EtcdReplyError}. */
export function decodeToken(text: string): string {
  return decode(authReply, text, 'authenticate').token;
}

/** What an answer other than 200 says. Throws an {@link EtcdReplyError}. */
export function decodeFailure(text: string): EtcdFailure {
  const { code, error, message } = decode(failure, text, 'failure');
  return { code, message: message ?? error ?? `code ${code}` };
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
