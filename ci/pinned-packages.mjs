import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

const LIMIT_MS = 300_000;

/**
 * Packages that only a check or a benchmark wants and that are too big for the lock file: installed into a folder of their
 * own when they are first asked for, of exactly the versions given and without running what they bring along.
 *
 * @param {string} dir kept as it is when it already holds these versions
 * @param {Record<string, string>} versions by package name
 * @returns {NodeJS.Require} loads from that folder
 * @throws {Error} in npm's own words when they can not be had
 */
export function pinnedPackages(dir, versions) {
  if (!isInstalled(dir, versions)) install(dir, versions);
  return createRequire(join(dir, 'package.json'));
}

function isInstalled(dir, versions) {
  return Object.entries(versions).every(([name, version]) => {
    const manifest = join(dir, 'node_modules', name, 'package.json');
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === version;
  });
}

/** Beside its place first: what was interrupted is not taken for the whole. */
function install(dir, versions) {
  mkdirSync(dirname(dir), { recursive: true });
  const beside = mkdtempSync(join(dirname(dir), `${basename(dir)}-`));
  try {
    writeFileSync(join(beside, 'package.json'), JSON.stringify({ private: true, dependencies: versions }));
    const quietly = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=1'];
    execFileSync('npm', ['install', ...quietly], {
      ...{ cwd: beside, env: process.env, encoding: 'utf8', timeout: LIMIT_MS },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    rmSync(dir, { recursive: true, force: true });
    renameSync(beside, dir);
  } catch (error) {
    rmSync(beside, { recursive: true, force: true });
    throw new Error(`npm could not install it: ${reason(error)}`);
  }
}

function reason({ stderr, message }) {
  const lines = (stderr ?? '').split('\n').map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim());
  return (
    lines
      .filter((line) => line !== '')
      .slice(0, 2)
      .join(': ') || message
  );
}
