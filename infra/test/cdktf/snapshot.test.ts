import { describe, expect, test } from '@jest/globals';
import { ENVIRONMENTS } from '../support/test-app.js';
import { type Module, modulesOf } from './terraform-json.js';

/**
 * One resource a line, so that a change shows as a line. What is in the files beside a module (user data, function bundles)
 * is left to the tests of those.
 */
function listing({ json }: Module): string {
  return Object.entries(json.resource)
    .flatMap(([type, byName]) =>
      Object.entries(byName).map(
        ([name, { '//': _, source_code_hash: __, ...args }]) =>
          `${type}.${name} ${JSON.stringify(args).replace(/(assets\/[\w-]+)\/[0-9a-fA-F]{32}\b/g, '$1')}`,
      ),
    )
    .sort()
    .join('\n');
}

describe.each(ENVIRONMENTS)('%s', (environment) => {
  test('is what it was', () => {
    for (const module of modulesOf(environment)) expect(listing(module)).toMatchSnapshot(module.name);
  });
});
