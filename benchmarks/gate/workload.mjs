import { existsSync } from 'node:fs';
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

/** By name. */
export const WORKLOADS = ['decode', 'book', 'kernel', 'risk', 'encode', 'journal', 'telemetry'];
/** What the short form runs; `kernel`, hot as it is, has no count of instructions. */
export const HOTTEST = ['book', 'journal'];

/** An engine from before a workload was asked for: it lacks a module or an export. */
export class MissingError extends Error {}

/** Why the instructions of a workload can not be compared; undefined when they can. */
export async function whyUncountable(name) {
  return (await import(`./workloads/${name}.mjs`)).workload.uncountable;
}

/**
 * A workload of this tree over the engine built in `tree`: what both sides do is the same to the letter, only the engine
 * differs.
 *
 * @returns {Promise<Prepared>}
 * @throws {MissingError} where that engine lacks what the workload asks it for
 */
export async function prepare(name, tree, share = 1) {
  const { workload } = await import(`./workloads/${name}.mjs`);
  const engine = (module) => exportsOf(join(tree, 'engine', 'dist', module), module);
  const { reset = () => {}, ...prepared } = await workload.prepare(engine, share);
  return { reset, ...prepared };
}

/** Why the engine of a tree can not be asked for a workload; undefined when it can. Throws what else is wrong with it. */
export async function whyMissing(name, tree) {
  try {
    await prepare(name, tree);
    return undefined;
  } catch (error) {
    if (error instanceof MissingError) return error.message;
    throw error;
  }
}

/** A module whose exports are there or an error, never undefined. */
async function exportsOf(path, module) {
  if (!existsSync(path)) throw new MissingError(`no module ${module}`);
  return new Proxy(await import(pathToFileURL(path).href), {
    get(exported, name) {
      // An async function looks for `then` in what it returns.
      if (name !== 'then' && !(name in exported)) throw new MissingError(`${module} does not export ${name}`);
      return exported[name];
    },
  });
}
