import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

const LIMIT_MS = 300_000;
/** By which a folder is known as one of these, and all that one has in it. */
const NAME = 'tradewind-pinned-packages';
const CONTENTS = ['node_modules', 'package.json', 'package-lock.json'];

/** The folder is somebody's who keeps other things in it. */
export class FolderError extends Error {}

/**
 * Packages that only a check or a benchmark wants and that are too big for the lock file: installed into a folder of their
 * own when they are first asked for, of exactly the versions given and without running what they bring along.
 *
 * @param {string} dir kept as it is when it already holds these versions; made anew when it holds others from here
 * @param {Record<string, string>} versions by package name
 * @param {NodeJS.ProcessEnv} [env] npm's
 * @returns {NodeJS.Require} loads from that folder
 * @throws {FolderError} when `dir` is neither new nor empty nor was made here; nothing in it is touched
 * @throws {Error} in npm's own words when they can not be had
 */
export function pinnedPackages(dir, versions, env = process.env) {
  if (!isInstalled(dir, versions)) {
    if (!isOurs(dir)) throw new FolderError(`${dir} is not empty, and was not made to hold pinned packages`);
    install(dir, versions, env);
  }
  return createRequire(join(dir, 'package.json'));
}

function isInstalled(dir, versions) {
  return Object.entries(versions).every(([name, version]) => {
    const manifest = join(dir, 'node_modules', name, 'package.json');
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === version;
  });
}

/** Whether it may be replaced. */
function isOurs(dir) {
  if (!existsSync(dir)) return true;
  if (!statSync(dir).isDirectory()) return false;
  const contents = readdirSync(dir);
  if (contents.length === 0) return true;
  if (!contents.includes('package.json') || !contents.every((name) => CONTENTS.includes(name))) return false;
  try {
    return JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')).name === NAME;
  } catch {
    return false;
  }
}

/** Beside its place first: what was interrupted is not taken for the whole. */
function install(dir, versions, env) {
  mkdirSync(dirname(dir), { recursive: true });
  const beside = mkdtempSync(join(dirname(dir), `${basename(dir)}-`));
  try {
    writeFileSync(
      join(beside, 'package.json'),
      JSON.stringify({ name: NAME, private: true, dependencies: versions }),
    );
    const quietly = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=1'];
    execFileSync('npm', ['install', ...quietly], {
      ...{ cwd: beside, env, encoding: 'utf8', timeout: LIMIT_MS },
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
