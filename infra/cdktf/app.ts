import { Command } from 'commander';
import { buildEnvironmentRelease } from '../delivery/index.js';
import {
  EnvironmentError,
  environmentFile,
  infraPath,
  loadEnvironment,
  planEnvironment,
} from '../model/index.js';
import { synthesizeTerraform } from './synthesize.js';

/** `node infra/dist/cdktf/app.js --environment paper-tokyo`: writes `cdktf.out/stacks/<environment>/cdk.tf.json`. */
function main(argv: readonly string[]): void {
  const program = new Command('cdktf')
    .description('make the Terraform form of one environment')
    .requiredOption('-e, --environment <name or file>', 'one that ships, or a file')
    .option('-o, --out <folder>', 'where to write', infraPath('cdktf.out'))
    .showHelpAfterError();
  program.parse([...argv]);
  const { environment, out } = program.opts<{ environment: string; out: string }>();
  const loaded = loadEnvironment(environmentFile(environment));
  const plan = planEnvironment(loaded.config);
  for (const name of synthesizeTerraform(plan, buildEnvironmentRelease(loaded), out)) {
    process.stdout.write(`${out}/stacks/${name}/cdk.tf.json\n`);
  }
}

process.env.CHECKPOINT_DISABLE = '1';
try {
  main(process.argv);
} catch (error) {
  if (!(error instanceof EnvironmentError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
