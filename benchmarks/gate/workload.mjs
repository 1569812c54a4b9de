import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * @typedef {object} Prepared
 * @property {() => void} slice a fixed amount of the same work, some 5 to 10 ms of it
 * @property {number} operations in a slice
 * @property {() => void} reset before each slice, and no part of what is measured
 *
 * @typedef {object} Workload
 * @property {string} question what a slower result would mean to who trades
 * @property {string} [uncountable] why its instructions differ from run to run
 * @property {(engine: (module: string) => Promise<any>, share: number) => Promise<Prepared>} prepare with modules of the tree that is measured, by their path in `engine/dist`, and slices of that share of the work
 */

/** By name; the first ones are the hottest, which the short form runs. */
export const WORKLOADS = ['decode', 'book', 'kernel', 'risk', 'encode', 'journal', 'telemetry'];
export const HOTTEST = ['book', 'kernel', 'journal'];

/** Why the instructions of a workload can not be compared; undefined when they can. */
export async function whyUncountable(name) {
  return (await import(`./workloads/${name}.mjs`)).workload.uncountable;
}

/**
 * A workload of this tree over the engine built in `tree`: what both sides do is the same to the letter, only the engine
 * differs.
 *
 * @returns {Promise<Prepared>}
 */
export async function prepare(name, tree, share = 1) {
  const { workload } = await import(`./workloads/${name}.mjs`);
  const engine = (module) => import(pathToFileURL(join(tree, 'engine', 'dist', module)).href);
  const { reset = () => {}, ...prepared } = await workload.prepare(engine, share);
  return { reset, ...prepared };
}
