import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import {
  classicReference,
  configJsonSchema,
  configReference,
  describeConfig,
} from '../../src/config/index.js';

/** `UPDATE_GENERATED=1 npx jest engine/test/config/reference` writes what the schema says into the files; then `npm run format`. */
const update = process.env.UPDATE_GENERATED === '1';
const file = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

const DOCS = file('docs/configuration.md');
const JSON_SCHEMA = file('engine/config/tradewind.schema.json');

function section(name: string, generated: string): void {
  const [begin, end] = [`<!-- ${name}: generated -->`, `<!-- ${name}: end -->`];
  const page = readFileSync(DOCS, 'utf8');
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  expect({ begin: from >= 0, end: to > from }).toEqual({ begin: true, end: true });
  const next = `${page.slice(0, from + begin.length)}\n\n${generated}\n\n${page.slice(to)}`;
  if (update) writeFileSync(DOCS, next);
  else expect(page).toBe(next);
}

describe('the reference', () => {
  it('documents every setting as the schema has it', () => section('reference', configReference()));

  it('documents every classic key', () => section('classic', classicReference()));

  it('gives every setting a type and a meaning that ends in a full stop', () => {
    const rows = describeConfig();
    expect(rows.length).toBeGreaterThan(50);
    for (const { key, type, meaning } of rows) {
      expect({ key, type, meaning }).toEqual({
        key,
        type: expect.stringMatching(/./),
        meaning: expect.stringMatching(/\.$/),
      });
    }
  });

  it('gives editors a current JSON schema', () => {
    const generated = configJsonSchema();
    // Compared as data: the file's layout is the formatter's.
    if (update) writeFileSync(JSON_SCHEMA, `${JSON.stringify(generated, null, 2)}\n`);
    else expect(JSON.parse(readFileSync(JSON_SCHEMA, 'utf8'))).toEqual(generated);
  });
});
