import { readFileSync } from 'node:fs';
import { beforeAll, describe, test } from '@jest/globals';
import { buildEnvironment } from '../../cdk/build-environment.js';
import { shippedPlan, testApp } from '../support/test-app.js';
import { release } from '../support/trading-refs.js';
import { MUTATIONS, type Mutation } from './mutations/index.js';
import { compileFor, findingsOf, refuses, type TemplateFinding } from './run-rules.js';
import type { Resource, Template } from './template.js';

const REGION = 'us-east-1';

describe('the same mistakes in the real templates of prod-virginia', () => {
  let templates: Template[] = [];
  const clean = new Map<Template, readonly TemplateFinding[]>();

  beforeAll(() => {
    const app = testApp();
    buildEnvironment(app, shippedPlan('prod-virginia'), release());
    templates = app
      .synth()
      .stacksRecursively.map((stack) => JSON.parse(readFileSync(stack.templateFullPath, 'utf8')));
    compileFor(templates, REGION);
  }, 120_000);

  /** The smallest template whose first resource of the type is without the mistake: fewer resources to evaluate. */
  function templateFor(mutation: Mutation): Template | undefined {
    return templates
      .filter((template) => firstOf(mutation.type, template) !== undefined)
      .sort((a, b) => Object.keys(a.Resources).length - Object.keys(b.Resources).length)
      .find((template) => {
        const logicalId = firstOf(mutation.type, template);
        return !findingsIn(template).some((one) => one.resource === logicalId && refuses(mutation, one));
      });
  }

  function findingsIn(template: Template): readonly TemplateFinding[] {
    const known = clean.get(template) ?? findingsOf(template, REGION);
    clean.set(template, known);
    return known;
  }

  test.each(MUTATIONS)('$rule refuses $mistake', (mutation) => {
    const original = templateFor(mutation);
    if (!original) throw new Error(`no template of prod-virginia has a ${mutation.type} without the mistake`);
    const template = structuredClone(original);
    const logicalId = firstOf(mutation.type, template) as string;
    mutation.make(template.Resources[logicalId] as Resource, template, logicalId);
    const findings = findingsOf(template, REGION);
    const refusals = (all: readonly TemplateFinding[]) => all.filter((one) => refuses(mutation, one)).length;
    if (refusals(findings) <= refusals(findingsIn(original))) {
      throw new Error(`not refused; found ${JSON.stringify(findings, null, 2)}`);
    }
  });
});

function firstOf(type: string, { Resources }: Template): string | undefined {
  return Object.keys(Resources).find((logicalId) => Resources[logicalId]?.Type === type);
}
