import type { EnvironmentProblem } from '../problems.js';
import type { EnvironmentConfig } from '../schema.js';

export interface CheckContext {
  /** Path of the environment file: other paths in it start there. */
  readonly file: string;
  /** What the file said, before defaults. */
  readonly source: unknown;
}

export type Check = (config: EnvironmentConfig, context: CheckContext) => readonly EnvironmentProblem[];

const CHECKS: readonly Check[] = [];

/** What only shows across fields, every problem of every check. */
export function crossChecks(config: EnvironmentConfig, context: CheckContext): readonly EnvironmentProblem[] {
  return CHECKS.flatMap((check) => check(config, context));
}
