import { type LeaseRow, leaseRowSchema } from './lease-row.js';

/** What stands where the lease should be is none. The message names the place and the way out. */
export class LeaseRowError extends Error {
  override readonly name = 'LeaseRowError';
}

/** Rows take a few hundred characters. */
export const MAX_ROW_TEXT = 16 * 1024;

/** The row as text, for stores that keep one value. */
export function encodeLeaseRow(row: LeaseRow): string {
  return `${JSON.stringify(row)}\n`;
}

/** Reads {@link encodeLeaseRow} back; throws a {@link LeaseRowError} that says what is wrong and where. */
export function decodeLeaseRow(text: string, where: string): LeaseRow {
  const fail = (why: string): never => {
    throw new LeaseRowError(`${where} is no lease: ${why}. Restore or delete it`);
  };
  if (text.length > MAX_ROW_TEXT) return fail(`${text.length} characters are too long`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail('it is no JSON');
  }
  const parsed = leaseRowSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  return fail(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}
