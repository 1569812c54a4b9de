import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cleanTemplate } from './clean-template.js';
import type { Json } from './mutations/mutation.js';
import { findingsOf } from './run-rules.js';
import type { Template } from './template.js';

/** What a property may turn out to be: absent, known only at deployment, or of another kind than expected. */
const ODD: readonly Json[] = [
  undefined,
  { Ref: 'AWS::NoValue' },
  { 'Fn::GetStackOutput': { StackName: 'other', OutputName: 'value' } },
  'text',
  17,
  true,
  [],
  {},
  [{ Ref: 'Key' }],
];

/** Every place in the properties of a template, as keys from the resource on. */
function places(value: Json, path: readonly string[] = []): string[][] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries<Json>(value).flatMap(([key, inner]) => [
    [...path, key],
    ...places(inner, [...path, key]),
  ]);
}

function put(template: Template, [resource, ...path]: readonly string[], value: Json): void {
  let target: Json = template.Resources[resource as string]?.Properties;
  for (const key of path.slice(0, -1)) target = target?.[key];
  const last = path.at(-1);
  if (target === null || typeof target !== 'object' || last === undefined) return;
  if (value === undefined) delete target[last];
  else target[last] = structuredClone(value);
}

const PLACES = Object.entries(cleanTemplate().Resources).flatMap(([logicalId, { Properties }]) =>
  places(Properties).map((path) => [logicalId, ...path]),
);

describe('the rules', () => {
  test('are evaluated whatever a template holds: a rule that fails would take all others with it', () => {
    const edits = fc.array(fc.tuple(fc.constantFrom(...PLACES), fc.constantFrom(...ODD)), {
      minLength: 5,
      maxLength: 60,
    });
    fc.assert(
      fc.property(edits, (made) => {
        const template = cleanTemplate();
        for (const [place, value] of made) put(template, place, value);
        expect(() => findingsOf(template)).not.toThrow();
      }),
      { numRuns: 60 },
    );
  }, 180_000);
});
