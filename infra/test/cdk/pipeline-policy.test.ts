import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { applyPolicy, type PolicyResult } from '../../cdk/policy/index.js';
import { PipelineStack } from '../../cdk/stacks/pipeline-stack.js';
import { infraPath, parseEnvironment, planEnvironment } from '../../model/index.js';

const FILE = infraPath('environments', 'prod-tokyo.yaml');

let folder: string;
let result: PolicyResult;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tradewind-pipeline-policy-'));
  const archive = join(folder, 'release.tar.gz');
  writeFileSync(archive, 'a release');
  const config = parseEnvironment(
    `${readFileSync(FILE, 'utf8')}
pipeline:
  connectionArn: arn:aws:codeconnections:ap-northeast-1:111122223333:connection/01234567-89ab-4cde-8f01-23456789abcd
  repository: your-org/tradewind
`,
    FILE,
  );
  const out = join(folder, 'cdk.out');
  const { context } = JSON.parse(readFileSync(infraPath('cdk', 'cdk.json'), 'utf8'));
  const app = new App({ outdir: out, context, analyticsReporting: false });
  new PipelineStack(app, {
    plan: planEnvironment(config),
    release: { version: '0.1.0-test', archive, sha256: '0'.repeat(64) },
    environmentFile: 'infra/environments/prod-tokyo.yaml',
  });
  const policy = applyPolicy(app, { strict: true });
  try {
    app.synth();
  } catch {
    // Refused: the findings say why.
  }
  result = policy.result(out);
}, 240_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the pipeline and the environment within it have no finding that is not acknowledged', () => {
  expect(result.findings).toEqual([]);
  expect(result.acknowledged.length).toBeGreaterThan(50);
});

test('every acknowledgment of the pipeline still matches a finding', () => {
  const matched = new Set(result.acknowledged.map(({ rule, acknowledgedAt }) => `${rule} ${acknowledgedAt}`));
  const idle = result.acknowledgments
    .filter(({ at }) => !at.includes('/Environment/Tradewind-'))
    .filter(({ rule, at }) => !matched.has(`${rule} ${at}`));
  expect(idle).toEqual([]);
});
