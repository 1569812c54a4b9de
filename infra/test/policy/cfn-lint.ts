import { spawnSync } from 'node:child_process';

/** One finding of cfn-lint. */
export interface LintFinding {
  readonly file: string;
  readonly rule: string;
  readonly message: string;
  readonly resource?: string;
}

interface Reported {
  readonly Filename: string;
  readonly Rule: { readonly Id: string };
  readonly Message: string;
  readonly Location: { readonly Path?: readonly (string | number)[] };
}

/** Runs cfn-lint once over templates on disk, errors and warnings; starting it takes longer than a template. */
export function cfnLint(files: readonly string[]): LintFinding[] {
  const { stdout, stderr, status } = spawnSync('cfn-lint', ['--format', 'json', ...files], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  // 2, 4, 6, ... say which levels were found; 1 and 32 that it failed itself.
  if (status === null || status % 2 === 1 || status === 32) throw new Error(`cfn-lint failed: ${stderr}`);
  const reported: Reported[] = JSON.parse(stdout || '[]');
  return reported.map(({ Filename, Rule, Message, Location }) => {
    const [section, logicalId] = Location.Path ?? [];
    return {
      file: Filename,
      rule: Rule.Id,
      message: Message,
      ...(section === 'Resources' && logicalId !== undefined ? { resource: String(logicalId) } : {}),
    };
  });
}

/** What cfn-lint gets wrong about our templates. Each has to be found somewhere, or it is taken off this list. */
export const KNOWN: ReadonlyArray<{
  readonly rule: string;
  readonly says: RegExp;
  readonly because: string;
}> = [
  {
    rule: 'W3005',
    says: /dependency already enforced by a 'GetAtt'/,
    because: 'The CDK writes out the dependencies of a construct whether or not a reference implies them.',
  },
];
