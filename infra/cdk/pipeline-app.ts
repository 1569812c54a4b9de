import { relative } from 'node:path';
import { App } from 'aws-cdk-lib';
import { buildEnvironmentRelease } from '../delivery/index.js';
import {
  EnvironmentError,
  environmentFile,
  loadEnvironment,
  planEnvironment,
  repositoryPath,
} from '../model/index.js';
import { applyPolicy } from './policy/index.js';
import { PipelineStack } from './stacks/pipeline-stack.js';

/**
 * The pipeline of one environment, an app of its own because a pipeline that changes itself must not be one of the stacks it
 * deploys: `npm run cdk -- deploy --app 'node ../../ci/bootstrap.mjs run infra/dist/cdk/pipeline-app.js' -c environment=...`.
 */
function main(): void {
  const app = new App();
  const choice: unknown = app.node.tryGetContext('environment');
  if (typeof choice !== 'string') {
    throw new EnvironmentError('pipeline', [
      { path: '$', message: 'no environment is chosen', fix: 'give -c environment=<name or file>' },
    ]);
  }
  const loaded = loadEnvironment(environmentFile(choice));
  if (!loaded.config.pipeline) {
    throw new EnvironmentError(loaded.file, [
      { path: 'pipeline', message: 'is missing', fix: 'add the section, or deploy without a pipeline' },
    ]);
  }
  new PipelineStack(app, {
    plan: planEnvironment(loaded.config),
    release: buildEnvironmentRelease(loaded),
    environmentFile: relative(repositoryPath(), loaded.file),
  });
  // The same policy as for the environment alone, and as strict: nothing after this looks at what is deployed.
  applyPolicy(app, { strict: true });
  app.synth();
}

try {
  main();
} catch (error) {
  if (!(error instanceof EnvironmentError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
