import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { infraPath, parseEnvironment } from '../../model/index.js';
import { EnvironmentError, type EnvironmentProblem } from '../../model/problems.js';
import type { EnvironmentConfig } from '../../model/schema.js';
import type { EnvironmentName } from '../support/test-app.js';

/** A shipped file with settings changed by path; `undefined` removes one. */
export function patched(base: EnvironmentName, patch: Readonly<Record<string, unknown>>): string {
  const source = parse(readFileSync(fileOf(base), 'utf8'));
  for (const [path, value] of Object.entries(patch)) {
    const keys = [...path.matchAll(/[^.[\]]+/g)].map(([key]) => (/^\d+$/.test(key) ? Number(key) : key));
    const last = keys.pop() as string | number;
    let at = source;
    for (const key of keys) at = at[key] ??= {};
    if (value !== undefined) at[last] = value;
    else if (Array.isArray(at)) at.splice(Number(last), 1);
    else delete at[last];
  }
  return stringify(source);
}

export function fileOf(base: EnvironmentName): string {
  return infraPath('environments', `${base}.yaml`);
}

/** What is wrong with a changed file; empty when nothing is. */
export function problemsOf(
  base: EnvironmentName,
  patch: Readonly<Record<string, unknown>>,
): readonly EnvironmentProblem[] {
  return problemsIn(patched(base, patch), base);
}

export function problemsIn(
  text: string,
  base: EnvironmentName = 'dev-single',
): readonly EnvironmentProblem[] {
  try {
    parseEnvironment(text, fileOf(base));
    return [];
  } catch (error) {
    if (error instanceof EnvironmentError) return error.problems;
    throw error;
  }
}

export function configOf(
  base: EnvironmentName,
  patch: Readonly<Record<string, unknown>> = {},
): EnvironmentConfig {
  return parseEnvironment(patched(base, patch), fileOf(base));
}
