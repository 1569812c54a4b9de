/** One thing wrong with the knob table, a setting or what the machine answered. */
export interface HostProblem {
  /** Where: a file, a knob, a path of the machine. */
  readonly where: string;
  /** What is wrong, with the value, and what would be right. */
  readonly message: string;
}

/** Everything found wrong, at once. */
export class HostError extends Error {
  readonly code = 'TW_HOST';
  override readonly name = 'HostError';
  readonly problems: readonly HostProblem[];

  constructor(problems: readonly HostProblem[]) {
    const lines = problems.map(({ where, message }) => `${where}: ${message}`);
    super(
      lines.length === 1 ? `host: ${lines[0]}` : `host: ${lines.length} problems\n  ${lines.join('\n  ')}`,
    );
    this.problems = problems;
  }
}
