import { existsSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { SUITES } from '../../lib/suites.mjs';

it('every suite that can be named is there', () => {
  const missing = SUITES.filter((name) => !existsSync(new URL(`../../suites/${name}.mjs`, import.meta.url)));
  expect(missing).toEqual([]);
});
