import { spawnSync } from 'node:child_process';
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The machine, as far as it matters to who compares figures; `load` is the average of the last minute. */
export function machine() {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    kernel: `${platform()} ${release()} ${arch()}`,
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    load: Math.round(loadavg()[0] * 100) / 100,
  };
}

/** What is measured; `hash` is null where there is no repository. */
export function commit() {
  const hash = git('rev-parse', 'HEAD');
  return { hash, dirty: hash !== null && git('status', '--porcelain', '--untracked-files=no') !== '' };
}

function git(...args) {
  const { status, stdout } = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}
