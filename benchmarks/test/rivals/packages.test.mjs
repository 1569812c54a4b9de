import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FolderError, pinnedPackages } from '../../../ci/pinned-packages.mjs';
import { rivalPackage, VERSIONS } from '../../rivals/packages.mjs';

const CLIENTS = fileURLToPath(new URL('../../../ci/third-party-clients.mjs', import.meta.url));

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rivals-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** npm's, with a registry where nobody listens, that no proxy is asked for, and without what npm itself has kept. */
const unreachable = () => ({
  ...process.env,
  npm_config_registry: 'http://127.0.0.1:1/',
  npm_config_noproxy: '127.0.0.1',
  npm_config_fetch_retry_mintimeout: '1',
  npm_config_cache: join(folder, 'npm'),
});

function installed(dir, name, version) {
  const inside = join(dir, 'node_modules', name);
  mkdirSync(inside, { recursive: true });
  writeFileSync(join(inside, 'package.json'), JSON.stringify({ name, version, main: 'index.js' }));
  writeFileSync(join(inside, 'index.js'), `module.exports = '${name} ${version}';`);
}

describe('a package that is not in the lock file', () => {
  it('is used as it is when it is there, in that version', () => {
    const dir = join(folder, `orderbooks-${VERSIONS.orderbooks}`);
    installed(dir, 'orderbooks', VERSIONS.orderbooks);
    expect(rivalPackage('orderbooks', folder)('orderbooks')).toBe(`orderbooks ${VERSIONS.orderbooks}`);
  });

  it('is refused in npm’s words when it can not be had, and leaves what was there as it was', () => {
    const dir = join(folder, 'kept');
    installed(dir, 'orderbooks', '0.0.1');
    writeFileSync(join(dir, 'package.json'), JSON.stringify({ name: 'tradewind-pinned-packages' }));
    expect(() => pinnedPackages(dir, { orderbooks: '0.0.2' }, unreachable())).toThrow(
      /npm could not install it: .*ECONNREFUSED/,
    );
    expect(readdirSync(folder).filter((name) => name.startsWith('kept'))).toEqual(['kept']);
    expect(existsSync(join(dir, 'node_modules', 'orderbooks', 'index.js'))).toBe(true);
  });

  it.each([
    ['something else', { 'thesis.txt': 'all of it' }],
    ['somebody’s package', { 'package.json': '{"name":"shop"}' }],
    ['a broken manifest', { 'package.json': '{' }],
    [
      'more beside such packages',
      { 'package.json': '{"name":"tradewind-pinned-packages"}', 'notes.txt': '' },
    ],
  ])('is not put into a folder with %s', (_name, files) => {
    const dir = join(folder, 'somebody');
    mkdirSync(dir);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
    expect(() => pinnedPackages(dir, { orderbooks: '0.0.2' }, unreachable())).toThrow(FolderError);
    expect(readdirSync(dir)).toEqual(Object.keys(files).sort());
  });

  it('is not put into the place of a file', () => {
    const file = join(folder, 'file');
    writeFileSync(file, 'text');
    expect(() => pinnedPackages(file, { orderbooks: '0.0.2' }, unreachable())).toThrow(FolderError);
    expect(existsSync(file)).toBe(true);
  });
});

it('the clients of other makers name the option that says where they may not go', () => {
  writeFileSync(join(folder, 'thesis.txt'), 'all of it');
  const { status, stderr } = spawnSync(process.execPath, [CLIENTS, '--dir', folder], {
    ...{ env: unreachable(), encoding: 'utf8' },
  });
  expect(stderr).toBe(`--dir ${folder}: ${folder} is not empty, and was not made to hold pinned packages\n`);
  expect(status).toBe(2);
  expect(readdirSync(folder)).toEqual(['thesis.txt']);
});
