import { z } from 'zod';
import type { RateLimitEntry } from './limits.js';

/** `rateLimits` of exchangeInfo (rest-api.md, "Exchange information"). */
export const rateLimitRows = z.array(
  z.object({
    rateLimitType: z.string(),
    interval: z.string(),
    intervalNum: z.int().positive(),
    limit: z.int().nonnegative(),
  }),
);
const exchangeInfo = z.object({ rateLimits: rateLimitRows });

/** The live limits in an exchangeInfo answer; undefined when it does not say them in a form we know. */
export function readRateLimits(text: string): RateLimitEntry[] | undefined {
  try {
    return exchangeInfo.safeParse(JSON.parse(text)).data?.rateLimits;
  } catch {
    return undefined;
  }
}
