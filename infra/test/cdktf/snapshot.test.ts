import { describe, expect, test } from '@jest/globals';
import { ENVIRONMENTS } from '../support/test-app.js';
import { type Module, modulesOf } from './terraform-json.js';

/** One resource a line, so that a change shows as a line. User data has tests of its own, with `infra/delivery`. */
function listing({ json }: Module): string {
  return Object.entries(json.resource)
    .flatMap(([type, byName]) =>
      Object.entries(byName).map(([name, { '//': _, ...args }]) => {
        const shown = args.user_data === undefined ? args : { ...args, user_data: 'cloud-init' };
        return `${type}.${name} ${JSON.stringify(shown)}`;
      }),
    )
    .sort()
    .join('\n');
}

describe.each(ENVIRONMENTS)('%s', (environment) => {
  test('is what it was', () => {
    for (const module of modulesOf(environment)) expect(listing(module)).toMatchSnapshot(module.name);
  });
});
