import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * @typedef {object} Prepared
 * @property {() => void} slice a fixed amount of the same work, some 5 to 10 ms of it
 * @property {number} operations in a slice
 *
 * @typedef {object} Workload
 * @property {string} question what a slower result would mean to who trades
 * @property {(engine: (module: string) => Promise<any>) => Promise<Prepared>} prepare with modules of the tree that is measured, by their path in `engine/dist`
 */

/** By name; the first ones are the hottest, which the short form runs. */
export const WORKLOADS = ['decode', 'book', 'kernel', 'risk', 'encode', 'journal', 'telemetry'];
export const HOTTEST = ['book', 'kernel'];

/**
 * A workload of this tree over the engine built in `tree`: what both sides do is the same to the letter, only the engine
 * differs.
 *
 * @returns {Promise<Prepared>}
 */
export async function prepare(name, tree) {
  const { workload } = await import(`./workloads/${name}.mjs`);
  return await workload.prepare((module) => import(pathToFileURL(join(tree, 'engine', 'dist', module)).href));
}
