import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatFinding } from '../cdk/policy/index.js';
import { synthesizeCdk } from '../cdk/synthesize.js';
import { synthesizeTerraform } from '../cdktf/index.js';
import { buildEnvironmentRelease } from '../delivery/index.js';
import {
  consequences,
  EnvironmentError,
  formatConsequence,
  loadEnvironment,
  planEnvironment,
} from '../model/index.js';
import { writePictures } from '../pictures/index.js';

/** What a synthesis tells the process that asked for it. */
export interface SynthesisReport {
  readonly stacks: number;
  readonly resources: number;
  readonly roles: number;
  /** US dollars a month. */
  readonly monthly: number;
  /** The page to look at. */
  readonly page: string;
  readonly consequences: readonly string[];
  readonly findings: readonly string[];
  readonly seconds: { readonly cdk: number; readonly terraform: number; readonly pictures: number };
}

/** Makes one environment; run by `synth.ts` in a process of its own. Arguments: file, output folder, `--strict`. */
async function main([file, out, ...options]: readonly string[]): Promise<number> {
  if (file === undefined || out === undefined)
    throw new Error('give an environment file and an output folder');
  const loaded = loadEnvironment(file);
  const plan = planEnvironment(loaded.config);
  const folder = join(out, plan.config.name);
  rmSync(folder, { recursive: true, force: true });
  const release = buildEnvironmentRelease(loaded);

  const clock = stopwatch();
  const cdk = synthesizeCdk(plan, release, {
    out: join(folder, 'cdk'),
    strict: options.includes('--strict'),
  });
  const cdkSeconds = clock();
  synthesizeTerraform(plan, release, join(folder, 'terraform'));
  const terraformSeconds = clock();
  const pictures = await writePictures(plan, cdk.stacks, join(folder, 'pictures'));
  const report: SynthesisReport = {
    stacks: cdk.stacks.length,
    resources: pictures.resources,
    roles: pictures.roles,
    monthly: pictures.monthly,
    page: join(pictures.folder, 'index.html'),
    consequences: consequences(loaded.config, file).map(formatConsequence),
    findings: cdk.findings.map(formatFinding),
    seconds: { cdk: cdkSeconds, terraform: terraformSeconds, pictures: clock() },
  };
  await new Promise<void>((sent) => (process.send ? process.send(report, () => sent()) : sent()));
  return cdk.refused ? 1 : 0;
}

/** Seconds since it was last asked. */
function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const seconds = (now - last) / 1_000;
    last = now;
    return seconds;
  };
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof EnvironmentError ? error.message : (error as Error).stack}\n`);
  process.exitCode = 1;
}
process.disconnect?.();
