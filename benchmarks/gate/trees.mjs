import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const HEAD_TREE = fileURLToPath(new URL('../..', import.meta.url));

/** What of a tree the engine is built from. */
const PARTS = ['engine', 'package.json', 'package-lock.json', '.npmrc', 'tsconfig.base.json'];

/** What makes the engine another one. */
const CHANGES_IT = ['engine/src', 'engine/package.json'];

export class TreeError extends Error {}

/**
 * @typedef {object} Tree
 * @property {string} path
 * @property {string} commit
 * @property {() => void} remove
 */

/** The commit a name stands for; throws a TreeError when there is none. */
export function commitOf(ref) {
  const { status, stdout } = spawnSync('git', ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`], {
    cwd: HEAD_TREE,
    encoding: 'utf8',
  });
  if (status !== 0)
    throw new TreeError(`--base ${ref} names no commit here (a shallow clone has only its last)`);
  return stdout.trim();
}

/**
 * What HEAD is compared with when nobody says: where its branch left main or, on main itself, the commit before the last
 * one that changed the engine. HEAD where history has none, and that is told: the gate then holds the engine against itself.
 */
export function usualBase(tell, cwd = HEAD_TREE) {
  const ask = (...args) => tryGit(cwd, args);
  for (const main of ['origin/main', 'main']) {
    const fork = ask('merge-base', 'HEAD', main);
    if (fork !== undefined && ask('diff', '--quiet', fork, 'HEAD', '--', ...CHANGES_IT) === undefined)
      return fork;
  }
  const last = ask('log', '-1', '--format=%H', '--', ...CHANGES_IT);
  const before = last && ask('rev-parse', '--verify', '--quiet', `${last}^1`);
  if (before) return before;
  tell(
    'WARNING: HELD AGAINST ITSELF ONLY: the history here (a shallow clone?) has no engine from before the last change, so no ' +
      'regression can be found. Fetch more of it, or name a --base',
  );
  return 'HEAD';
}

/** The commit checked out here, with `+` when files of the engine differ from it. */
export function headCommit() {
  const changed = git('status', '--porcelain', '--', 'engine', 'package-lock.json') !== '';
  return `${git('rev-parse', 'HEAD')}${changed ? '+' : ''}`;
}

/**
 * The engine of a commit, checked out and built in a folder of its own. Modules are this tree's where both lock the same
 * ones, else they are installed.
 *
 * @returns {Tree}
 */
export function buildTree(ref, tell) {
  const commit = commitOf(ref);
  const path = mkdtempSync(join(tmpdir(), 'tradewind-gate-'));
  const remove = () => rmSync(path, { recursive: true, force: true });
  try {
    const listed = git('ls-tree', '--name-only', commit).split('\n');
    const archive = execFileSync(
      'git',
      ['archive', commit, ...PARTS.filter((part) => listed.includes(part))],
      {
        cwd: HEAD_TREE,
        maxBuffer: 2 ** 30,
      },
    );
    execFileSync('tar', ['-x', '-C', path], { input: archive });
    if (sameModules(path)) linkModules(path);
    else {
      tell(`installing the modules of ${ref}, which locks other ones`);
      run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], path);
    }
    tell(`building ${ref} (${commit.slice(0, 10)})`);
    run(
      process.execPath,
      // Its types were checked when it was committed.
      [join(HEAD_TREE, 'node_modules/typescript/bin/tsc'), '-b', join(path, 'engine'), '--noCheck'],
      path,
    );
    return { path, commit, remove };
  } catch (error) {
    remove();
    throw error instanceof TreeError ? error : new TreeError(`could not build ${ref}: ${error.message}`);
  }
}

/** A copy of a built tree, to be changed. */
export function copyTree(from) {
  const path = mkdtempSync(join(tmpdir(), 'tradewind-gate-'));
  mkdirSync(join(path, 'engine'));
  cpSync(join(from, 'engine/dist'), join(path, 'engine/dist'), { recursive: true });
  cpSync(join(from, 'engine/package.json'), join(path, 'engine/package.json'));
  linkModules(path);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Each module of this tree by a link, but for the engine, which is `path`'s own. */
function linkModules(path) {
  const [from, to] = [join(HEAD_TREE, 'node_modules'), join(path, 'node_modules')];
  mkdirSync(join(to, '@tradewind'), { recursive: true });
  for (const name of readdirSync(from)) {
    if (name !== '@tradewind' && name !== '.tradewind-installed')
      symlinkSync(join(from, name), join(to, name));
  }
  symlinkSync('../../engine', join(to, '@tradewind/engine'));
}

/** Whether both trees lock the same packages for the engine, whatever else they lock. */
function sameModules(path) {
  return enginePackages(path) === enginePackages(HEAD_TREE);
}

/** Every package that the engine needs, and what those need, with their checksums. */
function enginePackages(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const found = new Map();
  const visit = (at) => {
    const { dependencies = {}, optionalDependencies = {} } = packages[at];
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const nested = `${at}/node_modules/${name}`;
      const place = nested in packages ? nested : `node_modules/${name}`;
      if (!(place in packages) || found.has(place)) continue;
      found.set(place, packages[place].integrity);
      visit(place);
    }
  };
  visit('engine');
  return JSON.stringify([...found].sort());
}

/** What git answers; undefined when it says no. */
function tryGit(cwd, args) {
  const { status, stdout } = spawnSync('git', args, { cwd, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

function git(...args) {
  return execFileSync('git', args, { cwd: HEAD_TREE, encoding: 'utf8' }).trim();
}

function run(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (error !== undefined) throw new TreeError(`${command}: ${error.message}`);
  if (status !== 0) throw new TreeError(`${command} ${args[0]} ended with ${status}:\n${stdout}${stderr}`);
}
