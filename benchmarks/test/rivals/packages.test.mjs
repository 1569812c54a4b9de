import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pinnedPackages } from '../../../ci/pinned-packages.mjs';
import { rivalPackage, VERSIONS } from '../../rivals/packages.mjs';

/** Nobody listens there, and what npm itself has kept is out of sight. */
const UNREACHABLE = { npm_config_registry: 'http://127.0.0.1:1/', npm_config_fetch_retry_mintimeout: '1' };

let folder;
let before;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rivals-'));
  before = { ...process.env };
  Object.assign(process.env, UNREACHABLE, { npm_config_cache: join(folder, 'npm') });
});
afterEach(() => {
  process.env = before;
  rmSync(folder, { recursive: true, force: true });
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
    expect(() => pinnedPackages(dir, { orderbooks: '0.0.2' })).toThrow(
      /npm could not install it: .*ECONNREFUSED/,
    );
    expect(readdirSync(folder).filter((name) => name.startsWith('kept'))).toEqual(['kept']);
    expect(existsSync(join(dir, 'node_modules', 'orderbooks', 'index.js'))).toBe(true);
  });
});
