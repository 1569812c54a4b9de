import { z } from 'zod';

/** What `tradewind venue check --json` prints. */
const reportSchema = z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })).min(1);

/**
 * Reasons not to use a key, from the engine's own check of it; empty when it may be used. A check that was not made counts
 * as failed: without `account` the key itself was not tried, without `withdrawals` nobody knows what a thief could take.
 */
export function judgeVenueReport(output: string): readonly string[] {
  let value: unknown;
  try {
    value = JSON.parse(output);
  } catch {
    return [`the check printed no JSON but ${JSON.stringify(output.slice(0, 120))}`];
  }
  const report = reportSchema.safeParse(value);
  if (!report.success) return ['the check printed something else than its list of checks'];
  const problems = report.data.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`);
  for (const needed of ['account', 'withdrawals']) {
    const found = report.data.find(({ name }) => name === needed);
    if (found === undefined)
      problems.push(`${needed}: was not checked; run an engine whose venue check does`);
    else if (/no credentials/i.test(found.detail))
      problems.push(`${needed}: the key did not reach the check`);
  }
  return problems;
}
