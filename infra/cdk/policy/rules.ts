import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { infraPath } from '../../model/index.js';
import { ASSEMBLY_RULES } from './assembly-rules.js';
import { ruleTables } from './rule-data.js';

const ruleSchema = z.strictObject({
  /** `TW-<theme>-<number>`; never reused. */
  id: z.string().regex(/^TW-[A-Z0-9]+-\d\d$/),
  /** What holds where the rule is kept, a sentence without its period. */
  title: z.string(),
  /** What happens where it is not, a full sentence. */
  why: z.string().regex(/\.$/),
  /** What to do about a finding, an imperative sentence without its period. */
  fix: z.string().regex(/[^.]$/),
  /** Where the fact behind the rule is from, where it is not ours. */
  source: z.string().optional(),
});

/** What the project knows of one of its own rules; the rule itself is Rego, or TypeScript where no template shows it. */
export type PolicyRule = z.output<typeof ruleSchema>;

const HEADER = /^# METADATA\n((?:# .*\n)+)/gm;
const PREAMBLE = /^package tradewind\n+import rego\.v1\n/m;

interface RegoFile {
  readonly text: string;
  readonly rules: readonly PolicyRule[];
}

function regoFiles(): RegoFile[] {
  const folder = infraPath('cdk', 'policy', 'rules');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.rego'))
    .sort()
    .map((file) => {
      const text = readFileSync(infraPath('cdk', 'policy', 'rules', file), 'utf8');
      const rules = [...text.matchAll(HEADER)].map(([, block]) => describe(file, block as string));
      return { text, rules };
    });
}

function describe(file: string, block: string): PolicyRule {
  const result = ruleSchema.safeParse(parse(block.replace(/^# /gm, '')));
  if (result.success) return result.data;
  throw new Error(
    `${file}: the METADATA of a rule is incomplete: ${z.prettifyError(result.error)}\n${block}`,
  );
}

/** Every rule of our own, in order of id. */
export function policyRules(): PolicyRule[] {
  const rules = [...regoFiles().flatMap((file) => file.rules), ...ASSEMBLY_RULES];
  return rules.sort((a, b) => a.id.localeCompare(b.id));
}

/**
 * The rules on templates as one Rego source. The engine evaluates each source by itself and shares no functions between
 * packages, so the files are one package and are joined here.
 */
export function regoSource(): string {
  const files = regoFiles();
  const fixes = Object.fromEntries(files.flatMap((file) => file.rules).map((rule) => [rule.id, rule.fix]));
  const bodies = files.map((file) => file.text.replace(PREAMBLE, ''));
  return ['package tradewind', 'import rego.v1', ruleTables(fixes), ...bodies].join('\n\n');
}
