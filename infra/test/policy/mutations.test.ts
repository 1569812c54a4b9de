import { describe, expect, test } from '@jest/globals';
import { has } from '../host/support/tools.js';
import { cfnLint } from './cfn-lint.js';
import { cleanTemplate } from './clean-template.js';
import { MUTATIONS, type Mutation } from './mutations/index.js';
import { compareDocument, section } from './policy-docs.js';
import { findingsOf, refuses, type TemplateFinding, writeTemplate } from './run-rules.js';
import type { Template } from './template.js';

/** The clean template with one mistake made in it. */
function mutated({ type, make }: Mutation): Template {
  const template = cleanTemplate();
  const [logicalId, resource] = Object.entries(template.Resources).find(([, one]) => one.Type === type)!;
  make(resource, template, logicalId);
  return template;
}

describe('mistakes in templates', () => {
  const found = new Map<Mutation, readonly TemplateFinding[]>();

  test('a template without mistakes is clean', () => {
    expect(findingsOf(cleanTemplate())).toEqual([]);
  });

  test.each(MUTATIONS)('$rule refuses $mistake', (mutation) => {
    const findings = findingsOf(mutated(mutation));
    found.set(mutation, findings);
    const refusals = findings.filter((finding) => refuses(mutation, finding));
    if (refusals.length === 0) throw new Error(`not refused; found ${JSON.stringify(findings, null, 2)}`);
    if (mutation.rule !== 'built-in') {
      expect(refusals.map(({ severity, fix }) => ({ severity, fixed: fix !== undefined }))).toEqual(
        refusals.map(() => ({ severity: 'error', fixed: true })),
      );
    }
  });

  test('the faults that validators were measured with are among them', () => {
    expect(MUTATIONS.length).toBeGreaterThanOrEqual(100);
    expect(MUTATIONS.filter(({ measured }) => measured).length).toBeGreaterThanOrEqual(35);
  });

  const run = has('cfn-lint') ? test : test.skip;
  run(
    'docs/policy.md says who else would have caught them (needs cfn-lint)',
    () => {
      const files = MUTATIONS.map((mutation) => writeTemplate(mutated(mutation)));
      const clean = writeTemplate(cleanTemplate());
      const linted = cfnLint([clean, ...files]);
      // What cfn-lint says about the template without mistakes is not about the mistake.
      const usual = new Set(linted.filter(({ file }) => file === clean).map(({ message }) => message));
      const caught = new Set(linted.filter(({ message }) => !usual.has(message)).map(({ file }) => file));
      const rows = MUTATIONS.map((mutation, index) => {
        const findings = found.get(mutation) ?? findingsOf(mutated(mutation));
        return {
          mistake: mutation.mistake,
          ours: [...new Set(findings.map(({ rule }) => rule).filter((rule) => rule.startsWith('TW-')))].join(
            ', ',
          ),
          builtIn: findings.some(({ rule }) => !rule.startsWith('TW-')),
          lint: caught.has(files[index] as string),
        };
      });
      const count = (which: (row: (typeof rows)[number]) => boolean) => rows.filter(which).length;
      const yes = (value: boolean) => (value ? 'yes' : '');
      const text = [
        `${rows.length} mistakes, all refused: ${count(({ ours }) => ours !== '')} by our rules, ${count(({ builtIn }) => builtIn)} by the validator of aws-cdk-lib, ${count(({ lint }) => lint)} by cfn-lint, ${count(({ builtIn, lint }) => !builtIn && !lint)} by our rules alone.`,
        '',
        '| Mistake | Our rules | aws-cdk-lib | cfn-lint |',
        '|---|---|---|---|',
        ...rows.map(
          ({ mistake, ours, builtIn, lint }) => `| ${mistake} | ${ours} | ${yes(builtIn)} | ${yes(lint)} |`,
        ),
      ].join('\n');
      const expected = compareDocument('mistakes', text);
      expect(section('mistakes')).toBe(expected);
    },
    240_000,
  );
});
