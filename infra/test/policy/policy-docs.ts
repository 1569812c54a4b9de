import { readFileSync, writeFileSync } from 'node:fs';
import { repositoryPath } from '../../model/index.js';

const FILE = repositoryPath('docs', 'policy.md');

/** A part of docs/policy.md that is made from the code: what stands between its two markers. */
export function section(name: string): string {
  const text = readFileSync(FILE, 'utf8');
  const [, after] = text.split(`<!-- ${name} -->\n`);
  const [inside] = (after ?? '').split(`\n<!-- end of ${name} -->`);
  if (after === undefined || inside === undefined)
    throw new Error(`docs/policy.md has no part called ${name}`);
  return inside;
}

/** Gives the text back; with UPDATE_DOCS=1 it is written into the page first. */
export function compareDocument(name: string, made: string): string {
  if (process.env.UPDATE_DOCS === '1') {
    const page = readFileSync(FILE, 'utf8');
    writeFileSync(
      FILE,
      page.replace(`<!-- ${name} -->\n${section(name)}`, () => `<!-- ${name} -->\n${made}`),
    );
  }
  return made;
}
