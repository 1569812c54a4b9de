import type { EnvironmentProblem } from '../problems.js';
import type { EnvironmentConfig } from '../schema.js';

export interface CheckContext {
  /** Path of the environment file: other paths in it start there. */
  readonly file: string;
  /** What the file said, before defaults. */
  readonly source: unknown;
}

export type Section = keyof EnvironmentConfig;

/** A rule across fields, and the sections it reads: it runs as soon as these have the right shape. */
export interface Check {
  readonly reads: readonly Section[];
  readonly run: (config: EnvironmentConfig, context: CheckContext) => readonly EnvironmentProblem[];
}

/** A check that can see only what it says it reads. */
export function check<const S extends Section>(
  reads: readonly S[],
  run: (config: Pick<EnvironmentConfig, S>, context: CheckContext) => readonly EnvironmentProblem[],
): Check {
  return { reads, run };
}

/** Whether a setting is written in the file, rather than a default: `isWritten(context, 'ha', 'address')`. */
export function isWritten({ source }: CheckContext, ...path: readonly string[]): boolean {
  let at = source;
  for (const key of path) {
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, key)) return false;
    at = (at as Record<string, unknown>)[key];
  }
  return at !== undefined && at !== null;
}

/** `a`, `a or b`, `a, b or c`. */
export function oneOf(values: readonly string[]): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}
