import { z } from 'zod';

/** An event or environment a function can not work with; each problem names the field, the value and the fix. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly code = 'TW_INPUT';

  constructor(
    readonly what: string,
    readonly problems: readonly string[],
  ) {
    super(`${what}: ${problems.join('; ')}`);
  }
}

/** `value` as the schema says, or an {@link InputError} that names every field that is wrong. */
export function parseInput<T>(what: string, schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InputError(
    what,
    parsed.error.issues.map((issue) => formatIssue(issue, value)),
  );
}

function formatIssue(issue: z.core.$ZodIssue, value: unknown): string {
  const path = issue.path.map(String).join('.') || '(all of it)';
  const found = issue.path.reduce<unknown>(
    (at, key) =>
      at !== null && typeof at === 'object' ? (at as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
  const shown = found === undefined ? 'missing' : JSON.stringify(found)?.slice(0, 80);
  return `${path} ${shown}: ${issue.message}`;
}

/** A schema for an environment variable that holds JSON, e.g. the hosts of the environment. */
export function jsonVariable<T>(schema: z.ZodType<T>): z.ZodType<T> {
  return z.string({ error: 'set it to JSON' }).transform((text, context): T => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'write JSON' });
      return z.NEVER;
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    for (const { path, message } of parsed.error.issues) {
      context.addIssue({ code: 'custom', message: `${path.map(String).join('.')}: ${message}` });
    }
    return z.NEVER;
  }) as unknown as z.ZodType<T>;
}
