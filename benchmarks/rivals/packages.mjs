import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pinnedPackages } from '../../ci/pinned-packages.mjs';

/**
 * Too big for the lock file, so installed when first asked for. `orderbooks` is the book of price levels that is fed with a
 * venue's snapshots and deltas, by an author whose Binance client is widely used; `nodejs-order-book` matches single orders
 * and has nowhere to put a level.
 */
export const VERSIONS = { ccxt: '4.5.84', orderbooks: '1.1.14' };

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/tradewind-rivals', import.meta.url));

/**
 * @param {keyof typeof VERSIONS} name
 * @param {string} cache a folder that outlives the run
 * @returns {NodeJS.Require} loads the package
 * @throws {Error} when it is neither there nor to be had
 */
export function rivalPackage(name, cache = CACHE) {
  const version = VERSIONS[name];
  return pinnedPackages(join(cache, `${name}-${version}`), { [name]: version });
}
