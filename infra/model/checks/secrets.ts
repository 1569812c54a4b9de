import { isSecretKey } from '@tradewind/engine/telemetry';
import type { EnvironmentProblem } from '../problems.js';

/** Settings named after secrets that hold a name or an ARN instead. */
const REFERENCES = [/^venues\[\d+\]\.secret$/, /^keys\.existing\.secrets$/];

/** Addresses that are capabilities by themselves: a pager gives no other. */
const CAPABILITIES = [/^observability\.pagerEndpoint$/];

/** Long paths that could pass for a key. */
const PATHS = [/^hosts\.image\.parameter$/];

/** What a secret looks like wherever it stands, comments too. */
const UNMISTAKABLE: readonly (readonly [RegExp, string])[] = [
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/, 'an AWS access key id'],
  [/-----BEGIN [A-Z0-9 ]*(?:PRIVATE KEY|CERTIFICATE)-----/, 'a PEM block'],
  [/\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/, 'a signed token'],
  [/\bgh[pousr]_[A-Za-z0-9]{36,}\b/, 'a GitHub token'],
];

/** Whole values only: inside longer text such runs are commit ids and digests. */
const WHOLE: readonly (readonly [RegExp, string])[] = [
  [/^[0-9a-f]{32}$|^[0-9a-f]{40}$|^[0-9a-f]{64}$|^[0-9a-f]{128}$/i, 'a hexadecimal key'],
  [/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9/+]{40}$/, 'an AWS secret access key'],
  [/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9/+_-]{56,}={0,2}$/, 'an API key or secret'],
];

const IN_URL: readonly (readonly [RegExp, string])[] = [
  [/^\w+:\/\/[^\s/@]*:[^\s/@]+@/, 'a password'],
  [/[?&](?:api[_-]?key|token|secret|password|signature|access[_-]?token)=[^&\s]+/i, 'a key'],
];

const FIX =
  'remove it, exchange it for a new one, since this one has been written down, and put that into AWS Secrets Manager';

/**
 * Secrets in clear text, in values and in comments. Each is reported without being shown. `text` is the file itself and
 * `value` what it says; both may have any shape.
 */
export function secretProblems(value: unknown, text: string): EnvironmentProblem[] {
  const problems: EnvironmentProblem[] = [];
  const found = new Set<string>();
  // Aliases can make a value that contains itself, or another many times over.
  const seen = new Set<object>();
  const visit = (node: unknown, path: string, key: string): void => {
    if (node !== null && typeof node === 'object') {
      if (seen.has(node)) return;
      seen.add(node);
    }
    if (Array.isArray(node)) {
      for (const [index, child] of node.entries()) visit(child, `${path}[${index}]`, key);
    } else if (node !== null && typeof node === 'object') {
      for (const [name, child] of Object.entries(node)) {
        visit(child, path === '' ? name : `${path}.${name}`, name);
      }
    } else if (typeof node === 'string') {
      const what = secretIn(node, path, key);
      if (what === undefined) return;
      for (const line of node.split('\n')) found.add(line.trim());
      problems.push({ path, message: `holds ${what} in clear text`, fix: FIX });
    } else if (typeof node === 'number' && isSecretKey(key)) {
      problems.push({ path, message: 'holds a secret in clear text', fix: FIX });
    }
  };
  visit(value, '', '');
  return [...problems, ...inLines(text, found)];
}

function secretIn(text: string, path: string, key: string): string | undefined {
  const at = (paths: readonly RegExp[]) => paths.some((one) => one.test(path));
  const shapes = [...UNMISTAKABLE, ...(at(PATHS) ? [] : WHOLE), ...(at(CAPABILITIES) ? [] : IN_URL)];
  const shape = shapes.find(([pattern]) => pattern.test(text));
  if (shape) return shape[1];
  if (!isSecretKey(key) || text === '' || at(REFERENCES)) return undefined;
  return 'a secret';
}

/** What the values did not show: comments. */
function inLines(text: string, found: ReadonlySet<string>): EnvironmentProblem[] {
  return text.split('\n').flatMap((line, index) => {
    const shape = UNMISTAKABLE.find(([pattern]) => pattern.test(line));
    if (!shape || [...found].some((known) => known !== '' && line.includes(known))) return [];
    return [{ path: '$', message: `holds ${shape[1]} in clear text`, fix: FIX, line: index + 1 }];
  });
}
