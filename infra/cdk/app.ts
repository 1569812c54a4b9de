import { App } from 'aws-cdk-lib';
import { buildEnvironmentRelease } from '../delivery/index.js';
import {
  EnvironmentError,
  environmentFile,
  loadEnvironment,
  planEnvironment,
  shippedEnvironments,
} from '../model/index.js';
import { buildEnvironment } from './build-environment.js';
import { applyPolicy } from './policy/index.js';

/**
 * What cdk.json runs. `-c environment=<name or file>` chooses one environment; without a choice every environment that
 * ships is in the app. Errors of the policy are refused here, warnings by `cdk synth --strict`.
 */
function main(): void {
  const app = new App();
  const choice: unknown = app.node.tryGetContext('environment');
  const files = typeof choice === 'string' ? [environmentFile(choice)] : shippedEnvironments();
  for (const file of files) {
    const loaded = loadEnvironment(file);
    buildEnvironment(app, planEnvironment(loaded.config), buildEnvironmentRelease(loaded));
  }
  applyPolicy(app, { strict: false });
  app.synth();
}

try {
  main();
} catch (error) {
  if (!(error instanceof EnvironmentError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
