import { inspect } from 'node:util';
import { nearestKey } from '@tradewind/engine/config';
import type { z } from 'zod';
import type { EnvironmentProblem } from './problems.js';
import { environmentSchema } from './schema.js';
import { settingsAt } from './schema-walk.js';

const LONGEST_VALUE = 80;

/** What zod found, in the words of an environment file. */
export function shapeProblems(issues: readonly z.core.$ZodIssue[], source: unknown): EnvironmentProblem[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownSetting(issue.path, key));
    const found = at(source, issue.path);
    return [
      {
        path: pathText(issue.path),
        ...(found === undefined ? {} : { value: shown(found) }),
        message: found === undefined ? 'is missing' : 'is not accepted',
        fix: issue.message.charAt(0).toLowerCase() + issue.message.slice(1),
      },
    ];
  });
}

function unknownSetting(path: readonly PropertyKey[], key: string): EnvironmentProblem {
  const nearest = nearestKey(key, settingsAt(environmentSchema, path));
  return {
    path: pathText([...path, key]),
    message: 'is no setting',
    fix: nearest ? `write ${nearest}, or remove it` : 'remove it or correct its name',
  };
}

function shown(value: unknown): string {
  // Aliases can make a value that contains itself.
  const text =
    typeof value === 'string' ? value : inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY });
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}...` : text;
}

function at(source: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      value !== null && typeof value === 'object' ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    source,
  );
}

/** `hosts.zones[1]` of `['hosts', 'zones', 1]`; what is no plain name is quoted. */
function pathText(path: readonly PropertyKey[]): string {
  if (path.length === 0) return '$';
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    const name = String(key);
    if (!/^[\w-]+$/.test(name)) return `${text}[${JSON.stringify(name)}]`;
    return text === '' ? name : `${text}.${name}`;
  }, '');
}

/** The reverse, for finding a line. */
export function pathParts(path: string): (string | number)[] {
  return [...path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map((match) =>
    match[2] === undefined ? (match[1] as string) : Number(match[2]),
  );
}
