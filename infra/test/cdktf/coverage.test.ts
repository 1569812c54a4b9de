import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildEnvironment } from '../../cdk/build-environment.js';
import { COVERAGE, coverageTable } from '../../cdktf/coverage.js';
import { infraPath } from '../../model/index.js';
import { ENVIRONMENTS, shippedPlan, testApp } from '../support/test-app.js';
import { fakeRelease, modulesOf } from './terraform-json.js';

const folder = mkdtempSync(join(tmpdir(), 'tradewind-coverage-'));
const kinds = new Set<string>();
const types = new Set<string>();

beforeAll(() => {
  for (const environment of ENVIRONMENTS) {
    const app = testApp();
    buildEnvironment(app, shippedPlan(environment), fakeRelease(folder));
    for (const { template } of app.synth().stacksRecursively) {
      const resources = (template as { Resources?: Record<string, { Type: string }> }).Resources ?? {};
      for (const { Type } of Object.values(resources)) kinds.add(Type);
    }
    for (const { json } of modulesOf(environment)) {
      for (const type of Object.keys(json.resource)) types.add(type);
    }
  }
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('every kind of resource of the CDK form has its place in the coverage, and no other', () => {
  expect([...kinds].sort()).toEqual(Object.keys(COVERAGE).sort());
});

test('what is said to be in the Terraform form is in it, and everything in it is said', () => {
  const said = new Set(Object.values(COVERAGE).flatMap((one) => ('as' in one ? one.as : [])));
  expect([...types].sort()).toEqual([...said].sort());
});

test('the README has the table', () => {
  expect(readFileSync(infraPath('cdktf', 'README.md'), 'utf8')).toContain(coverageTable());
});
