import type { FaultClass } from './coverage.js';
import type { Mutation } from './mutation.js';
import type { Invariant } from './violation.js';

/** What a run did, in numbers. */
export interface RunFigures {
  readonly simulatedMs: number;
  readonly steps: number;
  readonly events: number;
  readonly orders: number;
  readonly fills: number;
  readonly deaths: number;
  readonly takeovers: number;
}

/** How one seed ended; plain data, for it crosses threads. */
export interface RunResult {
  readonly seed: number;
  readonly violation: { readonly invariant: Invariant; readonly detail: string } | undefined;
  readonly coverage: readonly (readonly [FaultClass, number])[];
  readonly figures: RunFigures;
}

/** What to type to see a seed again. */
export function commandFor(seed: number, mutation: Mutation | undefined): string {
  return `npm run chaos -- --seed ${seed}${mutation === undefined ? '' : ` --mutation ${mutation}`} --trace`;
}
