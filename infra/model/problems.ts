/** One thing wrong with an environment file. */
export interface EnvironmentProblem {
  /** Where, e.g. `hosts.instanceType` or `network.zones[1]`; `$` is the file itself. */
  readonly path: string;
  /** The value that was found, as text; absent where nothing was written. */
  readonly value?: string;
  /** What is wrong, a sentence without its period. */
  readonly message: string;
  /** What to do about it, an imperative sentence without its period. */
  readonly fix: string;
  /** Line in the file, from 1, where it is known. */
  readonly line?: number;
}

/** Everything that is wrong with one environment file. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  readonly code = 'TW_ENVIRONMENT';

  constructor(
    readonly file: string,
    readonly problems: readonly EnvironmentProblem[],
  ) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super(`${file}: ${count}\n${problems.map((problem) => `  ${formatProblem(problem)}`).join('\n')}`);
  }
}

/** One line, e.g. `line 12, ha.mode "none": a recovery time of 5s can not be met; use warm or hot`. */
export function formatProblem({ path, value, message, fix, line }: EnvironmentProblem): string {
  const where = line === undefined ? path : `line ${line}, ${path}`;
  const found = value === undefined ? '' : ` ${JSON.stringify(value)}`;
  return `${where}${found}: ${message}; ${fix}`;
}
