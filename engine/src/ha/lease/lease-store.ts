import type { LeaseRow } from './lease-row.js';

/** `stored`: it is there. `conflict`: it certainly is not, the version had moved on. `unknown`: it may be, now or later. */
export type WriteOutcome =
  | { readonly kind: 'stored' }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'unknown'; readonly error: string };

/**
 * Where the lease lives: linearizable reads and compare-and-set writes of one row. Every call ends within its own
 * timeout; a write that timed out may still take effect later.
 */
export interface LeaseStore {
  /** The row, or undefined when there is none. Rejects when it could not be read in time. */
  read(): Promise<LeaseRow | undefined>;
  /** Replaces the row of version `expected` (undefined: there must be none). Never rejects. */
  write(row: LeaseRow, expected: number | undefined): Promise<WriteOutcome>;
}
