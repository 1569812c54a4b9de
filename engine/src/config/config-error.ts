/** One thing wrong with a configuration. */
export interface ConfigIssue {
  /** Canonical path of the setting, e.g. `strategies[0].orderSize`; empty for the document as a whole. */
  readonly path: string;
  /** What is wrong, in words, without the value. */
  readonly message: string;
  /** What was given; `[redacted]` when it may be a secret. Absent when nothing was given. */
  readonly value?: string;
  /** What would have been right. */
  readonly allowed?: string;
  /** The nearest valid key, for an unknown one. */
  readonly nearest?: string;
  /** Where it was written: a file's name, or `environment`. */
  readonly source?: string;
  /** How it was written there, when that is not the canonical path: a classic key or a variable's name. */
  readonly written?: string;
  /** From 1. */
  readonly line?: number;
  readonly column?: number;
}

/** Everything wrong with a configuration, at once. */
export class ConfigError extends Error {
  readonly code = 'TW_CONFIG';
  override readonly name = 'ConfigError';
  readonly issues: readonly ConfigIssue[];

  constructor(issues: readonly ConfigIssue[]) {
    const count = issues.length === 1 ? '1 problem' : `${issues.length} problems`;
    super(`configuration: ${count}\n${issues.map((issue) => `  ${formatIssue(issue)}`).join('\n')}`);
    this.issues = issues;
  }
}

/** One line for people: `tradewind.yaml:3:5: risk.maxOpenOrders "many": must be ...`. */
export function formatIssue(issue: ConfigIssue): string {
  const place = [issue.source, issue.line, issue.column].filter((part) => part !== undefined).join(':');
  const name = issue.written === undefined ? issue.path : `${issue.written} (${issue.path})`;
  const what = [name, issue.value === undefined ? '' : JSON.stringify(issue.value)]
    .filter((part) => part !== '')
    .join(' ');
  const text = [
    what === '' ? issue.message : `${what}: ${issue.message}`,
    issue.allowed === undefined ? '' : `; allowed: ${issue.allowed}`,
    issue.nearest === undefined ? '' : `; did you mean ${issue.nearest}?`,
  ].join('');
  return place === '' ? text : `${place}: ${text}`;
}
