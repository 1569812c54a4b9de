import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { buildRelease } from '../delivery/index.js';

/** `npm run release`: one archive that any Debian or Amazon Linux host can run; deployments build theirs by themselves. */
const program = new Command('release')
  .description('build an engine release as one .tar.gz, for a host that is not deployed from here')
  .option('--out <folder>', 'where to write it (default: infra/dist/releases)')
  .option('-c, --config <file>', "the engine's configuration to deliver with it")
  .action(({ out, config }: { out?: string; config?: string }) => {
    const release = buildRelease({
      ...(out === undefined ? {} : { out: resolve(out) }),
      ...(config === undefined ? {} : { engineConfig: readFileSync(config, 'utf8') }),
    });
    process.stdout.write(
      `version ${release.version}\narchive ${release.archive}\nsha256  ${release.sha256}\n`,
    );
  });

try {
  program.parse();
} catch (error) {
  process.stderr.write(`release: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
