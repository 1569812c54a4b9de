import { readFileSync } from 'node:fs';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import { CodeBuildStep, type IFileSetProducer } from 'aws-cdk-lib/pipelines';
import { infraPath } from '../../model/index.js';

/** What ends a pipeline when the engine got slower: exits other than 0. */
export const BENCHMARK_GATE = 'npm run bench';

/** Exact version of the CDK command line: the newest one a registry names is not always one that fits the library. */
export function cliVersion(): string {
  const { devDependencies } = JSON.parse(readFileSync(infraPath('package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  return devDependencies['aws-cdk'] as string;
}

/** The long-term Node release hosts run. */
export const BUILD_SPEC = codebuild.BuildSpec.fromObject({
  version: '0.2',
  phases: { install: { 'runtime-versions': { nodejs: '22' } } },
});

/** Everything that must hold of a commit, and the assembly to deploy. `environment` is the file, from the repository's root. */
export function synthStep(source: IFileSetProducer, environment: string): CodeBuildStep {
  return new CodeBuildStep('Synth', {
    input: source,
    commands: [
      'npm ci --no-audit --no-fund',
      'npm run lint',
      'npm run typecheck',
      'npm test',
      `npm run env:check -- ${environment}`,
      'npm run gate',
      `npm run cdk -- synth --quiet --strict --app 'node ../../ci/bootstrap.mjs run infra/dist/cdk/pipeline-app.js' --context environment=../../${environment}`,
    ],
    primaryOutputDirectory: 'infra/cdk/cdk.out',
    partialBuildSpec: BUILD_SPEC,
  });
}

/** Alone on a machine of its own, for figures taken beside a build say nothing. */
export function benchmarkStep(source: IFileSetProducer): CodeBuildStep {
  return new CodeBuildStep('BenchmarkGate', {
    input: source,
    commands: ['npm ci --no-audit --no-fund', BENCHMARK_GATE],
    buildEnvironment: { computeType: codebuild.ComputeType.LARGE },
    partialBuildSpec: BUILD_SPEC,
  });
}
