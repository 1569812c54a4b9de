import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { BENCHMARK_GATE, cliVersion } from '../../cdk/constructs/pipeline-steps.js';
import { PipelineStack } from '../../cdk/stacks/pipeline-stack.js';
import { infraPath, parseEnvironment, planEnvironment, repositoryPath } from '../../model/index.js';
import { comparable } from '../support/stack-snapshot.js';
import { testApp } from '../support/test-app.js';

const FILE = infraPath('environments', 'prod-tokyo.yaml');
const PIPELINE = `
pipeline:
  connectionArn: arn:aws:codeconnections:ap-northeast-1:111122223333:connection/01234567-89ab-4cde-8f01-23456789abcd
  repository: your-org/tradewind
`;

let folder: string;
let template: Template;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tradewind-pipeline-'));
  template = synthesize(PIPELINE);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function synthesize(section: string): Template {
  const config = parseEnvironment(readFileSync(FILE, 'utf8') + section, FILE);
  const archive = join(folder, 'release.tar.gz');
  writeFileSync(archive, 'a release');
  const stack = new PipelineStack(testApp(), {
    plan: planEnvironment(config),
    release: { version: '0.1.0-test', archive, sha256: '0'.repeat(64) },
    environmentFile: 'infra/environments/prod-tokyo.yaml',
  });
  return Template.fromStack(stack);
}

interface PipelineStage {
  readonly Name: string;
  readonly Actions: readonly { readonly Name: string; readonly RunOrder: number }[];
}

function stages(from: Template): readonly PipelineStage[] {
  const [pipeline] = Object.values(from.findResources('AWS::CodePipeline::Pipeline'));
  return pipeline!.Properties.Stages;
}

function buildCommands(from: Template): string[] {
  return Object.values(from.findResources('AWS::CodeBuild::Project')).map(({ Properties }) =>
    JSON.stringify(Properties.Source.BuildSpec),
  );
}

test('the pipeline of prod-tokyo is as recorded', () => {
  expect(comparable(template.toJSON())).toMatchSnapshot();
});

test('comes from the connection that was named, and changes itself before it deploys', () => {
  template.hasResourceProperties('AWS::CodePipeline::Pipeline', {
    PipelineType: 'V2',
    Stages: Match.arrayWith([
      Match.objectLike({
        Name: 'Source',
        Actions: [
          Match.objectLike({
            Configuration: Match.objectLike({
              ConnectionArn: Match.stringLikeRegexp('^arn:aws:codeconnections'),
              FullRepositoryId: 'your-org/tradewind',
              BranchName: 'main',
            }),
          }),
        ],
      }),
    ]),
  });
  const names = stages(template).map(({ Name }) => Name);
  expect(names.indexOf('UpdatePipeline')).toBeGreaterThan(names.indexOf('Build'));
  expect(names.indexOf('UpdatePipeline')).toBeLessThan(names.indexOf('Environment'));
});

test('a commit must pass lint, types, tests, the checked file and the replacement gate before anything is deployed', () => {
  const synth = buildCommands(template).find((commands) => commands.includes('pipeline-app.js'))!;
  const scripts = JSON.parse(readFileSync(repositoryPath('package.json'), 'utf8')).scripts;
  const order = ['lint', 'typecheck', 'test', 'env:check', 'gate', 'cdk'].map((name) => {
    expect(scripts).toHaveProperty(name);
    return synth.indexOf(name === 'test' ? 'npm test' : `npm run ${name}`);
  });
  expect(order).not.toContain(-1);
  expect([...order].sort((a, b) => a - b)).toEqual(order);
});

test('the benchmark gate, then a person, come before the first stack', () => {
  const { Actions } = stages(template).find(({ Name }) => Name === 'Environment')!;
  const at = (name: string) => Actions.find(({ Name }) => Name === name)!.RunOrder;
  const stacks = Actions.filter(({ Name }) => /Prepare|Deploy/.test(Name)).map(({ RunOrder }) => RunOrder);
  expect(stacks.length).toBeGreaterThan(10);
  expect(at('BenchmarkGate')).toBeLessThan(at('Approve'));
  expect(at('Approve')).toBeLessThan(Math.min(...stacks));
  expect(buildCommands(template).filter((commands) => commands.includes(BENCHMARK_GATE))).toHaveLength(1);
});

test('without approval the gate stands alone', () => {
  const { Actions } = stages(synthesize(`${PIPELINE}  approval: false\n`)).find(
    ({ Name }) => Name === 'Environment',
  )!;
  expect(Actions.map(({ Name }) => Name)).not.toContain('Approve');
  expect(Actions.map(({ Name }) => Name)).toContain('BenchmarkGate');
}, 60_000);

test('installs the exact command line of the workspace', () => {
  expect(cliVersion()).toMatch(/^\d+\.\d+\.\d+$/);
  expect(buildCommands(template).some((commands) => commands.includes(`aws-cdk@${cliVersion()}`))).toBe(true);
});

test('says what is missing when an environment has no pipeline', () => {
  expect(() => synthesize('')).toThrow('prod-tokyo: has no pipeline; add the section pipeline to its file');
});
