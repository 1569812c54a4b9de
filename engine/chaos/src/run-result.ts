import type { FaultClass } from './coverage.js';
import type { Broken } from './run.js';
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
export function commandFor(seed: number, { mutation, aim }: Broken): string {
  const options = [mutation && ` --mutation ${mutation}`, aim && ` --aim ${aim}`].filter(Boolean).join('');
  return `npm run chaos -- --seed ${seed}${options} --trace`;
}
