import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { buildEnvironment } from '../../cdk/build-environment.js';
import { has } from '../host/support/tools.js';
import { ENVIRONMENTS, shippedPlan, testApp } from '../support/test-app.js';
import { release } from '../support/trading-refs.js';
import { cfnLint, KNOWN, type LintFinding } from './cfn-lint.js';

const run = has('cfn-lint') ? test : test.skip;

describe('cfn-lint over every template', () => {
  run(
    'finds nothing it is not known to be wrong about (needs cfn-lint)',
    () => {
      const findings = cfnLint(ENVIRONMENTS.flatMap(templatesOf));
      const unknown = findings.filter((finding) => !KNOWN.some((known) => isKnown(known, finding)));
      expect(unknown).toEqual([]);
      const unneeded = KNOWN.filter((known) => !findings.some((finding) => isKnown(known, finding)));
      expect(unneeded).toEqual([]);
    },
    240_000,
  );
});

function isKnown({ rule, says }: (typeof KNOWN)[number], finding: LintFinding): boolean {
  return finding.rule === rule && says.test(finding.message);
}

/** Files of all templates of an environment and its second Region. */
function templatesOf(name: (typeof ENVIRONMENTS)[number]): string[] {
  const app = testApp();
  buildEnvironment(app, shippedPlan(name), release());
  const { directory } = app.synth();
  return readdirSync(directory)
    .filter((file) => file.endsWith('.template.json'))
    .map((file) => join(directory, file));
}
