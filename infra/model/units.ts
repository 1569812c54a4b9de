import { z } from 'zod';

const MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  y: 365.25 * 86_400_000,
};

const LONGEST_FIRST = ['y', 'd', 'h', 'm', 's'] as const;

/** Milliseconds of `500ms`, `5s`, `10m`, `2h`, `90d` or `7y` (a year is 365.25 days), or undefined. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|y)$/.exec(text);
  return match ? Number(match[1]) * (MS[match[2] as string] as number) : undefined;
}

/** A duration in its largest whole unit, e.g. `90d`, `2500ms`, `7y`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  const unit = LONGEST_FIRST.find((name) => ms % (MS[name] as number) === 0);
  return unit === undefined ? `${ms}ms` : `${ms / (MS[unit] as number)}${unit}`;
}

/** Whole days that are no shorter than the duration: 7 years are 2,557 days. */
export function wholeDays(ms: number): number {
  return Math.ceil(ms / 86_400_000);
}

/** Whole seconds that are no shorter than the duration. */
export function wholeSeconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}

/** A duration setting: text in the file, milliseconds in the configuration. */
export function duration(min: string, max: string) {
  const [low, high] = [parseDuration(min), parseDuration(max)];
  if (low === undefined || high === undefined) throw new Error(`bad bounds ${min}, ${max}`);
  return z
    .string()
    .regex(
      /^\d+(?:\.\d+)?(?:ms|s|m|h|d|y)$/,
      `write a duration with its unit, such as ${min} or ${max} (ms, s, m, h, d, y)`,
    )
    .transform((text, context) => {
      const ms = parseDuration(text) as number;
      if (ms >= low && ms <= high) return ms;
      context.addIssue({ code: 'custom', message: `must be from ${min} to ${max}` });
      return z.NEVER;
    })
    .meta({ examples: [min, max] });
}
