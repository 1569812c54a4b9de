import { describe, expect, test } from '@jest/globals';
import { cleanTemplate } from './clean-template.js';
import { MUTATIONS, type Mutation } from './mutations/index.js';
import { findingsOf, type TemplateFinding } from './run-rules.js';

/** The clean template with one mistake made in it. */
function mutated({ type, make }: Mutation) {
  const template = cleanTemplate();
  const [logicalId, resource] = Object.entries(template.Resources).find(([, one]) => one.Type === type)!;
  make(resource, template, logicalId);
  return template;
}

function refuses({ rule, says }: Mutation, finding: TemplateFinding): boolean {
  const expected = rule === 'built-in' ? !finding.rule.startsWith('TW-') : finding.rule === rule;
  return expected && says.test(finding.message);
}

describe('mistakes in templates', () => {
  test('a template without mistakes is clean', () => {
    expect(findingsOf(cleanTemplate())).toEqual([]);
  });

  test.each(MUTATIONS)('$rule refuses $mistake', (mutation) => {
    const findings = findingsOf(mutated(mutation));
    const refusals = findings.filter((finding) => refuses(mutation, finding));
    if (refusals.length === 0) throw new Error(`not refused; found ${JSON.stringify(findings, null, 2)}`);
    if (mutation.rule !== 'built-in') {
      expect(refusals.map(({ severity, fix }) => ({ severity, fixed: fix !== undefined }))).toEqual(
        refusals.map(() => ({ severity: 'error', fixed: true })),
      );
    }
  });
});
