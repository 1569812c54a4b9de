import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { crossChecks } from './checks/index.js';
import { EnvironmentError, type EnvironmentProblem } from './problems.js';
import { type EnvironmentConfig, environmentSchema } from './schema.js';

export interface LoadedEnvironment {
  readonly file: string;
  readonly config: EnvironmentConfig;
}

/**
 * Reads and checks one environment file, without AWS. Throws one `EnvironmentError` with every problem found: first the
 * YAML itself, then the shape, then what only shows across fields.
 */
export function loadEnvironment(file: string): LoadedEnvironment {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const message = `the file can not be read (${(error as NodeJS.ErrnoException).code})`;
    throw new EnvironmentError(file, [{ path: '$', message, fix: 'give the path of an environment file' }]);
  }
  return { file, config: parseEnvironment(text, file) };
}

/** The same for text that is already read; `file` is named in errors and anchors relative paths. */
export function parseEnvironment(text: string, file: string): EnvironmentConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  if (document.errors.length > 0) {
    throw new EnvironmentError(
      file,
      document.errors.map((error) => ({
        path: '$',
        message: error.message.split('\n')[0] as string,
        fix: 'correct the YAML',
        line: lines.linePos(error.pos[0]).line,
      })),
    );
  }
  const lineOf = (path: readonly PropertyKey[]): number | undefined => {
    for (let depth = path.length; depth > 0; depth--) {
      const node = document.getIn(path.slice(0, depth), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return undefined;
  };
  const source: unknown = document.toJS({ maxAliasCount: 100 });
  const result = environmentSchema.safeParse(source);
  if (!result.success) {
    throw new EnvironmentError(
      file,
      result.error.issues.flatMap((issue) => shapeProblems(issue, source, lineOf)),
    );
  }
  const problems = crossChecks(result.data, { file, source }).map((problem) => {
    const line = lineOf(pathParts(problem.path));
    return line === undefined || problem.line !== undefined ? problem : { ...problem, line };
  });
  if (problems.length > 0) throw new EnvironmentError(file, problems);
  return result.data;
}

function shapeProblems(
  issue: z.core.$ZodIssue,
  source: unknown,
  lineOf: (path: readonly PropertyKey[]) => number | undefined,
): EnvironmentProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const path = [...issue.path, key];
      return withLine(
        { path: pathText(path), message: 'is no setting', fix: 'remove it or correct its name' },
        lineOf(path),
      );
    });
  }
  const found = at(source, issue.path);
  return [
    withLine(
      {
        path: pathText(issue.path),
        ...(found === undefined ? {} : { value: typeof found === 'string' ? found : JSON.stringify(found) }),
        message: found === undefined ? 'is missing' : 'is not accepted',
        fix: issue.message.charAt(0).toLowerCase() + issue.message.slice(1),
      },
      lineOf(issue.path),
    ),
  ];
}

function withLine(problem: EnvironmentProblem, line: number | undefined): EnvironmentProblem {
  return line === undefined ? problem : { ...problem, line };
}

function at(source: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      value !== null && typeof value === 'object' ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    source,
  );
}

/** `hosts.zones[1]` of `['hosts', 'zones', 1]`. */
function pathText(path: readonly PropertyKey[]): string {
  if (path.length === 0) return '$';
  return path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`,
    '',
  );
}

function pathParts(path: string): (string | number)[] {
  return [...path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map((match) =>
    match[2] === undefined ? (match[1] as string) : Number(match[2]),
  );
}
