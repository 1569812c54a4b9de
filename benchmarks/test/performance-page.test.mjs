import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { BUDGETS } from '../lib/budgets.mjs';

/** `UPDATE_DOCS=1` writes the budgets into the page. */
const PAGE = fileURLToPath(new URL('../../docs/performance.md', import.meta.url));
const [BEGIN, END] = ['<!-- budgets: generated -->', '<!-- budgets: end -->'];

describe('docs/performance.md', () => {
  it('has the budgets as the suites hold rows to them', () => {
    const rows = Object.values(BUDGETS).map(
      ({ stage, target, suite }) => `| ${stage} | ${target} | \`npm run bench -- ${suite}\` |`,
    );
    const table = ['| Stage | Target | Measured by |', '|---|---|---|', ...rows].join('\n');
    const page = readFileSync(PAGE, 'utf8');
    const from = page.indexOf(BEGIN) + BEGIN.length;
    const to = page.indexOf(END);
    expect(from < to).toBe(true);
    const next = `${page.slice(0, from)}\n\n${table}\n\n${page.slice(to)}`;
    if (process.env.UPDATE_DOCS === '1') writeFileSync(PAGE, next);
    else expect(page).toBe(next);
  });
});
