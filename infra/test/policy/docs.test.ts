import { expect, test } from '@jest/globals';
import { NAG_PACKS, policyRules } from '../../cdk/policy/index.js';
import { MUTATIONS } from './mutations/index.js';
import { compareDocument, section } from './policy-docs.js';

test('docs/policy.md lists every rule (UPDATE_DOCS=1 rewrites it)', () => {
  const rows = policyRules().map(({ id, title, why, fix, source }) => {
    const from = source ? ` Source: ${source}.` : '';
    return `| ${id} | ${title} | ${why} | ${fix}.${from} |`;
  });
  const made = ['| Rule | What holds | Why | Fix |', '|---|---|---|---|', ...rows].join('\n');
  const expected = compareDocument('rules', made);
  expect(section('rules')).toBe(expected);
});

test('docs/policy.md lists every pack', () => {
  const rows = NAG_PACKS.map(({ name, role, why }) => `| ${name} | ${role} | ${why} |`);
  const made = ['| Pack | Role | Why |', '|---|---|---|', ...rows].join('\n');
  const expected = compareDocument('packs', made);
  expect(section('packs')).toBe(expected);
});

test('every rule has an id of its own and a mistake that it refuses', () => {
  const ids = policyRules().map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const proven = new Set(MUTATIONS.map(({ rule }) => rule));
  // Rules on the construct tree are proven in assembly-rules.test.ts: a template does not show what they look at.
  expect(ids.filter((id) => !proven.has(id))).toEqual(['TW-STACK-01', 'TW-STACK-02', 'TW-STACK-03']);
});
